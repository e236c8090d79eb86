"""Writes reference.safetensors with the format's own library: pip install safetensors numpy."""

import pathlib

import numpy as np
from safetensors.numpy import save_file

codes = np.arange(-3, 4, dtype=np.int8)
save_file(
    {
        "f32": np.array([[0.1, -2.5, 1e-40], [3.4e38, -0.0, 7]], dtype=np.float32),
        "f16": np.array([0.1, 6e-8, -65504], dtype=np.float16),
        "i8": codes,
        "u8": codes.astype(np.uint8).reshape(7, 1),
        "i32": np.array(-(2**31), dtype=np.int32),
        "i64": np.array([[2**40]], dtype=np.int64),
        "empty": np.zeros((0, 3), dtype=np.float32),
        'odd "näme"/\n': np.ones(1, dtype=np.int8),
    },
    pathlib.Path(__file__).with_name("reference.safetensors"),
    metadata={"format": "np", "note": "a\\b"},
)
