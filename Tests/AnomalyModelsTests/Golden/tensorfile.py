"""Reads and writes safetensors files with numpy alone.

Layout: byte count n of the header (little-endian, 8 bytes), header (JSON: name -> dtype, shape,
[begin, end) in the data), data.
"""
import json
import struct

import numpy as np

CODES = {"F32": np.float32, "F16": np.float16, "I64": np.int64, "I32": np.int32, "U8": np.uint8}
NAMES = {np.dtype(kind): code for code, kind in CODES.items()}


def read(path):
    """Every tensor of the file, as name -> array."""
    with open(path, "rb") as file:
        count = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(count))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        flat = np.frombuffer(data[begin:end], dtype=CODES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


def write(path, tensors, script):
    """Writes name -> array (or torch tensor) in the order given; `script` says how to remake it."""
    header, blobs, offset = {"__metadata__": {"made_by": script}}, [], 0
    for name, value in tensors.items():
        array = np.asarray(value.detach().numpy() if hasattr(value, "detach") else value)
        assert array.dtype.kind != "f" or np.isfinite(array).all(), name
        blob = array.tobytes()
        header[name] = {
            "dtype": NAMES[array.dtype],
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(blob)],
        }
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))
    print(f"{path}: {8 + len(text) + offset:,} bytes, {len(tensors)} tensors")


def image(height, width):
    """A synthetic RGB image, uint8 [height, width, 3]: ramps, a chequer and a bright disc."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    value = (3 * x + 5 * y + 37 * c + x * y // 7) % 192
    value = value + 40 * ((x // 8 + y // 8) % 2)
    disc = (x - width // 2) ** 2 + (y - height // 2) ** 2 < (height // 4) ** 2
    return np.where(disc, 255 - value // (c + 1), value).astype(np.uint8)
