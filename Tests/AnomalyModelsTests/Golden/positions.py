"""Golden vectors of the resize of positional embeddings, by torch.nn.functional.interpolate.

    python3 positions.py

Writes positions.safetensors, float32: `source` [17, 6] (class row, then a 4 x 4 grid, row-major) and
`to{rows}x{columns}` [1 + rows * columns, 6].
"""
import os

import torch
import torch.nn.functional as F

import tensorfile

torch.set_num_threads(1)
torch.manual_seed(7)
source = torch.randn(17, 6)
out = {"source": source}
for rows, columns in ((4, 4), (7, 5), (2, 3), (1, 9), (16, 16)):
    grid = source[1:].reshape(1, 4, 4, 6).permute(0, 3, 1, 2)
    grid = F.interpolate(grid, size=(rows, columns), mode="bicubic", align_corners=False)
    out[f"to{rows}x{columns}"] = torch.cat([source[:1], grid[0].flatten(1).T])
tensorfile.write(f"{os.path.dirname(os.path.abspath(__file__))}/positions.safetensors", out, "positions.py")
