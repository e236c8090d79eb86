"""Golden vectors of AdaCLIP's fidelity mode on a small random CLIP, by PyTorch in double precision.

    python3 adaclip.py        (needs torch, scipy and Pillow; writes beside itself)

  adaclip_merges.txt      the merges of a small byte-pair vocabulary, 600 tokens
  adaclip.safetensors     pictures, every intermediate tensor, maps and scores for each switch, training steps
No weights are stored: both sides draw them from SplitMix64 by the tensor's name (`draw`). Tensors are float32 but
for pictures (uint8) and ids (int32). Names of intermediate tensors are those that `FidelityNetwork.observe` gets;
`text.block{i}.{s}` is sentence s up to its end token, of which 0, 17 and 47 are stored. Prompts are rounded to half precision:
where one lies between two halves, float32 may choose the other. Large gradients and
parameters are stored with every fifth number.

The towers run all 77 positions, and the textual prompts, masks, losses and clusters are written from the
specification, without a look at the code under test.
"""
import math
import os
import re
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from scipy.ndimage import gaussian_filter

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, f"{HERE}/../../AnomalyModelsTests/Golden")
import tensorfile  # noqa: E402

PATCH, GRID, VISION, VISION_LAYERS, SIDE = 8, 3, 128, 8, 40
VOCABULARY, CONTEXT, TEXT, TEXT_LAYERS = 600, 77, 64, 5
BLOCKS, PROMPTS, CLUSTERS, SEED, SIGMA = 4, 5, 4, 7, 4
TAPS = (2, 4, 6, 8)
MASK64 = (1 << 64) - 1
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073], dtype=torch.float64)
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711], dtype=torch.float64)


# Random numbers: SplitMix64, started with a seed and the FNV-1a hash of a name, first number left out.

def start(seed, name):
    state = 0xCBF29CE484222325
    for byte in name.encode():
        state = ((state ^ byte) * 0x100000001B3) & MASK64
    return seed ^ state


def units(seed, name, count, skip=0):
    with np.errstate(over="ignore"):
        z = np.uint64(start(seed, name)) + np.arange(skip + 2, skip + count + 2, dtype=np.uint64) * np.uint64(
            0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def draw(name, shape, limit, middle=0.0):
    """Uniform in middle ± limit, rounded to float32."""
    raw = units(1, name, math.prod(shape)) >> np.uint64(11)
    value = limit * (2 * (raw.astype(np.float64) * 2.0**-53) - 1) + middle
    return torch.from_numpy(value.astype(np.float32).astype(np.float64).reshape(shape))


# Weights

def block_shapes(prefix, width, layers):
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


def tower_shapes():
    yield "positional_embedding", (CONTEXT, TEXT), "bias"
    yield "text_projection", (TEXT, TEXT), "right"
    yield "visual.class_embedding", (VISION,), "row"
    yield "visual.positional_embedding", (GRID * GRID + 1, VISION), "row"
    yield "visual.proj", (VISION, TEXT), "right"
    yield "visual.conv1.weight", (VISION, 3, PATCH, PATCH), "matrix"
    for norm in ("ln_pre", "ln_post"):
        yield f"visual.{norm}.weight", (VISION,), "gain"
        yield f"visual.{norm}.bias", (VISION,), "bias"
    yield from block_shapes("visual.", VISION, VISION_LAYERS)
    yield from block_shapes("", TEXT, TEXT_LAYERS)
    yield "token_embedding.weight", (VOCABULARY, TEXT), "row"
    yield "ln_final.weight", (TEXT,), "gain"
    yield "ln_final.bias", (TEXT,), "bias"


def head_shapes():
    for kind, width in (("text", TEXT), ("visual", VISION)):
        for index in range(BLOCKS):
            yield f"clip_model.{kind}_prompter.static_prompts.{index}", (PROMPTS, width), "prompt"
    for kind, width in (("text", TEXT), ("visual", VISION)):
        for index in range(PROMPTS):
            yield f"clip_model.dynamic_{kind}_prompt_generator.head.{index}.weight", (width, TEXT), "half"
            yield f"clip_model.dynamic_{kind}_prompt_generator.head.{index}.bias", (width,), "bias"
    for index in range(4):
        yield f"clip_model.patch_token_layer.head.{index}.weight", (TEXT, VISION), "matrix"
        yield f"clip_model.patch_token_layer.head.{index}.bias", (TEXT,), "bias"
    yield "clip_model.cls_token_layer.head.0.weight", (TEXT, TEXT), "matrix"
    yield "clip_model.cls_token_layer.head.0.bias", (TEXT,), "bias"


def made(shapes):
    weights = {}
    for name, shape, kind in shapes:
        limit, middle = {
            "matrix": (math.sqrt(3.0 / math.prod(shape[1:])), 0.0),
            "sharp": (1.5 * math.sqrt(3.0 / math.prod(shape[1:])), 0.0),
            "half": (0.5 * math.sqrt(3.0 / math.prod(shape[1:])), 0.0),
            "right": (math.sqrt(3.0 / shape[0]), 0.0),
            "gain": (0.3, 1.0), "bias": (0.2, 0.0), "row": (0.8, 0.0), "prompt": (1.0, 0.0),
        }[kind]
        weights[name] = draw(name, shape, limit, middle)
    return weights


# Sentences and their ids

GOOD = ["{}", "flawless {}", "perfect {}", "unblemished {}", "{} without flaw", "{} without defect",
        "{} without damage"]
BAD = ["damaged {}", "broken {}", "{} with flaw", "{} with defect", "{} with damage"]
TEMPLATES = ["a bad photo of a {}.", "a low resolution photo of the {}.", "a bad photo of the {}.",
             "a cropped photo of the {}."]
STORED = (0, 17, 47)


def sentences(name):
    name = name.replace("-", " ")
    return [t.format(s.format(name)) for s in GOOD + BAD for t in TEMPLATES]


def words(text):
    return re.findall(r"[a-z]+|[0-9]|[^\sa-z0-9]+", text)


def learned_merges():
    """The most frequent pairs of neighbours in the sentences about two kinds, one after the other."""
    corpus = [list(w[:-1]) + [w[-1] + "</w>"] for n in ("metal nut", "leather", "printed circuit board")
              for s in sentences(n)
              for w in words(s)]
    merges = []
    while len(merges) < VOCABULARY - 514:
        counts = {}
        for word in corpus:
            for pair in zip(word, word[1:]):
                counts[pair] = counts.get(pair, 0) + 1
        pair = min(counts, key=lambda p: (-counts[p], p))
        merges.append(pair)
        corpus = [merged(word, pair) for word in corpus]
    return merges


def merged(word, pair):
    out, index = [], 0
    while index < len(word):
        if tuple(word[index:index + 2]) == pair:
            out.append(pair[0] + pair[1])
            index += 2
        else:
            out.append(word[index])
            index += 1
    return out


class Tokenizer:
    def __init__(self, merges):
        order = [*range(33, 127), *range(161, 173), *range(174, 256)]
        order += [b for b in range(256) if b not in order]
        symbols = [chr(b) if i < 188 else chr(0x100 + i - 188) for i, b in enumerate(order)]
        tokens = symbols + [s + "</w>" for s in symbols] + [a + b for a, b in merges]
        self.ids = {token: index for index, token in enumerate(tokens)}
        self.rank = {pair: index for index, pair in enumerate(merges)}

    def __call__(self, text):
        ids = [VOCABULARY - 2]
        for word in words(text.lower()):
            parts = list(word[:-1]) + [word[-1] + "</w>"]
            while True:
                known = [p for p in zip(parts, parts[1:]) if p in self.rank]
                if not known:
                    break
                parts = merged(parts, min(known, key=self.rank.get))
            ids += [self.ids[part] for part in parts]
        return ids + [VOCABULARY - 1]


# The network

def half(x):
    """Rounded to half precision; the gradient passes."""
    return x + (x.half().double() - x).detach()


def lloyd(points, count, seed):
    """Labels of k-means with k-means++ from a seed; empty clusters are dropped."""
    points = points.detach().float().double().numpy()
    total = len(points)
    position = [0]

    def unit():
        position[0] += 1
        return float(int(units(seed, "k-means", 1, position[0] - 1)[0]) >> 11) * 2.0**-53

    position[0] = 1
    first = (int(units(seed, "k-means", 1)[0]) * total) >> 64
    centres = [points[first]]
    nearest = ((points - centres[0]) ** 2).sum(1)
    while len(centres) < min(count, total):
        if nearest.sum() <= 0:
            break
        place, index = nearest.sum() * unit(), 0
        while index < total - 1 and place >= nearest[index]:
            place -= nearest[index]
            index += 1
        centres.append(points[index])
        nearest = np.minimum(nearest, ((points - points[index]) ** 2).sum(1))
    centres = np.array(centres)

    def assign():
        return ((points[:, None] - centres[None]) ** 2).sum(2).argmin(1)

    labels, limit = assign(), 1e-4 * points.var(0).mean()
    for _ in range(300):
        shift = 0.0
        for cluster in range(len(centres)):
            if (labels == cluster).any():
                mean = points[labels == cluster].mean(0)
                shift += ((mean - centres[cluster]) ** 2).sum()
                centres[cluster] = mean
        after = assign()
        if (after == labels).all():
            break
        labels = after
        if shift <= limit:
            break
    used = sorted(set(labels.tolist()))
    return np.array([used.index(label) for label in labels]), len(used)


DEFAULTS = dict(activation="gelu", visual_prompts="end", text_prompts="overwrite", passes="two",
                align_corners=True, map="mean_logits", emulate_half=False, hsf="code", dice="rows",
                half_prompts=True)


class AdaCLIP:
    def __init__(self, tower, heads, **switches):
        self.w, self.h = tower, heads
        self.s = {**DEFAULTS, **switches}
        self.out = {}

    def note(self, name, value):
        self.out[name] = value.detach()
        return value

    def halved(self, x):
        return half(x) if self.s["emulate_half"] else x

    # Transformer

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.w[name + ".weight"], self.w[name + ".bias"], 1e-5)

    def block(self, x, name, mask):
        batch, count, width = x.shape
        qkv = F.linear(self.norm(x, name + "ln_1"), self.w[name + "attn.in_proj_weight"],
                       self.w[name + "attn.in_proj_bias"])
        q, k, v = (p.reshape(batch, count, width // 64, 64).transpose(1, 2) for p in qkv.split(width, dim=2))
        mixed = torch.softmax(q @ k.transpose(2, 3) / 8 + mask, dim=-1) @ v
        mixed = mixed.transpose(1, 2).reshape(batch, count, width)
        x = x + F.linear(mixed, self.w[name + "attn.out_proj.weight"], self.w[name + "attn.out_proj.bias"])
        hidden = F.linear(self.norm(x, name + "ln_2"), self.w[name + "mlp.c_fc.weight"],
                          self.w[name + "mlp.c_fc.bias"])
        hidden = F.gelu(hidden) if self.s["activation"] == "gelu" else hidden * torch.sigmoid(1.702 * hidden)
        return x + F.linear(hidden, self.w[name + "mlp.c_proj.weight"], self.w[name + "mlp.c_proj.bias"])

    def tokens(self, pixels):
        x = (torch.from_numpy(pixels).double() / 255 - MEAN) / DEVIATION
        x = F.conv2d(x.permute(2, 0, 1)[None], self.w["visual.conv1.weight"], stride=PATCH)
        grid = self.w["visual.positional_embedding"][1:].reshape(1, GRID, GRID, VISION).permute(0, 3, 1, 2)
        grid = F.interpolate(grid, size=x.shape[2:], mode="bicubic", align_corners=False)
        positions = torch.cat([self.w["visual.positional_embedding"][:1], grid[0].flatten(1).T])
        x = torch.cat([self.w["visual.class_embedding"][None], x[0].flatten(1).T])
        return self.norm(x + positions, "visual.ln_pre")[None]

    def vision(self, x, prompts):
        count, taps = len(prompts[0]) if prompts else 0, []
        for index in range(VISION_LAYERS):
            if index < len(prompts):
                rows = prompts[index][None]
                if self.s["visual_prompts"] == "end":
                    x = torch.cat([x if index == 0 else x[:, :-count], rows], dim=1)
                else:
                    x = torch.cat([x[:, :1], rows, x[:, 1 + (count if index else 0):]], dim=1)
            x = self.block(x, f"visual.transformer.resblocks.{index}.", 0.0)
            if index + 1 in TAPS:
                taps.append(x)
        f = self.norm(x[:, 0], "visual.ln_post") @ self.w["visual.proj"]
        if self.s["visual_prompts"] == "end":
            patches = [tap[0, 1:tap.shape[1] - count] for tap in taps]
        else:
            patches = [tap[0, 1 + count:] for tap in taps]
        return taps, patches, f

    def text(self, ids, prompts):
        """All positions; ids is a list of lists."""
        insert = self.s["text_prompts"] == "insert"
        padded = torch.zeros(len(ids), CONTEXT, dtype=torch.long)
        for row, line in enumerate(ids):
            padded[row, :len(line)] = torch.tensor(line)
        x = self.w["token_embedding.weight"][padded] + self.w["positional_embedding"]
        for index in range(TEXT_LAYERS):
            if index < len(prompts):
                rows = prompts[index].expand(len(ids), -1, -1)
                if insert:
                    x = torch.cat([x[:, :1], rows, x[:, 1 + (PROMPTS if index else 0):]], dim=1)
                elif index > 0:
                    x = torch.cat([x[:, :1], rows, x[:, 1 + PROMPTS:]], dim=1)
            size = x.shape[1]
            mask = torch.full((size, size), -math.inf, dtype=torch.float64).triu(1)
            x = self.block(x, f"transformer.resblocks.{index}.", mask)
            for sentence in STORED:
                self.note(f"text.block{index}.{sentence}", x[sentence, :len(ids[sentence])])
        ends = padded.argmax(dim=1) + (PROMPTS if insert else 0)
        rows = self.norm(x, "ln_final")[torch.arange(len(ids)), ends]
        return rows @ self.w["text_projection"]

    # AdaCLIP

    def linear(self, x, name):
        return F.linear(x, self.h[f"clip_model.{name}.weight"], self.h[f"clip_model.{name}.bias"])

    def prompts(self, kind, f):
        dynamic = 0
        if f is not None:
            dynamic = torch.cat(
                [self.linear(f, f"dynamic_{kind}_prompt_generator.head.{m}") for m in range(PROMPTS)])
            self.note(f"dynamic.{kind}", dynamic)
        out = []
        for j in range(BLOCKS):
            p = self.h[f"clip_model.{kind}_prompter.static_prompts.{j}"] + dynamic
            out.append(self.note(f"prompts.{kind}{j}", half(p) if self.s["half_prompts"] else p))
        return out

    def features(self, pixels, ids):
        tokens = self.note("vision.tokens", self.tokens(pixels))
        f = None
        if self.s["passes"] == "two":
            f = self.note("unprompted.embedding", self.vision(tokens, [])[2].detach())
        visual, textual = self.prompts("visual", f), self.prompts("text", f)
        taps, patches, embedding = self.vision(tokens, visual)
        for index, tap in enumerate(taps):
            self.note(f"vision.tap{index}", tap)
        self.note("vision.embedding", embedding)
        lines = F.normalize(self.note("text.sentences", self.text(ids, textual)), dim=1)
        good, bad = lines[:28].mean(0), lines[28:].mean(0)
        self.f_t = self.note("text", torch.stack([F.normalize(good, dim=0), F.normalize(bad, dim=0)]))
        self.f_p = [self.note(f"patches{l}", F.normalize(self.linear(p, f"patch_token_layer.head.{l}"), dim=1))
                    for l, p in enumerate(patches)]
        self.f_c = self.note("image", F.normalize(self.linear(embedding, "cls_token_layer.head.0"), dim=1))
        self.logits = [self.note(f"logits{l}", self.halved(100 * p @ self.f_t.T)) for l, p in enumerate(self.f_p)]
        self.mean = self.halved(torch.stack(self.logits).mean(0))

    def pixels(self, logits):
        side = SIDE // PATCH
        grid = logits.T.reshape(1, 2, side, side)
        corners = self.s["align_corners"]
        return self.halved(F.interpolate(grid, size=(SIDE, SIDE), mode="bilinear", align_corners=corners))

    def map(self):
        if self.s["map"] == "softmax_per_tap":
            p = torch.stack([self.halved(torch.softmax(self.pixels(a), dim=1)) for a in self.logits])
            return ((p[:, 0, 1] + 1 - p[:, 0, 0]) / 2).mean(0)
        logits = self.pixels(self.mean)
        if self.s["map"] == "margin":
            return logits[0, 1] - logits[0, 0]
        self.note("map.logits", logits.permute(0, 2, 3, 1))
        p = self.halved(torch.softmax(logits, dim=1))[0]
        return (p[1] + 1 - p[0]) / 2

    def image(self):
        if self.s["hsf"] == "off":
            return self.f_c
        anomalies = self.note("anomalies", self.halved(torch.softmax(self.mean, dim=1))).detach()[:, 1]
        if self.s["hsf"] == "code":
            # Stable: ties go to the lower index.
            chosen = torch.argsort(-anomalies, stable=True)[:5 * CLUSTERS]
        else:
            chosen = torch.arange(len(anomalies))
        labels, count = lloyd(torch.cat([p[chosen] for p in self.f_p], dim=1), CLUSTERS, SEED)
        members = [[p[chosen][labels == c] for p in self.f_p] for c in range(count)]
        centres = torch.stack([torch.cat(m).mean(0) for m in members])
        if self.s["hsf"] == "code":
            semantic = self.note("semantic", F.normalize(centres.mean(0, keepdim=True), dim=1))
            return F.normalize(0.2 * semantic + 0.8 * self.f_c, dim=1)
        worst = max(range(count), key=lambda c: anomalies[chosen][labels == c].mean().item())
        return self.note("semantic", F.normalize(centres[worst:worst + 1], dim=1))

    def probabilities(self):
        fused = self.note("fused", self.image())
        return self.halved(torch.softmax(self.halved(100 * fused @ self.f_t.T), dim=1))

    def loss(self, pixels, ids, mask):
        self.features(pixels, ids)
        y = torch.tensor([int(mask.max() > 0)])
        total = focal(self.probabilities(), y)
        for l, logits in enumerate(self.logits):
            p = self.halved(torch.softmax(self.pixels(logits), dim=1))
            self.note(f"probabilities{l}", p.permute(0, 2, 3, 1))
            total = total + focal(p, mask[None].long())
            total = total + self.dice(p[0, 1], mask) + self.dice(p[0, 0], 1 - mask)
        return total

    def dice(self, p, g):
        if self.s["dice"] == "image":
            p, g = p.reshape(1, -1), g.reshape(1, -1)
        return (1 - (2 * (p * g).sum(1) + 1) / (p.sum(1) + g.sum(1) + 1)).mean()


def focal(p, y):
    """p [batch, 2, ...], y [batch, ...]."""
    hot = F.one_hot(y, 2).movedim(-1, 1).double().clamp(1e-5, 1 - 1e-5)
    own = (hot * p).sum(1) + 1e-5
    return (-((1 - own) ** 2) * own.log()).mean()


# What is written

def resampled(pixels, width, height, kernel):
    return np.asarray(Image.fromarray(pixels).resize((width, height), kernel))


def pictures(out):
    photo = tensorfile.image(44, 52)
    other = np.ascontiguousarray(255 - tensorfile.image(30, 64)[:, ::-1])
    y, x = np.mgrid[:44, :52]
    mask = np.where(((x - 15) ** 2 + (y - 20) ** 2 < 90) | ((x > 40) & (y > 30)), 255, 0).astype(np.uint8)
    out.update({"photo": photo, "other": other, "mask": mask})
    for width, height in ((SIDE, SIDE), (97, 13), (52, 61), (7, 44)):
        out[f"bicubic.{width}x{height}"] = resampled(photo, width, height, Image.BICUBIC)
        out[f"bilinear.{width}x{height}"] = resampled(mask, width, height, Image.BILINEAR)
    truth = (out[f"bilinear.{SIDE}x{SIDE}"] / 255 > 0.5).astype(np.uint8)
    out["truth"] = truth
    return (out[f"bicubic.{SIDE}x{SIDE}"], resampled(other, SIDE, SIDE, Image.BICUBIC),
            torch.from_numpy(truth).double())


def single(value):
    return value.detach().to(torch.float32).contiguous()


def forward(tower, heads, picture, ids, out):
    whole = AdaCLIP(tower, heads)
    whole.features(picture, ids)
    raw = whole.note("map", whole.map())
    whole.note("map.smoothed", torch.from_numpy(gaussian_filter(raw.numpy(), SIGMA)))
    whole.note("score", whole.probabilities()[:, 1])
    out.update({name: single(value) for name, value in whole.out.items()})
    for text in ("activation=tower", "visual_prompts=front", "text_prompts=insert", "passes=one",
                 "align_corners=false", "map=softmax_per_tap", "map=margin", "emulate_half=true", "hsf=paper",
                 "hsf=off", "half_prompts=false"):
        key, value = text.split("=")
        network = AdaCLIP(tower, heads, **{key: {"true": True, "false": False}.get(value, value)})
        network.features(picture, ids)
        chart, score = network.map(), network.probabilities()[0, 1]
        out[f"{text}.map"], out[f"{text}.score"] = single(chart), single(score[None])
        if text == "hsf=paper":
            out["hsf=paper.semantic"] = single(network.out["semantic"])
        print(f"{text}: map {(chart - raw).abs().max():.2e}, score {score - whole.out['score'][0]:+.2e}")


def part(value):
    flat = single(value).reshape(-1)
    return flat[::5].contiguous() if len(flat) > 1000 else flat


def training(tower, start, samples, out, **switches):
    """AdamW as published, one picture a step; returns what is stored."""
    heads = {name: value.clone().requires_grad_() for name, value in start.items()}
    optimiser = torch.optim.AdamW(heads.values(), lr=0.01, betas=(0.5, 0.999), weight_decay=0.01)
    losses = []
    for step, (pixels, ids, mask) in enumerate(samples):
        optimiser.zero_grad()
        network = AdaCLIP(tower, heads, **switches)
        loss = network.loss(pixels, ids, mask)
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            for name, value in heads.items():
                out["gradient." + name] = part(value.grad if value.grad is not None else torch.zeros_like(value))
            for index in range(4):
                out[f"probabilities{index}"] = single(network.out[f"probabilities{index}"])
        for value in heads.values():
            if value.grad is None:
                value.grad = torch.zeros_like(value)
        optimiser.step()
    print("losses", switches, losses)
    return losses, heads


def main():
    merges = learned_merges()
    with open(f"{HERE}/adaclip_merges.txt", "w") as file:
        file.write("merges of adaclip.py\n" + "".join(f"{a} {b}\n" for a, b in merges))
    tokenizer = Tokenizer(merges)
    nut, leather = ([tokenizer(s) for s in sentences(n)] for n in ("metal-nut", "leather"))
    tower, heads = made(tower_shapes()), made(head_shapes())
    out = {}
    photo, other, mask = pictures(out)
    for sentence in STORED:
        out[f"ids.{sentence}"] = np.array(nut[sentence], dtype=np.int32)
    with torch.no_grad():
        forward(tower, heads, photo, nut, out)

    samples = [(photo, nut, mask), (other, nut, torch.zeros_like(mask)), (photo, leather, mask)]
    losses, trained = training(tower, heads, samples, out)
    out["losses"] = torch.tensor(losses, dtype=torch.float32)
    for name, value in trained.items():
        out["trained." + name] = part(value)
    other_rule = {}
    losses, _ = training(tower, heads, samples, other_rule, dice="image")
    out["dice=image.losses"] = torch.tensor(losses, dtype=torch.float32)
    name = "clip_model.patch_token_layer.head.3.bias"
    out["dice=image.gradient." + name] = other_rule["gradient." + name]
    tensorfile.write(f"{HERE}/adaclip.safetensors", out, "adaclip.py")


torch.set_num_threads(1)
if __name__ == "__main__":
    main()
