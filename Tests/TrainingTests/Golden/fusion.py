"""Golden vectors of VTFusion's fusion block, by PyTorch in double precision.

    python3 fusion.py        (needs torch; writes fusion.safetensors beside itself)

No weights and inputs are stored: both sides draw them by the tensor's name (`draw`). Stored, float32:

  text [4, 32]             what the text adapter makes of `columns` [4, 384]: two products, T_N then T_A
  fused [2, 5, 32]         Y of the patches `patches` [2, 5, 32] with distances `gaps`, `centres` [2, 4, 32] and `text`
  said [2, 5, 3]           the margin and the cosines with both words
  gradient.NAME            of the sum of fused * draw("weights of fused") + said * draw("weights of said"), for inputs and
                           weights; of `columns` and the text adapter every 97th number

Written from METHODS.md 4.3 with torch's own layer norm and multi-head attention, without a look at the code under test.
"""
import os
import sys

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../../AnomalyModelsTests/Golden")
import tensorfile  # noqa: E402

torch.set_num_threads(1)
WIDTH, HEADS, SENTENCE, BOTTLENECK, HIDDEN = 32, 4, 384, 96, 32
MASK = (1 << 32) - 1


def draw(name, *shape, scale=1.0):
    """Numbers in -0.5...0.5, times a power of two: the finaliser of MurmurHash3 over index and FNV-1a hash of the name."""
    start = 0x811C9DC5
    for byte in name.encode():
        start = ((start ^ byte) * 0x01000193) & MASK
    values = []
    for index in range(int(torch.tensor(shape).prod())):
        x = (start + index * 0x9E3779B9) & MASK
        x = ((x ^ (x >> 16)) * 0x85EBCA6B) & MASK
        x = ((x ^ (x >> 13)) * 0xC2B2AE35) & MASK
        x ^= x >> 16
        values.append(((x >> 8) / 2**24 - 0.5) * scale)
    return torch.tensor(values, dtype=torch.float64).reshape(shape).requires_grad_()


weights = {}
for side in ("patches", "words"):
    for norm in ("query", "key"):
        weights[f"block.{side}.{norm}.gain"] = (WIDTH,)
        weights[f"block.{side}.{norm}.bias"] = (WIDTH,)
    for part in ("q", "k", "v", "out"):
        weights[f"block.{side}.{part}.weight"] = (WIDTH, WIDTH)
        weights[f"block.{side}.{part}.bias"] = (WIDTH,)
weights["block.gate.weight"] = (WIDTH, 2 * WIDTH)
weights["block.gate.bias"] = (WIDTH,)
weights["text.a.weight"] = (BOTTLENECK, SENTENCE)
weights["text.a.bias"] = (BOTTLENECK,)
weights["text.b.weight"] = (SENTENCE, BOTTLENECK)
weights["text.b.bias"] = (SENTENCE,)
weights["text.projection"] = (WIDTH, SENTENCE)
w = {name: draw(name, *shape) for name, shape in weights.items()}


def cross(side, x, tokens):
    key = f"block.{side}."
    queries = F.layer_norm(x, (WIDTH,), w[key + "query.gain"], w[key + "query.bias"], 1e-5)
    known = F.layer_norm(tokens, (WIDTH,), w[key + "key.gain"], w[key + "key.bias"], 1e-5)
    out, _ = F.multi_head_attention_forward(
        queries.transpose(0, 1), known.transpose(0, 1), known.transpose(0, 1), WIDTH, HEADS,
        torch.cat([w[key + f"{p}.weight"] for p in "qkv"]), torch.cat([w[key + f"{p}.bias"] for p in "qkv"]),
        None, None, False, 0.0, w[key + "out.weight"], w[key + "out.bias"])
    return out.transpose(0, 1)


columns = draw("columns", 4, SENTENCE)
inner = torch.relu(columns @ w["text.a.weight"].T + w["text.a.bias"])
mixed = 0.9 * columns + 0.1 * (inner @ w["text.b.weight"].T + w["text.b.bias"])
text = F.normalize(mixed @ w["text.projection"].T, dim=1)

patches, gaps = draw("patches", 2, 5, WIDTH, scale=4.0), draw("gaps", 2, 5, WIDTH, scale=2.0)
centres = draw("centres", 2, 4, WIDTH, scale=4.0)
T = text.reshape(2, 2, WIDTH)
X = patches + cross("patches", patches, torch.cat([T, centres], dim=1))
words = T + cross("words", T, patches)
gate = torch.sigmoid(torch.cat([X, gaps], dim=2) @ w["block.gate.weight"].T + w["block.gate.bias"])
fused = gate * X + (1 - gate) * gaps
directions = F.normalize(patches, dim=2)
margin = torch.einsum("bnd,bd->bn", directions, (T[:, 1] - T[:, 0]) / 0.07)
cosines = torch.einsum("bnd,bwd->bnw", directions, words)
said = torch.cat([margin[..., None], cosines], dim=2)

loss = (fused * draw("weights of fused", *fused.shape)).sum() + (said * draw("weights of said", *said.shape)).sum()
inputs = {"patches": patches, "gaps": gaps, "centres": centres, "columns": columns, **w}
gradients = torch.autograd.grad(loss, list(inputs.values()))
out = {"text": text.float(), "fused": fused.float(), "said": said.float()}
for (name, value), gradient in zip(inputs.items(), gradients):
    flat = gradient.flatten().float()
    out[f"gradient.{name}"] = flat[::97] if name == "columns" or name.startswith("text.") else flat
tensorfile.write(f"{HERE}/fusion.safetensors", out, "fusion.py")
