"""Golden vectors of a small CLIP with random weights, by PyTorch.

    python3 clip.py

Writes beside itself:
  clip_openai.safetensors     the checkpoint under OpenAI's names and layout, float16, all tensors
  clip_{openai,openclip,openclip_text,transformers}.txt
                              names and shapes of the same network in each published layout, sorted by name:
                              `name dimension dimension ...`, nothing after the name of a scalar
  clip_quickgelu.safetensors  golden vectors with x * sigmoid(1.702 x); clip_gelu.safetensors with the erf form
Golden tensors, float32: `image` uint8 [32, 32, 3]; `vision.tokens` [17, 128] after the convolution, the class
row, the positions and ln_pre; `vision.block{i}` [17, 128]; `vision.embedding` [96], not normalised;
`text.ids` int32 [77]; `text.tokens`, `text.block{i}` [T, 64], rows up to and with the end token only;
`text.embedding` [96]. The network was computed in full over all 77 rows.
"""
import math
import os

import torch
import torch.nn.functional as F

import tensorfile

PATCH, GRID, VISION, VISION_LAYERS = 8, 4, 128, 2
VOCABULARY, CONTEXT, TEXT, TEXT_LAYERS = 600, 77, 64, 3
JOINT = 96
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073])
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711])


def blocks(prefix, width, layers):
    """The tensors of a transformer: name -> (shape, kind)."""
    for index in range(layers):
        block = f"{prefix}transformer.resblocks.{index}."
        yield block + "attn.in_proj_weight", (3 * width, width), "sharp"
        yield block + "attn.in_proj_bias", (3 * width,), "bias"
        yield block + "attn.out_proj.weight", (width, width), "matrix"
        yield block + "attn.out_proj.bias", (width,), "bias"
        for norm in ("ln_1", "ln_2"):
            yield f"{block}{norm}.weight", (width,), "gain"
            yield f"{block}{norm}.bias", (width,), "bias"
        yield block + "mlp.c_fc.weight", (4 * width, width), "matrix"
        yield block + "mlp.c_fc.bias", (4 * width,), "bias"
        yield block + "mlp.c_proj.weight", (width, 4 * width), "matrix"
        yield block + "mlp.c_proj.bias", (width,), "bias"


def specification():
    yield "positional_embedding", (CONTEXT, TEXT), "bias"
    yield "text_projection", (TEXT, JOINT), "right"
    yield "visual.class_embedding", (VISION,), "row"
    yield "visual.positional_embedding", (GRID * GRID + 1, VISION), "row"
    yield "visual.proj", (VISION, JOINT), "right"
    yield "visual.conv1.weight", (VISION, 3, PATCH, PATCH), "matrix"
    for norm in ("ln_pre", "ln_post"):
        yield f"visual.{norm}.weight", (VISION,), "gain"
        yield f"visual.{norm}.bias", (VISION,), "bias"
    yield from blocks("visual.", VISION, VISION_LAYERS)
    yield from blocks("", TEXT, TEXT_LAYERS)
    yield "token_embedding.weight", (VOCABULARY, TEXT), "row"
    yield "ln_final.weight", (TEXT,), "gain"
    yield "ln_final.bias", (TEXT,), "bias"


def checkpoint():
    """Random weights, rounded to float16 as published ones are."""
    torch.manual_seed(20_240_711)
    weights = {}
    for name, shape, kind in specification():
        value = torch.randn(shape)
        if kind in ("matrix", "sharp"):
            value *= (1.5 if kind == "sharp" else 1) / math.sqrt(value[0].numel())
        elif kind == "right":
            value /= math.sqrt(shape[0])
        elif kind == "gain":
            value = 1 + 0.2 * value
        else:
            value *= {"bias": 0.1, "row": 0.5}[kind]
        weights[name] = value.half()
    weights["input_resolution"] = torch.tensor(PATCH * GRID)
    weights["context_length"] = torch.tensor(CONTEXT)
    weights["vocab_size"] = torch.tensor(VOCABULARY)
    weights["logit_scale"] = torch.tensor(math.log(1 / 0.07)).half()
    return weights


class Network:
    def __init__(self, weights, activation):
        self.weights = {name: value.float() for name, value in weights.items()}
        self.activation = activation

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.weights[name + ".weight"], self.weights[name + ".bias"], 1e-5)

    def linear(self, x, name, weight=".weight", bias=".bias"):
        return F.linear(x, self.weights[name + weight], self.weights[name + bias])

    def block(self, x, name, mask):
        count, width = x.shape
        qkv = self.linear(self.norm(x, name + "ln_1"), name + "attn.in_proj", "_weight", "_bias")
        q, k, v = (part.reshape(count, width // 64, 64).transpose(0, 1) for part in qkv.split(width, dim=1))
        mixed = torch.softmax(q @ k.transpose(1, 2) / 8 + mask, dim=-1) @ v
        x = x + self.linear(mixed.transpose(0, 1).reshape(count, width), name + "attn.out_proj")
        hidden = self.activation(self.linear(self.norm(x, name + "ln_2"), name + "mlp.c_fc"))
        return x + self.linear(hidden, name + "mlp.c_proj")

    def vision(self, pixels):
        x = (torch.from_numpy(pixels).float() / 255 - MEAN) / DEVIATION
        x = F.conv2d(x.permute(2, 0, 1)[None], self.weights["visual.conv1.weight"], stride=PATCH)
        x = torch.cat([self.weights["visual.class_embedding"][None], x[0].flatten(1).T])
        x = self.norm(x + self.weights["visual.positional_embedding"], "visual.ln_pre")
        yield "tokens", x
        for index in range(VISION_LAYERS):
            x = self.block(x, f"visual.transformer.resblocks.{index}.", torch.zeros(()))
            yield f"block{index}", x
        yield "embedding", self.norm(x[0], "visual.ln_post") @ self.weights["visual.proj"]

    def text(self, ids):
        end = ids.argmax().item()
        x = self.weights["token_embedding.weight"][ids] + self.weights["positional_embedding"]
        yield "tokens", x[: end + 1]
        mask = torch.full((CONTEXT, CONTEXT), -math.inf).triu(1)
        for index in range(TEXT_LAYERS):
            x = self.block(x, f"transformer.resblocks.{index}.", mask)
            yield f"block{index}", x[: end + 1]
        yield "embedding", self.norm(x, "ln_final")[end] @ self.weights["text_projection"]


def openclip(shapes):
    """OpenCLIP drops the three numbers of the export and keeps the mask as a buffer."""
    shapes = {n: s for n, s in shapes.items() if n not in ("input_resolution", "context_length", "vocab_size")}
    return {**shapes, "attn_mask": (CONTEXT, CONTEXT)}


def openclip_text(shapes):
    """OpenCLIP's newer form: the text tower under `text.`, its projection a linear layer."""
    out = {}
    for name, shape in openclip(shapes).items():
        if name == "text_projection":
            out["text.text_projection.weight"] = (JOINT, TEXT)
        elif name.startswith("visual.") or name == "logit_scale":
            out[name] = shape
        else:
            out["text." + name] = shape
    return out


def transformers(shapes):
    out = {"logit_scale": (), "visual_projection.weight": (JOINT, VISION), "text_projection.weight": (JOINT, TEXT)}
    for tower, width, layers in (("vision", VISION, VISION_LAYERS), ("text", TEXT, TEXT_LAYERS)):
        def layer(name, rows, columns):
            out[f"{tower}_model.{name}.weight"] = (rows, columns) if columns else (rows,)
            out[f"{tower}_model.{name}.bias"] = (rows,)

        for index in range(layers):
            block = f"encoder.layers.{index}."
            for part in "qkv":
                layer(f"{block}self_attn.{part}_proj", width, width)
            layer(block + "self_attn.out_proj", width, width)
            layer(block + "layer_norm1", width, 0)
            layer(block + "layer_norm2", width, 0)
            layer(block + "mlp.fc1", 4 * width, width)
            layer(block + "mlp.fc2", width, 4 * width)
        for norm in (["pre_layrnorm", "post_layernorm"] if tower == "vision" else ["final_layer_norm"]):
            layer(norm, width, 0)
    out["vision_model.embeddings.class_embedding"] = (VISION,)
    out["vision_model.embeddings.patch_embedding.weight"] = (VISION, 3, PATCH, PATCH)
    out["vision_model.embeddings.position_embedding.weight"] = (GRID * GRID + 1, VISION)
    out["vision_model.embeddings.position_ids"] = (1, GRID * GRID + 1)
    out["text_model.embeddings.token_embedding.weight"] = (VOCABULARY, TEXT)
    out["text_model.embeddings.position_embedding.weight"] = (CONTEXT, TEXT)
    out["text_model.embeddings.position_ids"] = (1, CONTEXT)
    return out


def main(here):
    weights = checkpoint()
    tensorfile.write(f"{here}/clip_openai.safetensors", weights, "clip.py")
    shapes = {name: tuple(value.shape) for name, value in weights.items()}
    for layout, names in (("openai", shapes), ("openclip", openclip(shapes)),
                          ("openclip_text", openclip_text(shapes)), ("transformers", transformers(shapes))):
        with open(f"{here}/clip_{layout}.txt", "w") as file:
            for name in sorted(names):
                file.write(" ".join([name, *map(str, names[name])]) + "\n")

    pixels = tensorfile.image(PATCH * GRID, PATCH * GRID)
    ids = torch.zeros(CONTEXT, dtype=torch.int32)
    ids[:9] = torch.tensor([598, 320, 17, 256, 511, 3, 320, 44, 599])
    for name, activation in (("quickgelu", lambda x: x * torch.sigmoid(1.702 * x)), ("gelu", F.gelu)):
        network = Network(weights, activation)
        out = {"image": pixels, "text.ids": ids}
        out.update({f"vision.{tap}": value for tap, value in network.vision(pixels)})
        out.update({f"text.{tap}": value for tap, value in network.text(ids.long())})
        tensorfile.write(f"{here}/clip_{name}.safetensors", out, "clip.py")


torch.set_num_threads(1)
with torch.no_grad():
    main(os.path.dirname(os.path.abspath(__file__)))
