"""LiteVL with two blocks at 256x256 for OpenVINO: see bench-litevl.

    bench-litevl.py export FILE.onnx        random weights; needs torch
    bench-litevl.py quantise FILE.onnx      FILE.{convolutions,transformers}.xml by nncf, FILE.static.onnx by onnxruntime
    bench-litevl.py run FILE FRAMES     a line ms=<number> for each frame on one thread
"""
import sys
import time

SIDE, WIDTH, HEADS, LAYERS = 256, 128, 2, 2


def export(path):
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    class Same(nn.Module):
        """A convolution with its norm folded into the bias; `with_odd_padding` corrects the padding later."""

        def __init__(self, inputs, outputs, kernel, stride=1, groups=1):
            super().__init__()
            self.convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups)

        def forward(self, x):
            return self.convolution(x)

    class Block(nn.Module):
        def __init__(self, inputs, outputs, kernel, stride, expansion):
            super().__init__()
            middle = inputs * expansion
            self.expand = Same(inputs, middle, 1) if expansion > 1 else None
            self.depthwise = Same(middle, middle, kernel, stride, groups=middle)
            self.project = Same(middle, outputs, 1)
            self.adds = stride == 1 and inputs == outputs

        def forward(self, x):
            y = F.relu6(self.expand(x)) if self.expand is not None else x
            y = self.project(F.relu6(self.depthwise(y)))
            return x + y if self.adds else y

    class Transformer(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
            self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

        def forward(self, x):
            tokens = x.shape[1]
            qkv = self.qkv(self.norm1(x)).reshape(1, tokens, 3, HEADS, WIDTH // HEADS)
            q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
            weights = torch.softmax(q @ k.transpose(-2, -1) * (WIDTH // HEADS) ** -0.5, -1)
            x = x + self.out((weights @ v).transpose(1, 2).reshape(1, tokens, WIDTH))
            hidden = self.up(self.norm2(x))
            return x + self.down(hidden * torch.sigmoid(1.702 * hidden))

    class LiteVL(nn.Module):
        """As Sources/AnomalyModels/Networks/LiteVL.swift has it."""

        def __init__(self):
            super().__init__()
            self.stem = Same(3, 32, 3, 2)
            stages = [(3, 1, 1, 16, 1), (3, 6, 2, 24, 2), (5, 6, 2, 40, 2), (3, 6, 2, 80, 3), (5, 6, 1, 112, 3),
                      (5, 6, 2, 192, 4), (3, 6, 1, 320, 1)]
            blocks, inputs = [], 32
            for kernel, expansion, stride, outputs, repeats in stages:
                for repeat in range(repeats):
                    blocks.append(Block(inputs, outputs, kernel, stride if repeat == 0 else 1, expansion))
                    inputs = outputs
            self.blocks = nn.ModuleList(blocks)
            self.fine = nn.Conv2d(40, WIDTH, 2, 2)
            self.middle, self.coarse = nn.Conv2d(112, WIDTH, 1), nn.Conv2d(192, WIDTH, 1)
            self.tokens = nn.ModuleList([nn.Linear(channels, WIDTH) for channels in (40, 112, 192)])
            self.head, self.names = Same(320, 1280, 1), nn.Linear(1280, 384, bias=False)
            self.positions = nn.Parameter(torch.randn(1, 257, WIDTH) * 0.02)
            self.before, self.after = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.layers = nn.ModuleList([Transformer() for _ in range(LAYERS)])
            self.projection = nn.Linear(WIDTH, 384, bias=False)

        def forward(self, x):
            x, maps = F.relu6(self.stem(x)), {}
            for index, block in enumerate(self.blocks):
                x = block(x)
                if index in (4, 10, 14):
                    maps[index] = x
            doubled = F.interpolate(self.coarse(maps[14]), scale_factor=2, mode="bilinear", align_corners=False)
            tokens = self.fine(maps[4]) + (self.middle(maps[10]) + doubled)
            tokens = tokens.flatten(2).transpose(1, 2)
            first = sum(token(maps[index].mean((2, 3))) for token, index in zip(self.tokens, (4, 10, 14)))
            y = torch.cat([first[:, None], tokens], 1) + self.positions
            y = self.before(y)
            for layer in self.layers:
                y = layer(y)
            names = self.names(F.relu6(self.head(x)).mean((2, 3)))
            return self.projection(self.after(y[:, 0])) + names

    torch.manual_seed(1)
    model = LiteVL().eval()
    torch.onnx.export(model, torch.zeros(1, 3, SIDE, SIDE), path, input_names=["x"], output_names=["y"],
                      opset_version=14)


def pictures(count):
    import numpy as np

    for seed in range(count):
        random = np.random.default_rng(seed)
        coarse = random.standard_normal((3, SIDE // 16, SIDE // 16)).repeat(16, 1).repeat(16, 2)
        picture = coarse + 0.5 * random.standard_normal((3, SIDE, SIDE))
        yield np.clip(picture / 2, -1, 1).astype(np.float32)[None]


def with_odd_padding(path):
    """The file with TensorFlow's padding at stride 2, whose odd pixel goes right and below.

    It stands in the convolutions themselves: a node of its own would keep them from int8.
    """
    import onnx

    model = onnx.load(path)
    for node in model.graph.node:
        values = {attribute.name: list(attribute.ints) for attribute in node.attribute}
        if node.op_type == "Conv" and values["strides"] == [2, 2] and values["kernel_shape"][0] % 2:
            before = (values["kernel_shape"][0] - 2) // 2
            for attribute in node.attribute:
                if attribute.name == "pads":
                    attribute.ints[:] = [before, before, before + 1, before + 1]
    onnx.save(model, path)


def quantise(path):
    import nncf
    import openvino as ov

    with_odd_padding(path)
    for kind, model_type in [("convolutions", None), ("transformers", nncf.ModelType.TRANSFORMER)]:
        model = nncf.quantize(ov.Core().read_model(path), nncf.Dataset(list(pictures(8))), subset_size=8,
                              model_type=model_type, preset=nncf.QuantizationPreset.MIXED)
        ov.save_model(model, path.replace(".onnx", f".{kind}.xml"), compress_to_fp16=False)
    static(path)


def static(path):
    """ONNX Runtime's static quantisation, which keeps more of the depthwise convolutions in int8."""
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        pending = iter([{"x": x} for x in pictures(8)])

        def get_next(self):
            return next(self.pending, None)

    prepared = path.replace(".onnx", ".prepared.onnx")
    quant_pre_process(path, prepared, skip_symbolic_shape=True)
    quantize_static(prepared, path.replace(".onnx", ".static.onnx"), Reader(), quant_format=QuantFormat.QDQ,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, per_channel=True)


def run(path, frames):
    import openvino as ov

    settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "ENABLE_CPU_PINNING": False,
                "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    request = ov.Core().compile_model(path, "CPU", settings).create_infer_request()
    request.set_input_tensor(ov.Tensor(next(pictures(1))))
    for index in range(frames + frames // 10):
        start = time.perf_counter()
        request.infer()
        end = time.perf_counter()
        if index >= frames // 10:
            print(f"ms={(end - start) * 1e3:.4f}")


if sys.argv[1] == "run":
    run(sys.argv[2], int(sys.argv[3]))
else:
    {"export": export, "quantise": quantise}[sys.argv[1]](sys.argv[2])
