"""AdaCLIP's fidelity mode on random CLIPs of the published sizes, by PyTorch in double precision.

    python3 adaclip_sizes.py b16|b32|l14|l14-336 FOLDER        (needs torch, scipy and Pillow; minutes, and gigabytes for l14)

Writes checkpoint.safetensors, heads.safetensors and recording.safetensors into FOLDER, for

    linewatch model import FOLDER/checkpoint.safetensors --activation quickgelu --adaclip FOLDER/heads.safetensors \\
        --vocabulary adaclip_merges.txt --output FOLDER --name fidelity
    linewatch model fidelity compare FOLDER/fidelity FOLDER/recording.safetensors --side SIDE

The network is that of adaclip.py at another size; only the vocabulary stays small. Weights and pictures are drawn, so nothing
of this is kept.
"""
import json
import os
import struct
import sys

import numpy as np
import torch
from scipy.ndimage import gaussian_filter

import adaclip
from adaclip import tensorfile

#        patch, grid, width, layers, side, text width, text layers
SIZES = {"b32": (32, 7, 768, 12, 224, 512, 12), "b16": (16, 14, 768, 12, 224, 512, 12),
         "l14": (14, 16, 1024, 24, 224, 768, 12), "l14-336": (14, 24, 1024, 24, 518, 768, 12)}


def described(path, key, value):
    """Adds a word to the metadata of a file."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    header["__metadata__"][key] = value
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def main(size, folder):
    (adaclip.PATCH, adaclip.GRID, adaclip.VISION, adaclip.VISION_LAYERS, adaclip.SIDE, adaclip.TEXT,
     adaclip.TEXT_LAYERS) = SIZES[size]
    adaclip.CLUSTERS, adaclip.SEED = 20, 0
    adaclip.TAPS = tuple(adaclip.VISION_LAYERS // 4 * n for n in (1, 2, 3, 4))
    os.makedirs(folder, exist_ok=True)
    merges = adaclip.learned_merges()
    tokenizer = adaclip.Tokenizer(merges)
    ids = [tokenizer(s) for s in adaclip.sentences("metal nut")]
    tower, heads = adaclip.made(adaclip.tower_shapes()), adaclip.made(adaclip.head_shapes())
    # The importer wants it; this mode does not use it.
    tower["logit_scale"] = torch.tensor(4.6)
    for name, weights in (("checkpoint", tower), ("heads", heads)):
        tensorfile.write(f"{folder}/{name}.safetensors", {n: adaclip.single(v) for n, v in weights.items()},
                         "adaclip_sizes.py")
    picture = tensorfile.image(adaclip.SIDE, adaclip.SIDE)
    out = {"image": picture}
    with torch.no_grad():
        network = adaclip.AdaCLIP(tower, heads)
        network.features(picture, ids)
        raw = network.note("map", network.map())
        network.note("map.smoothed", torch.from_numpy(gaussian_filter(raw.numpy(), adaclip.SIGMA)))
        network.note("score", network.probabilities()[:, 1])
    network.note("image.embedding", network.out.pop("image"))
    out.update({name: adaclip.single(value) for name, value in network.out.items()})
    recording = f"{folder}/recording.safetensors"
    tensorfile.write(recording, out, "adaclip_sizes.py")
    described(recording, "class_name", "metal nut")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
