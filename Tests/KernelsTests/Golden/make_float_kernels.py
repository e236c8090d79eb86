#!/usr/bin/env python3
"""Golden vectors of the float kernels, of transposed convolution in int8 and of attention, made by PyTorch in double precision.

    python3 make_float_kernels.py      (Debian: python3-torch; 1.13 made the stored file)

writes float_kernels.safetensors beside itself. Maps are channel-last. `x` is an input, `y` what PyTorch makes of it.
"""
import json
import pathlib
import struct

import torch
import torch.nn.functional as F

torch.manual_seed(7)
tensors = {}


def put(name, tensor):
    kinds = {torch.float64: "F32", torch.float32: "F32", torch.uint8: "U8", torch.int8: "I8", torch.int32: "I32"}
    kind = kinds[tensor.dtype]
    tensors[name] = kind, tensor.float() if kind == "F32" else tensor
    return tensor


def single(*shape, scale=1.0):
    """Doubles that float32 holds exactly."""
    return (torch.randn(*shape) * scale).double()


def channel_first(x):
    return x.permute(2, 0, 1)[None]


def channel_last(x):
    return x[0].permute(1, 2, 0).contiguous()


x = put("activation.x", torch.linspace(-9, 9, 289).double())
put("gelu.y", F.gelu(x))
put("quick_gelu.y", x * torch.sigmoid(1.702 * x))

x = put("softmax.x", single(5, 77, scale=3))
put("softmax.y", F.softmax(x, -1))
put("softmax_cold.y", F.softmax(x * 14.0, -1))

x = put("layer_norm.x", single(3, 64, scale=4) + 2)
gain, shift = put("layer_norm.gain", single(64)), put("layer_norm.shift", single(64))
put("layer_norm.y", F.layer_norm(x, (64,), gain, shift, 1e-5))

x = put("l2.x", single(4, 50, scale=1e-3))
put("l2.y", F.normalize(x, dim=-1))

x = put("bilinear.x", single(7, 5, 3))
for height, width in (13, 11), (14, 10), (16, 16), (4, 3), (1, 9):
    for corners in False, True:
        y = F.interpolate(channel_first(x), size=(height, width), mode="bilinear", align_corners=corners)
        put(f"bilinear.{height}x{width}.{'corners' if corners else 'centres'}", channel_last(y))

x = put("pool.x", single(9, 8, 20))
for kernel, stride, pad in (3, 2, 1), (2, 2, 0), (3, 1, 1):
    name = f"{kernel}.{stride}.{pad}"
    put(f"pool.average.{name}", channel_last(
        F.avg_pool2d(channel_first(x), kernel, stride, pad, count_include_pad=False)))
    put(f"pool.maximum.{name}", channel_last(F.max_pool2d(channel_first(x), kernel, stride, pad)))

x, w, bias = put("linear.x", single(5, 33)), put("linear.w", single(33, 20)), put("linear.bias", single(20))
y = put("linear.y", x @ w + bias)
put("linear.gelu", F.gelu(y))
put("linear.quick_gelu", y * torch.sigmoid(1.702 * y))
put("linear.relu6", F.relu6(y))

x, w, bias = put("transposed.x", single(3, 4, 10)), single(10, 6, 2, 2), put("transposed.bias", single(6))
put("transposed.w", w.permute(0, 2, 3, 1).contiguous())
put("transposed.y", channel_last(F.conv_transpose2d(channel_first(x), w, bias, stride=2)))

# Int8: exact sums of (code - zero point) * weight, as int32. Weights are [inputs][rows][columns][channels].
codes = put("transposed_s8.x", torch.randint(0, 256, (4, 5, 8), dtype=torch.uint8))
for size, pad in (2, 0), (4, 1):
    w = torch.randint(-127, 128, (8, 3, size, size), dtype=torch.int8)
    put(f"transposed_s8.{size}.w", w.permute(0, 2, 3, 1).contiguous())
    y = F.conv_transpose2d(channel_first(codes.double() - 37), w.double(), stride=2, padding=pad)
    put(f"transposed_s8.{size}.y", channel_last(y).to(torch.int32))

tokens, heads, width = 20, 2, 32
qkv = put("attention.qkv", single(tokens, 3 * heads * width))
q, k, v = qkv.reshape(tokens, 3, heads, width).permute(1, 2, 0, 3)
scores = q @ k.transpose(1, 2) / width**0.5
future = torch.ones(tokens, tokens, dtype=torch.bool).triu(1)
for name, masked in ("full", scores), ("causal", scores.masked_fill(future, float("-inf"))):
    y = (F.softmax(masked, -1) @ v).permute(1, 0, 2).reshape(tokens, heads * width)
    put(f"attention.{name}", y.contiguous())

header, data = {}, b""
for name, (kind, tensor) in sorted(tensors.items(), key=lambda item: ("F32 I32 U8 I8".split().index(item[1][0]), item[0])):
    content = tensor.contiguous().numpy().tobytes()
    header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(content)]}
    data += content
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
path = pathlib.Path(__file__).with_name("float_kernels.safetensors")
path.write_bytes(struct.pack("<Q", len(text)) + text + data)
print(path, path.stat().st_size, "bytes")
