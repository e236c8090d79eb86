"""Figures of detection by their definitions, written as figures.json.

Every figure is computed the slow way: AUROC over all pairs, the others threshold by threshold over whole
arrays, regions by scipy.ndimage.label. Run: python3 figures.py (numpy 2, scipy 1.17).
"""
import json
import pathlib

import numpy as np
from scipy import ndimage

random = np.random.default_rng(20261121)


def auroc(good, bad):
    pairs = (bad[:, None] > good[None, :]) + 0.5 * (bad[:, None] == good[None, :])
    return pairs.mean()


def thresholds(good, bad):
    return np.unique(np.concatenate([good, bad]))[::-1]


def average_precision(good, bad):
    total, last = 0.0, 0.0
    for level in thresholds(good, bad):
        found, false = (bad >= level).sum(), (good >= level).sum()
        recall = found / len(bad)
        total += (recall - last) * found / (found + false)
        last = recall
    return total


def maximum_f1(good, bad):
    best = (0.0, np.inf)
    for level in thresholds(good, bad):
        found, false = (bad >= level).sum(), (good >= level).sum()
        f1 = 2 * found / (2 * found + false + (len(bad) - found))
        if f1 > best[0]:
            best = (f1, level)
    return float(best[0]), float(best[1])


def regions(masks):
    """For each region a boolean array over all pixels of all images."""
    found = []
    for index, mask in enumerate(masks):
        labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
        for label in range(1, count + 1):
            whole = np.zeros((len(masks),) + mask.shape, bool)
            whole[index] = labels == label
            found.append(whole)
    return found


def aupro(maps, masks, levels, limit=0.3):
    parts, good = regions(masks), ~masks
    points = [(0.0, 0.0)]
    for level in levels:
        hit = maps >= level
        points.append(((hit & good).sum() / good.sum(), np.mean([hit[p].mean() for p in parts])))
    x, y = map(np.array, zip(*points))
    inside = x <= limit
    if not inside.all():
        first = np.argmin(inside)
        share = (limit - x[first - 1]) / (x[first] - x[first - 1])
        x = np.append(x[:first], limit)
        y = np.append(y[:first], y[first - 1] + share * (y[first] - y[first - 1]))
    return float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2) / limit)


def ranking(good, bad):
    f1, level = maximum_f1(good, bad)
    return {
        "good": good.tolist(), "bad": bad.tolist(), "auroc": float(auroc(good, bad)),
        "ap": float(average_precision(good, bad)), "maximumF1": f1, "maximumF1Threshold": level,
    }


def maps_case(ties):
    shape = (3, 14, 18)
    masks = np.zeros(shape, bool)
    masks[0, 2:5, 3:9] = True
    masks[0, 5, 9] = True  # touches the first region at a corner
    masks[0, 10:13, 15:18] = True
    masks[1, 0, 0] = True
    maps = random.normal(size=shape) + 1.2 * masks
    maps = np.round(maps * 4) / 4 if ties else maps
    maps = maps.astype(np.float32)
    levels = np.unique(maps)[::-1]
    high, low = levels[0], levels[-1]
    steps = [np.float32(high - (high - low) * np.float32(i) / np.float32(24)) for i in range(24)] + [low]
    return {
        "shape": shape, "maps": maps.ravel().tolist(), "masks": masks.astype(int).ravel().tolist(),
        "auroc": float(auroc(maps[~masks], maps[masks])), "aupro": aupro(maps, masks, levels),
        "aupro25": aupro(maps, masks, steps), "auproWhole": aupro(maps, masks, levels, 1.0),
        "regions": len(regions(masks)),
    }


def smooth_case():
    values = random.normal(size=(9, 13)).astype(np.float32)
    smooth = ndimage.gaussian_filter(values.astype(np.float64), 2.0, mode="reflect", truncate=4.0)
    return {"shape": values.shape, "values": values.ravel().tolist(), "sigma": 2.0, "smooth": smooth.ravel().tolist()}


def area_case():
    mask = np.zeros((35, 50), bool)
    mask[4:17, 6:30] = True
    mask[25, 40] = True  # would vanish
    mask[30:33, 2:5] = True
    rows, columns = 12, 20
    fine = np.kron(mask, np.ones((rows, columns)))  # exact: every cell holds whole parts of every pixel
    share = fine.reshape(rows, mask.shape[0], columns, mask.shape[1]).mean(axis=(1, 3))
    small = share >= 0.5
    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    for label in range(1, count + 1):
        part = np.kron(labels == label, np.ones((rows, columns)))
        part = part.reshape(rows, mask.shape[0], columns, mask.shape[1]).mean(axis=(1, 3))
        if not small[part > 0].any():
            small.flat[np.argmax(part)] = True
    return {
        "shape": mask.shape, "mask": mask.astype(int).ravel().tolist(), "smallShape": small.shape,
        "small": small.astype(int).ravel().tolist(),
    }


document = {
    "rankings": [
        ranking(random.normal(size=40).astype(np.float32), (random.normal(size=25) + 0.8).astype(np.float32)),
        ranking(random.integers(0, 6, 60).astype(np.float32), random.integers(2, 9, 30).astype(np.float32)),
        ranking(np.float32([0, -0.0, 1]), np.float32([0, 2])),
    ],
    "maps": [maps_case(False), maps_case(True)],
    "smooth": smooth_case(),
    "area": area_case(),
}
pathlib.Path(__file__).with_name("figures.json").write_text(json.dumps(document) + "\n")
