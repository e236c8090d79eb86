"""Golden vectors of AdaCLIP-E with prompts on a small random CLIP tower, by PyTorch in double precision.

    python3 prompted.py        (needs torch, and what adaclip.py needs; writes prompted.safetensors beside itself)

Two pictures, their tokens in front of the first block with prompts, unit vectors of every tap (every seventh number),
margins, F_C, V norm(f), S for each fusion, and the loss with its gradients (large ones with every fifth number). No weights
are stored: both sides draw them from SplitMix64 by the tensor's name (`draw` of adaclip.py).

Written from METHODS.md 3.4 and the doc-comments of PromptedHead and SemanticFusion, without a look at the code under test.
"""
import os

import torch
import torch.nn.functional as F

import adaclip
from adaclip import HERE, tensorfile

PATCH, GRID, WIDTH, JOINT, LAYERS, PROMPTS, CONDITION, ADAPTER = 8, 12, 64, 64, 4, 5, 16, 96
FIRST, BLOCKS, TAPS = 1, 3, (1, 2, 3, 4)
SIDE, CELLS = PATCH * GRID, PATCH * GRID // 4


def draw(name, shape, limit, middle=0.0):
    return torch.as_tensor(adaclip.draw(name, shape, limit, middle), dtype=torch.float64)


def linear(name, rows, columns, factor=1.0):
    return {f"{name}.weight": draw(f"{name}.weight", (rows, columns), factor * (3 / columns) ** 0.5),
            f"{name}.bias": draw(f"{name}.bias", (rows,), 0.2)}


def norm(name):
    return {f"{name}.weight": draw(f"{name}.weight", (WIDTH,), 0.3, 1.0), f"{name}.bias": draw(f"{name}.bias", (WIDTH,), 0.2)}


def tower():
    w = {"vision.patch.weight": draw("vision.patch.weight", (WIDTH, PATCH, PATCH, 3), (3 / 192) ** 0.5),
         "vision.class": draw("vision.class", (WIDTH,), 0.8),
         "vision.positions": draw("vision.positions", (GRID * GRID + 1, WIDTH), 0.8),
         "vision.projection.weight": draw("vision.projection.weight", (JOINT, WIDTH), (3 / WIDTH) ** 0.5)}
    for name in ("norm_pre", "norm_post"):
        w |= norm(f"vision.{name}")
    for i in range(LAYERS):
        name = f"vision.layer{i}"
        w |= norm(f"{name}.norm1") | norm(f"{name}.norm2")
        w |= linear(f"{name}.qkv", 3 * WIDTH, WIDTH, 1.5) | linear(f"{name}.attention", WIDTH, WIDTH)
        w |= linear(f"{name}.fc1", 4 * WIDTH, WIDTH) | linear(f"{name}.fc2", WIDTH, 4 * WIDTH)
    return w


def head():
    h = norm("prompts.norm") | linear("prompts.dynamic", PROMPTS * WIDTH, WIDTH, 0.5)
    for j in range(BLOCKS):
        h[f"prompts.block{j}"] = draw(f"prompts.block{j}", (PROMPTS, WIDTH), 1.0)
    for tap in TAPS:
        h |= linear(f"prompts.tap{tap}", JOINT, WIDTH)
    h |= linear("prompts.image", JOINT, JOINT)
    h["prompts.condition.weight"] = draw("prompts.condition.weight", (CONDITION, JOINT), (3 / JOINT) ** 0.5)
    for side in ("normal", "abnormal"):
        h[f"columns.{side}.weight"] = draw(f"columns.{side}.weight", (JOINT, CONDITION), 0.1)
    h |= linear("adapter.a", ADAPTER, JOINT) | linear("adapter.b", JOINT, ADAPTER, 0.3)
    h["anchors"] = draw("anchors", (2, JOINT), 0.1)
    h["temperature"], h["peak"] = torch.tensor([0.07], dtype=torch.float64), torch.tensor([0.5], dtype=torch.float64)
    return h


def ln(x, w, name):
    return F.layer_norm(x, (WIDTH,), w[f"{name}.weight"], w[f"{name}.bias"], 1e-5)


def block(x, w, i):
    name = f"vision.layer{i}"
    qkv = F.linear(ln(x, w, f"{name}.norm1"), w[f"{name}.qkv.weight"], w[f"{name}.qkv.bias"])
    q, k, v = (t.unflatten(-1, (WIDTH // 64, 64)).transpose(1, 2) for t in qkv.chunk(3, -1))
    mixed = (torch.softmax(q @ k.transpose(-1, -2) / 8, -1) @ v).transpose(1, 2).flatten(2)
    x = x + F.linear(mixed, w[f"{name}.attention.weight"], w[f"{name}.attention.bias"])
    y = F.linear(ln(x, w, f"{name}.norm2"), w[f"{name}.fc1.weight"], w[f"{name}.fc1.bias"])
    return x + F.linear(y * torch.sigmoid(1.702 * y), w[f"{name}.fc2.weight"], w[f"{name}.fc2.bias"])


def tokens(pictures, w):
    x = (torch.tensor(pictures).double() / 255 - adaclip.MEAN) / adaclip.DEVIATION
    x = F.conv2d(x.permute(0, 3, 1, 2), w["vision.patch.weight"].permute(0, 3, 1, 2), stride=PATCH).flatten(2).transpose(1, 2)
    x = torch.cat([w["vision.class"].expand(len(x), 1, WIDTH), x], 1) + w["vision.positions"]
    x = ln(x, w, "vision.norm_pre")
    for i in range(FIRST):
        x = block(x, w, i)
    return x


def unit(x):
    return x / x.norm(dim=-1, keepdim=True).clamp_min(1e-12)


def clusters(points, k):
    """The mean of the means of the clusters of `points`, the worst first."""
    p = points.detach()
    centres = [p[0]]
    while len(centres) < k:
        far = torch.stack([((p - c) ** 2).sum(-1) for c in centres]).min(0).values
        centres.append(p[int(far.argmax())])
    centres = torch.stack(centres)
    for step in range(9):
        labels = torch.cdist(p, centres).argmin(-1)
        if step < 8:
            for c in range(k):
                if (labels == c).any():
                    centres[c] = p[labels == c].mean(0)
    return torch.stack([points[labels == c].mean(0) for c in range(k) if (labels == c).any()]).mean(0)


def said(x, w, h, columns, fusion):
    plain = x.shape[1]
    z = F.layer_norm(x[:, 0], (WIDTH,), h["prompts.norm.weight"], h["prompts.norm.bias"], 1e-5)
    dynamic = F.linear(z, h["prompts.dynamic.weight"], h["prompts.dynamic.bias"]).unflatten(-1, (PROMPTS, WIDTH))
    taps = {1: x[:, 1:plain]}
    for i in range(FIRST, LAYERS):
        if i - FIRST < BLOCKS:
            x = torch.cat([x[:, :plain], dynamic + h[f"prompts.block{i - FIRST}"]], 1)
        x = block(x, w, i)
        taps[i + 1] = x[:, 1:plain]
    patches = [unit(F.linear(taps[t], h[f"prompts.tap{t}.weight"], h[f"prompts.tap{t}.bias"])) for t in TAPS]
    f = F.linear(ln(x[:, 0], w, "vision.norm_post"), w["vision.projection.weight"])
    image = unit(F.linear(f, h["prompts.image.weight"], h["prompts.image.bias"]))
    condition = F.linear(unit(f), h["prompts.condition.weight"])
    inner = torch.relu(F.linear(columns, h["adapter.a.weight"], h["adapter.a.bias"]))
    adapted = unit(columns + h["anchors"] + F.linear(inner, h["adapter.b.weight"], h["adapter.b.bias"]))
    bent = [unit(adapted[:, s] + F.linear(torch.tanh(condition), h[f"columns.{side}.weight"]))
            for s, side in enumerate(("normal", "abnormal"))]
    direction = (bent[1] - bent[0]) / h["temperature"]
    margins = [(p @ direction[:, :, None])[..., 0] for p in patches]
    mean = sum(margins) / len(margins)
    fused = image
    if fusion != "off":
        n = max(2, round(0.073 * (plain - 1)))
        worst = sum(patches) / len(patches)
        rows = []
        for i in range(len(x)):
            chosen = worst[i][mean[i].detach().argsort(descending=True, stable=True)[:n]]
            rows.append(chosen.mean(0) if fusion == "mean" else clusters(chosen, max(1, n // 5)))
        fused = unit(0.2 * unit(torch.stack(rows)) + 0.8 * image)
    score = (fused * direction).sum(-1) + h["peak"] * mean.topk(max(1, (plain - 1) // 100), -1).values.mean(-1)
    return patches, image, condition, margins, mean, score


def focal(logits, y):
    p = torch.sigmoid(logits)
    p = torch.where(y > 0.5, p, 1 - p)
    return (-(1 - p) ** 2 * torch.log(p)).mean()


def dice(p, y):
    return (1 - (2 * (p * y).sum(-1) + 1) / (p.sum(-1) + y.sum(-1) + 1)).mean()


def loss(margins, score, mask, rows):
    y = mask.flatten(1).max(-1).values
    total = focal(score, y) + 0.5 * F.binary_cross_entropy_with_logits(score, y)
    shape = (-1, CELLS) if rows else (len(mask), -1)
    for m in margins:
        up = F.interpolate(m.unflatten(-1, (1, GRID, GRID)), size=(CELLS, CELLS), mode="bilinear", align_corners=False)
        p, g = torch.sigmoid(up).reshape(shape), mask.reshape(shape)
        total = total + 4 * focal(up.flatten(), mask.flatten()) + dice(p, g) + dice(1 - p, 1 - g)
    return total


def main():
    torch.set_num_threads(1)
    w, h = tower(), head()
    first = tensorfile.image(SIDE, SIDE)
    pictures = torch.stack([torch.tensor(first), torch.tensor(first[::-1, ::-1].copy()).flip(2)]).numpy()
    mask = torch.zeros(2, CELLS, CELLS, dtype=torch.float64)
    mask[0, 4:10, 6:12] = 1
    columns = unit(draw("class", (2, 2, JOINT), 1.0))
    with torch.no_grad():
        x = tokens(pictures, w)
        patches, image, condition, _, mean, _ = said(x, w, h, columns, "off")
        out = {"pictures": pictures, "tokens": x, "image": image, "condition": condition, "margins": mean}
        for tap, p in zip(TAPS, patches):
            out[f"tap{tap}"] = p.flatten()[::7]
        for fusion in ("off", "mean", "clusters"):
            out[f"score.{fusion}"] = said(x, w, h, columns, fusion)[-1]
    for value in h.values():
        value.requires_grad_()
    for rows in (True, False):
        for value in h.values():
            value.grad = None
        *_, margins, _, score = said(x, w, h, columns, "clusters")
        total = loss(margins, score, mask, rows)
        total.backward()
        out["loss.rows" if rows else "loss"] = total.detach().reshape(1)
    for name, value in h.items():
        gradient = value.grad.flatten()
        out[f"gradient.{name}"] = gradient[::5] if len(gradient) > 1000 else gradient
    out = {n: v if n == "pictures" else v.detach().to(torch.float32).contiguous() for n, v in out.items()}
    tensorfile.write(os.path.join(HERE, "prompted.safetensors"), out, "prompted.py")


if __name__ == "__main__":
    main()
