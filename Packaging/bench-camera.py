"""A YUYV frame of 1280x720 to a normalised float tensor with OpenCV, one thread.

    bench-camera.py SIDE FRAMES

Prints a line ms=<number> for each frame; a tenth as many run before that are not counted.
"""
import sys
import time

import cv2
import numpy as np

side, frames = int(sys.argv[1]), int(sys.argv[2])
cv2.setNumThreads(1)

frame = np.random.default_rng(1).integers(0, 256, (720, 1280, 2), np.uint8)
rgb = np.empty((720, 1280, 3), np.uint8)
small = np.empty((side, side, 3), np.uint8)
tensor = np.empty((side, side, 3), np.float32)
mean = (122.77, 116.75, 104.09, 0)
scale = (1 / 68.5, 1 / 66.63, 1 / 70.32, 0)

for index in range(frames + frames // 10):
    start = time.perf_counter()
    cv2.cvtColor(frame, cv2.COLOR_YUV2RGB_YUYV, dst=rgb)
    cv2.resize(rgb, (side, side), dst=small, interpolation=cv2.INTER_AREA)
    cv2.subtract(small, mean, dst=tensor, dtype=cv2.CV_32F)
    cv2.multiply(tensor, scale, dst=tensor)
    end = time.perf_counter()
    if index >= frames // 10:
        print(f"ms={(end - start) * 1e3:.4f}")
