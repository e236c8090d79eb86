#!/usr/bin/env python3
"""Makes camera-opencv.txt: frames, and what OpenCV's INTER_AREA makes of them.

    python3 -m venv /tmp/opencv && /tmp/opencv/bin/pip install opencv-python-headless numpy
    /tmp/opencv/bin/python camera-opencv.py > camera-opencv.txt

One case a line: format, frame width and height, crop x y w h, output width and height, the bytes of
the frame and of the output [height, width, 3] R G B, both in hex.
"""
import cv2
import numpy as np

CASES = [
    ("GREY", (32, 24), (0, 0, 32, 24), (8, 6)),
    ("GREY", (33, 25), (3, 1, 29, 23), (9, 10)),
    ("RGB3", (32, 24), (0, 0, 32, 24), (14, 14)),
    ("BGR3", (26, 20), (5, 2, 20, 17), (7, 5)),
    ("YUYV", (64, 36), (0, 0, 64, 36), (14, 14)),
    ("UYVY", (40, 24), (0, 0, 40, 24), (20, 8)),
    ("NV12", (40, 24), (0, 0, 40, 24), (10, 12)),
]
TO_RGB = {
    "GREY": cv2.COLOR_GRAY2RGB,
    "BGR3": cv2.COLOR_BGR2RGB,
    "YUYV": cv2.COLOR_YUV2RGB_YUYV,
    "UYVY": cv2.COLOR_YUV2RGB_UYVY,
    "NV12": cv2.COLOR_YUV2RGB_NV12,
}


def frame(name, width, height, random):
    """Noise for formats that OpenCV only averages; soft colours, far from clipping, for those it converts."""
    channels = {"RGB3": 3, "BGR3": 3, "YUYV": 2, "UYVY": 2}.get(name, 1)
    if name not in ("YUYV", "UYVY", "NV12"):
        return random.integers(0, 256, (height, width, channels), np.uint8)
    rows = height * 3 // 2 if name == "NV12" else height
    return random.integers(100, 150, (rows, width, channels), np.uint8)


def main():
    random = np.random.default_rng(1)
    print(f"# camera-opencv 1, made by camera-opencv.py with OpenCV {cv2.__version__}")
    for name, (width, height), (x, y, w, h), size in CASES:
        pixels = frame(name, width, height, random)
        rgb = cv2.cvtColor(pixels, TO_RGB[name]) if name in TO_RGB else pixels
        out = cv2.resize(rgb[y : y + h, x : x + w], size, interpolation=cv2.INTER_AREA)
        print(name, width, height, x, y, w, h, *size, pixels.tobytes().hex(), out.tobytes().hex())


main()
