"""Golden vectors of all-MiniLM-L6-v2, by PyTorch.

    python3 minilm.py FOLDER_WITH_THE_PUBLISHED_WEIGHTS

Writes minilm.txt (three sentences, one a line) and minilm.safetensors: for each of them `s{n}.ids` int32 [T], `s{n}.embeddings` [T, 384],
`s{n}.layer{i}` [T, 384], `s{n}.embedding` [384] (mean over the tokens, unit length); float32.
Writes sentences.txt (one sentence a line) and sentences.safetensors: `embeddings` float16 [200, 384].
Token ids come from a small WordPiece written here for plain ASCII text.
"""
import math
import os
import re
import sys

import numpy as np
import torch
import torch.nn.functional as F

import tensorfile
from sentences import SENTENCES

LAYERS, HEADS, WIDTH = 6, 12, 384
TRACED = [
    "Scratched metal surface.",
    "A photo of a damaged magnetic tile with a small blowhole.",
    "The printed circuit board passed: no missing parts, no solder bridges, and every connector sits flush.",
]


class WordPiece:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.ids = {token: id for id, token in enumerate(file.read().split("\n")[:-1])}

    def encode(self, text):
        assert text.isascii()
        ids = [101]
        for word in re.findall(r"[a-z0-9]+|[^\sa-z0-9]", text.lower()):
            start = 0
            while start < len(word):
                pieces = (
                    (end, ("##" if start else "") + word[start:end]) for end in range(len(word), start, -1))
                start, piece = next(found for found in pieces if found[1] in self.ids)
                ids.append(self.ids[piece])
        return ids + [102]


def encode(weights, ids):
    """Yields name, value for the embeddings, each layer and the sentence embedding."""
    def linear(x, name):
        return x @ weights[name + ".weight"].T + weights[name + ".bias"]

    def norm(x, name):
        return F.layer_norm(x, (WIDTH,), weights[name + ".weight"], weights[name + ".bias"], 1e-12)

    def split(x):
        return x.reshape(len(ids), HEADS, WIDTH // HEADS).transpose(0, 1)

    x = weights["embeddings.word_embeddings.weight"][ids]
    x = x + weights["embeddings.position_embeddings.weight"][: len(ids)]
    x = x + weights["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, "embeddings.LayerNorm")
    yield "embeddings", x
    for index in range(LAYERS):
        layer = f"encoder.layer.{index}."
        q, k, v = (split(linear(x, layer + "attention.self." + part)) for part in ("query", "key", "value"))
        mixed = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(WIDTH // HEADS), dim=-1) @ v
        mixed = mixed.transpose(0, 1).reshape(len(ids), WIDTH)
        x = norm(x + linear(mixed, layer + "attention.output.dense"), layer + "attention.output.LayerNorm")
        hidden = F.gelu(linear(x, layer + "intermediate.dense"))
        x = norm(x + linear(hidden, layer + "output.dense"), layer + "output.LayerNorm")
        yield f"layer{index}", x
    yield "embedding", F.normalize(x.mean(dim=0), dim=0)


def main(folder, here):
    weights = {
        name: torch.from_numpy(array.astype(np.float32))
        for name, array in tensorfile.read(f"{folder}/all_minilm_l6_v2_fp16.safetensors").items()
    }
    words = WordPiece(f"{folder}/minilm_tokenizer/vocab.txt")

    traced = {}
    for number, sentence in enumerate(TRACED):
        ids = words.encode(sentence)
        traced[f"s{number}.ids"] = np.array(ids, dtype=np.int32)
        for name, value in encode(weights, ids):
            traced[f"s{number}.{name}"] = value
    tensorfile.write(f"{here}/minilm.safetensors", traced, "minilm.py")

    with open(f"{here}/minilm.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(TRACED) + "\n")

    assert len(SENTENCES) == len(set(SENTENCES)) == 200
    rows = torch.stack([dict(encode(weights, words.encode(text)))["embedding"] for text in SENTENCES])
    tensorfile.write(f"{here}/sentences.safetensors", {"embeddings": rows.half()}, "minilm.py")
    with open(f"{here}/sentences.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(SENTENCES) + "\n")

    near = rows @ rows.T - 2 * torch.eye(len(rows))
    best = near.topk(2, dim=1)
    gap = best.values[:, 0] - best.values[:, 1]
    print(f"nearest neighbour: cosine {best.values[:, 0].mean():.3f}, mean lead {gap.mean():.4f}, "
          f"lead under 0.002 in {(gap < 0.002).sum().item()} of 200")


torch.set_num_threads(1)
with torch.no_grad():
    main(sys.argv[1], os.path.dirname(os.path.abspath(__file__)))
