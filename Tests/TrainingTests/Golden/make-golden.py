#!/usr/bin/python3
"""Gradients of every operator and loss, and a run of each optimiser, by PyTorch (1.13) in double precision.

    ./make-golden.py        writes golden.json beside itself

Each case has its inputs, its result, and the gradients of the sum of its result times fixed weights. Layouts are
those of Linewatch: pictures [N, H, W, C], kernels [outputs, height, width, inputs].
"""
import json
import os

import torch
import torch.nn.functional as F

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
cases = []


def numbers(*shape, gap=0.0):
    x = torch.randn(shape)
    x = x + gap * torch.sign(x)
    return (x * 1024).round() / 1024  # short in the file, exact in float32


def case(name, inputs, function):
    inputs = [x.clone().requires_grad_(True) for x in inputs]
    y = function(*inputs)
    weights = numbers(*y.shape)
    (y * weights).sum().backward()
    flat = lambda t: [float("%.9g" % v) for v in t.detach().reshape(-1).tolist()]
    cases.append({
        "name": name, "shapes": [list(x.shape) for x in inputs], "inputs": [flat(x) for x in inputs],
        "output": flat(y), "weights": flat(weights),
        "gradients": [flat(x.grad) if x.grad is not None else [0.0] * x.numel() for x in inputs],
    })


def pictures(x):
    return x.permute(0, 3, 1, 2)


def back(x):
    return x.permute(0, 2, 3, 1)


def same(x, k, stride):
    """TensorFlow's padding of [N, C, H, W]."""
    pads = []
    for size, kernel in ((x.shape[3], k[1]), (x.shape[2], k[0])):
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        pads += [total // 2, total - total // 2]
    return F.pad(x, pads)


def convolve(x, w, b, stride, padding):
    x = pictures(x)
    x = same(x, w.shape[1:3], stride) if padding is None else F.pad(x, [padding] * 4)
    return back(F.conv2d(x, w.permute(0, 3, 1, 2), b, stride))


def depthwise(x, w, b, stride, padding):
    x = pictures(x)
    x = same(x, w.shape[:2], stride) if padding is None else F.pad(x, [padding] * 4)
    return back(F.conv2d(x, w.permute(2, 0, 1).unsqueeze(1), b, stride, groups=w.shape[2]))


def attention(q, k, v, heads, mask=None):
    def split(t):
        return t.reshape(t.shape[0], t.shape[1], heads, -1).transpose(1, 2)
    s = split(q) @ split(k).transpose(2, 3) / (q.shape[2] // heads) ** 0.5
    if mask is not None:
        s = s.masked_fill(~mask, -torch.inf)
    return (s.softmax(3) @ split(v)).transpose(1, 2).reshape(q.shape)


def resize(x, size, aligned):
    return back(F.interpolate(pictures(x), size=size, mode="bilinear", align_corners=aligned))


def batch_norm(x, g, b):
    return back(F.batch_norm(pictures(x), torch.zeros(5), torch.ones(5), g, b, True, 0.1, 1e-3))


case("linear", [numbers(3, 5, 7), numbers(11, 7), numbers(11)], F.linear)
case("product", [numbers(3, 5, 7), numbers(3, 7, 9)], torch.matmul)
case("multiplyRow", [numbers(3, 5, 17), numbers(17)], lambda a, b: a * b)
case("scaleRows", [numbers(3, 5, 7), numbers(3, 5)], lambda a, b: a * b.unsqueeze(2))
case("gelu", [numbers(3, 5, 7)], F.gelu)
case("quickGELU", [numbers(3, 5, 7)], lambda x: x * torch.sigmoid(1.702 * x))
case("relu", [numbers(3, 5, 7, gap=0.05)], F.relu)
case("relu6", [numbers(3, 5, 7, gap=0.05)], lambda x: F.relu6(5 * x))
case("sigmoid", [numbers(3, 5, 7)], torch.sigmoid)
case("tanh", [numbers(3, 5, 7)], torch.tanh)
case("softmax", [numbers(3, 5, 7)], lambda x: x.softmax(2))
case("layerNorm", [numbers(3, 5, 19), numbers(19), numbers(19)], lambda x, g, b: F.layer_norm(x, (19,), g, b, 1e-5))
case("attention", [numbers(2, 5, 12), numbers(2, 7, 12), numbers(2, 7, 12)], lambda q, k, v: attention(q, k, v, 3))
causal = torch.ones(5, 5).tril().bool()
case("attentionCausal", [numbers(2, 5, 12) for _ in range(3)], lambda q, k, v: attention(q, k, v, 2, causal))
lengths = (torch.arange(5) < torch.tensor([[3], [5]])).reshape(2, 1, 1, 5)
case("attentionLengths", [numbers(2, 5, 12) for _ in range(3)], lambda q, k, v: attention(q, k, v, 3, lengths))
case("selfAttention", [numbers(2, 5, 36)], lambda x: attention(*x.split(12, 2), 3))
case("concatenate", [numbers(2, 3, 5), numbers(2, 1, 5), numbers(2, 4, 5)], lambda *x: torch.cat(x, 1))
case("slice", [numbers(3, 5, 7)], lambda x: x[:, 1:4])
case("replace", [numbers(2, 5, 7), numbers(2, 2, 7)], lambda x, r: torch.cat([x[:, :1], r, x[:, 3:]], 1))
case("gather", [numbers(5, 7)], lambda x: x[[4, 0, 2, 4]])
case("normalise", [numbers(3, 5, 7)], lambda x: F.normalize(x, dim=2))
case("cosineSimilarity", [numbers(5, 7), numbers(3, 7)], lambda a, b: F.normalize(a, dim=1) @ F.normalize(b, dim=1).T)
case("meanAxis", [numbers(3, 5, 7)], lambda x: x.mean(1))
case("topMean", [numbers(3, 5, 7)], lambda x: x.topk(3, 2)[0].mean(2))
case("convolve", [numbers(2, 5, 7, 3), numbers(5, 3, 3, 3), numbers(5)], lambda x, w, b: convolve(x, w, b, 1, 1))
case("convolveSame", [numbers(2, 6, 7, 3), numbers(5, 3, 5, 3), numbers(5)], lambda x, w, b: convolve(x, w, b, 1, None))
case("convolveStride", [numbers(2, 8, 7, 3), numbers(5, 3, 3, 3)], lambda x, w: convolve(x, w, None, 2, None))
case("convolvePoint", [numbers(2, 3, 5, 7), numbers(9, 1, 1, 7), numbers(9)], lambda x, w, b: convolve(x, w, b, 1, 0))
case("depthwise", [numbers(2, 6, 5, 11), numbers(3, 3, 11), numbers(11)], lambda x, w, b: depthwise(x, w, b, 1, None))
case("depthwiseStride", [numbers(2, 8, 6, 11), numbers(5, 5, 11), numbers(11)], lambda x, w, b: depthwise(x, w, b, 2, None))
case("depthwiseOdd", [numbers(3, 7, 5, 3), numbers(3, 3, 3)], lambda x, w: depthwise(x, w, None, 2, 1))
case("batchNorm", [numbers(2, 3, 3, 5), numbers(5), numbers(5)], batch_norm)
case("maxPool", [numbers(2, 5, 7, 3)], lambda x: back(F.max_pool2d(pictures(x), 3, 2, 1)))
case("meanPool", [numbers(2, 5, 7, 3)], lambda x: back(F.avg_pool2d(pictures(x), 2, 2)))
case("resizeUp", [numbers(2, 5, 7, 3)], lambda x: resize(x, (10, 14), False))
case("resizeDown", [numbers(2, 5, 7, 3)], lambda x: resize(x, (3, 4), False))
case("resizeAligned", [numbers(2, 5, 7, 3)], lambda x: resize(x, (9, 5), True))

mask = (torch.arange(35) % 3 == 0).double().reshape(5, 7)


def soft_focal(p):
    smooth = (1 - 2e-5) * torch.where(mask > 0.5, p, 1 - p) + 2e-5
    return (-(1 - smooth) ** 2 * smooth.log()).mean()


def logit_focal(m):
    p = torch.sigmoid((2 * mask - 1) * m)
    return (-(1 - p) ** 2 * p.log()).mean()


def dice(p, g):
    return (1 - (2 * (p * g).sum(1) + 1) / (p.sum(1) + g.sum(1) + 1)).mean()


def nt_xent(z):
    z = F.normalize(z, dim=1)
    s = (z @ z.T / 0.5).masked_fill(torch.eye(6).bool(), -torch.inf)
    return F.cross_entropy(s, (torch.arange(6) + 3) % 6)


def pair(a, b, t):
    s = F.normalize(a, dim=1) @ F.normalize(b, dim=1).T * t.exp()
    return 0.5 * (F.cross_entropy(s, torch.arange(5)) + F.cross_entropy(s.T, torch.arange(5)))


def spread(c):
    c = F.normalize(c, dim=1)
    return (c @ c.T / 0.1)[~torch.eye(5).bool()].logsumexp(0)


def ssim(x, y):
    x, y = pictures(torch.sigmoid(x)), pictures(torch.sigmoid(y))
    w = torch.exp(-torch.arange(-5.0, 6.0) ** 2 / 4.5)
    w = w / w.sum()
    kernel = torch.outer(w, w).expand(2, 1, 11, 11)
    blur = lambda t: F.conv2d(t, kernel, groups=2)
    mx, my = blur(x), blur(y)
    vx, vy, vxy = blur(x * x) - mx * mx, blur(y * y) - my * my, blur(x * y) - mx * my
    return ((2 * mx * my + 1e-4) * (2 * vxy + 9e-4) / ((mx * mx + my * my + 1e-4) * (vx + vy + 9e-4))).mean()


case("crossEntropy", [numbers(5, 7)], lambda x: F.cross_entropy(x, torch.tensor([2, -1, 6, 0, 0]), ignore_index=-1))
case("binaryCrossEntropy", [numbers(5, 7)], lambda x: F.binary_cross_entropy_with_logits(x, mask))
case("focalLogits", [numbers(5, 7)], logit_focal)
case("focalProbabilities", [numbers(5, 7)], lambda x: soft_focal(torch.sigmoid(x)))
case("dice", [numbers(5, 7)], lambda x: dice(torch.sigmoid(x), mask))
case("diceWhole", [numbers(5, 7)], lambda x: dice(torch.sigmoid(x).reshape(1, -1), mask.reshape(1, -1)))
case("ntXent", [numbers(6, 7)], nt_xent)
case("pairContrast", [numbers(5, 7), numbers(5, 7), numbers(1).reshape(())], pair)
case("centrePull", [numbers(5, 7), numbers(3, 7)], lambda z, c: 0.5 * (z - c[[0, 2, 2, 1, 0]]).pow(2).sum(1).mean())
case("centreSpread", [numbers(5, 7)], spread)
case("meanSquare", [numbers(5, 7), numbers(5, 7)], F.mse_loss)
case("hingeInside", [numbers(5, 7), numbers(1).reshape(())], lambda x, r: (F.relu(x - r) * mask).sum() / mask.sum())
case("structuralSimilarity", [numbers(1, 12, 13, 2), numbers(1, 12, 13, 2)], ssim)


def trajectory(name, make, rates):
    """Ten steps on the same made-up gradients."""
    x = numbers(7).requires_grad_(True)
    start, optimiser, gradients = x.detach().tolist(), make([x]), []
    for rate in rates:
        x.grad = numbers(7)
        gradients.append(x.grad.tolist())
        optimiser.param_groups[0]["lr"] = rate
        optimiser.step()
    return {"name": name, "start": start, "rates": rates, "gradients": gradients, "end": x.detach().tolist()}


rates = [0.01 * (1 + i % 3) for i in range(10)]
O = torch.optim
runs = [
    trajectory("adam", lambda p: O.Adam(p, weight_decay=0.1), rates),
    trajectory("adamW", lambda p: O.AdamW(p, weight_decay=0.1), rates),
    trajectory("amsgrad", lambda p: O.AdamW(p, weight_decay=0.1, amsgrad=True, betas=(0.9, 0.98)), rates),
]
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden.json")
with open(path, "w") as file:
    json.dump({"torch": torch.__version__, "cases": cases, "optimisers": runs}, file, separators=(",", ":"))
