"""The steps of `linewatch bench training` in PyTorch.

    bench-training.py STEPS THREADS

Prints for each network a line NAME, "torch", least and median milliseconds, with tabs between. Two steps before are not
counted.
"""
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

steps, threads = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(1)


def quick_gelu(x):
    return x * torch.sigmoid(1.702 * x)


def attend(queries, keys, values, heads):
    batch, _, width = queries.shape

    def split(x):
        return x.reshape(batch, -1, heads, width // heads).transpose(1, 2)

    q, k, v = split(queries), split(keys), split(values)
    weights = torch.softmax(q @ k.transpose(-2, -1) * (width // heads) ** -0.5, -1)
    return (weights @ v).transpose(1, 2).reshape(batch, -1, width)


class Block(nn.Module):
    def __init__(self, width, batch, tokens):
        super().__init__()
        self.heads = width // 64
        self.x = torch.randn(batch, tokens, width, requires_grad=True)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self):
        q, k, v = self.qkv(self.norm1(self.x)).chunk(3, -1)
        x = self.x + self.out(attend(q, k, v, self.heads))
        x = x + self.down(quick_gelu(self.up(self.norm2(x))))
        return x.square().mean()


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.q, self.k, self.v, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, queries, keys):
        return self.out(attend(self.q(self.norm(queries)), self.k(keys), self.v(keys), 4))


class Adapter(nn.Module):
    def __init__(self, inputs, width):
        super().__init__()
        self.norm = nn.LayerNorm(inputs)
        self.skip, self.down, self.up = nn.Linear(inputs, width), nn.Linear(inputs, 64), nn.Linear(64, width)

    def forward(self, x):
        x = self.norm(x)
        return self.skip(x) + 0.4 * self.up(quick_gelu(self.down(x)))


class FusionHead(nn.Module):
    """BenchFusionHead.swift once more."""

    def __init__(self):
        super().__init__()
        width = 128
        self.inputs = [torch.randn(8 * 256, inputs) for inputs in (160, 112, 192, 192)]
        self.text, self.bank = torch.randn(2, 384), F.normalize(torch.randn(512, width))
        self.mask = torch.zeros(8, 64, 64)
        self.mask[::2, :, :8] = 1
        self.token_mask = (torch.arange(8 * 256) % 16 < 2).float()
        self.adapters = nn.ModuleList([Adapter(x.shape[1], width) for x in self.inputs])
        self.text_down, self.text_up = nn.Linear(384, 96), nn.Linear(96, 384)
        self.text_out, self.gate = nn.Linear(384, width), nn.Linear(2 * width, width)
        self.to_text, self.to_image = Attention(width), Attention(width)
        self.map_in = nn.Linear(2 * width + 4, 64)
        self.depth = nn.ModuleList([nn.Conv2d(64, 64, 3, padding=1, groups=64) for _ in range(2)])
        self.mix = nn.ModuleList([nn.Linear(64, 64) for _ in range(2)])
        self.smooth, self.map_out = nn.Conv2d(64, 32, 3, padding=1), nn.Linear(32, 1)
        self.radius = nn.Parameter(torch.tensor(0.05))

    def forward(self):
        v = F.normalize(0.25 * sum(adapter(x) for adapter, x in zip(self.adapters, self.inputs)))
        learned = self.text_up(quick_gelu(self.text_down(self.text)))
        t = F.normalize(self.text_out(0.9 * self.text + 0.1 * learned))
        similarity = v @ self.bank.T
        visual = 1 - similarity.topk(3, 1).values.mean(1)
        near = self.bank[similarity.detach().argmax(1)]
        words, centres = t.expand(8, -1, -1), self.bank[:4].expand(8, -1, -1)
        grid = v.reshape(8, 256, 128)
        x = grid + self.to_text(grid, torch.cat([words, centres], 1))
        spoken = words + self.to_image(words, grid)
        residual = (v - near).abs()
        flat = x.reshape(-1, 128)
        gate = torch.sigmoid(self.gate(torch.cat([flat, residual], 1)))
        y = gate * (flat - residual) + residual
        margin = v @ t.T / 0.07
        text_score = margin[:, 1] - margin[:, 0]
        said = (grid @ spoken.transpose(1, 2)).reshape(-1, 2)
        z = torch.cat([y, residual, visual[:, None], text_score[:, None], said], 1)
        logits = self.segmented(self.map_in(z).reshape(8, 16, 16, 64))
        return self.total(logits.reshape(8, -1), visual, text_score)

    def segmented(self, x):
        for depth, mix in zip(self.depth, self.mix):
            x = depth(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
            x = F.relu6(mix(x))
        x = F.interpolate(x.permute(0, 3, 1, 2), scale_factor=2, mode="bilinear", align_corners=False)
        x = F.relu6(self.smooth(x))
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        return self.map_out(x.permute(0, 2, 3, 1))

    def total(self, logits, visual, text_score):
        truth, token, radius = self.mask.reshape(8, -1), self.token_mask, self.radius.clamp(0, 1)

        def focal(z, target):
            p = torch.sigmoid(z)
            chosen = torch.where(target > 0, p, 1 - p)
            loss = F.binary_cross_entropy_with_logits(z, target, reduction="none")
            return ((1 - chosen) ** 2 * loss).mean()

        p = torch.sigmoid(logits)
        dice = 1 - (2 * (p * truth).sum(1) + 1) / (p.sum(1) + truth.sum(1) + 1)
        top = p.topk(41, 1).values.mean(1)
        image = (torch.arange(8) % 2 == 0).float()
        inside = (F.relu(visual - radius) * (1 - token)).sum() / (1 - token).sum()
        outside = (F.relu(radius + 0.2 - visual) * token).sum() / token.sum()
        return (inside + outside + focal(text_score, token) + focal(logits, truth) + dice.mean()
                + F.binary_cross_entropy_with_logits(4 * top - 2, image))


for name, network in [
    ("block of 192, 32 x 257 tokens", Block(192, 32, 257)),
    ("block of 768, 8 x 197 tokens", Block(768, 8, 197)),
    ("VTFusion head, 8 x 256 tokens", FusionHead()),
]:
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-4, weight_decay=0.05)
    times = []
    for _ in range(steps + 2):
        start = time.perf_counter()
        optimiser.zero_grad()
        network().backward()
        optimiser.step()
        times.append((time.perf_counter() - start) * 1e3)
    times = sorted(times[2:])
    print(f"{name}\ttorch\t{times[0]:.2f}\t{times[steps // 2]:.2f}", flush=True)
