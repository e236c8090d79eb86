#!/usr/bin/env python3
"""Makes pictures.txt: small image files of a soft ramp, by OpenCV.

    python3 -m venv /tmp/opencv && /tmp/opencv/bin/pip install opencv-python-headless numpy
    /tmp/opencv/bin/python pictures.py > pictures.txt

Pixel (x, y) of the ramp, 24 x 16, is R = 10 x, G = 15 y, B = 4 (x + y). One file a line: its name and
its bytes in hex. In alpha.png the left half of the pixels is transparent; in grey.jpg and grey.png all
three channels are R; deep.png has sixteen bits, 257 times the value.
"""
import cv2
import numpy as np

y, x = np.mgrid[0:16, 0:24]
bgr = np.stack([4 * (x + y), 15 * y, 10 * x], -1).astype(np.uint8)
grey = bgr[:, :, 2]
alpha = np.dstack([bgr, np.where(x < 12, 0, 255).astype(np.uint8)])
best = [cv2.IMWRITE_JPEG_QUALITY, 98]

FILES = {
    "colour.jpg": ("jpg", bgr, best),
    "progressive.jpg": ("jpg", bgr, best + [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]),
    "grey.jpg": ("jpg", grey, best),
    "colour.png": ("png", bgr, []),
    "grey.png": ("png", grey, []),
    "alpha.png": ("png", alpha, []),
    "deep.png": ("png", bgr.astype(np.uint16) * 257, []),
}

print(f"# pictures 1, made by pictures.py with OpenCV {cv2.__version__}")
for name, (kind, pixels, options) in FILES.items():
    print(name, cv2.imencode("." + kind, pixels, options)[1].tobytes().hex())
