"""Figures of detection and of clustering by scikit-learn, written as agreement.json.

Detection: AUROC, average precision, highest F1 over the thresholds of precision_recall_curve, F1 and rates at a
threshold. Clustering: NMI, ARI, and the accuracy by scipy's assignment. Maps: AUROC and AP of the pixels by
scikit-learn, AUPRO by a loop over thresholds with scipy.ndimage. Run: python3 agreement.py (scikit-learn 1.2.1,
numpy 1.24, scipy 1.10).
"""
import json
import pathlib

import numpy as np
from scipy import ndimage, optimize
from sklearn import metrics

random = np.random.default_rng(20261129)


def ranking(good, bad, threshold):
    good, bad = np.float32(good), np.float32(bad)
    scores = np.concatenate([good, bad]).astype(np.float64)
    labels = np.concatenate([np.zeros(len(good)), np.ones(len(bad))])
    precision, recall, _ = metrics.precision_recall_curve(labels, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-300)
    called = scores > np.float32(threshold)
    matrix = metrics.confusion_matrix(labels, called, labels=[0, 1])
    return {
        "good": good.tolist(), "bad": bad.tolist(), "threshold": float(np.float32(threshold)),
        "auroc": metrics.roc_auc_score(labels, scores), "ap": metrics.average_precision_score(labels, scores),
        "maximumF1": float(f1.max()), "f1": metrics.f1_score(labels, called, zero_division=0),
        "falseAlarmRate": float(matrix[0, 1] / matrix[0].sum()), "missRate": float(matrix[1, 0] / matrix[1].sum()),
    }


def clustering(types, clusters):
    table = metrics.cluster.contingency_matrix(types, clusters)
    side = max(table.shape)
    square = np.zeros((side, side), int)
    square[:table.shape[0], :table.shape[1]] = table
    rows, columns = optimize.linear_sum_assignment(-square)
    return {
        "types": np.asarray(types).tolist(), "clusters": np.asarray(clusters).tolist(),
        "nmi": metrics.normalized_mutual_info_score(types, clusters), "ari": metrics.adjusted_rand_score(types, clusters),
        "acc": float(square[rows, columns].sum() / len(types)),
    }


def overlap(maps, masks, limit):
    """The AUPRO of Bergmann et al., threshold by threshold."""
    labels = [ndimage.label(mask, structure=np.ones((3, 3))) for mask in masks]
    regions = [(index, label == number) for index, (label, count) in enumerate(labels) for number in range(1, count + 1)]
    points = [(0.0, 0.0)]
    for level in np.unique(maps)[::-1]:
        hit = maps >= level
        covered = np.mean([(hit[index] & region).sum() / region.sum() for index, region in regions])
        points.append(((hit & ~masks).sum() / (~masks).sum(), covered))
    area = 0.0
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if x0 >= limit:
            break
        if x1 > limit:
            x1, y1 = limit, y0 + (y1 - y0) * (limit - x0) / (x1 - x0)
        area += (x1 - x0) * (y0 + y1) / 2
    return float(area / limit)


def maps_case(maps, masks):
    maps = maps.astype(np.float32)
    labels, scores = masks.ravel().astype(int), maps.ravel().astype(np.float64)
    return {
        "shape": maps.shape, "maps": maps.ravel().tolist(), "masks": labels.tolist(),
        "auroc": metrics.roc_auc_score(labels, scores), "ap": metrics.average_precision_score(labels, scores),
        "aupro": overlap(maps, masks, 0.3),
    }


def some_masks(shape):
    masks = ndimage.binary_dilation(random.random(shape) > 0.985, structure=np.ones((1, 2, 3)))
    masks[-1] = False
    masks[0, 0, 0] = masks[0, 2, 2] = True
    return masks


def rankings():
    integers = lambda low, high, count: random.integers(low, high, count)
    yield ranking(random.normal(size=83), random.normal(size=41) + 1, 0.7)
    yield ranking(integers(0, 5, 70), integers(0, 6, 33), 3)
    yield ranking([1, 1, 1], [1, 1], 1)
    yield ranking([0, -0.0, 0], [0, -0.0], -1)
    yield ranking([5], [4], 4.5)
    yield ranking([4], [5], 4.5)
    yield ranking([1e-38, 2e-38, -1e30], [1e-38, 3e38], 0)
    yield ranking(integers(0, 2, 500), integers(0, 2, 3), 0)
    yield ranking(np.float32(1) + np.float32(2.0 ** -23) * integers(0, 4, 40), 1 + 2.0 ** -23 * integers(0, 4, 40), 1)


def clusterings():
    integers = random.integers
    yield clustering(integers(0, 6, 300), integers(0, 6, 300))
    types = integers(0, 5, 240)
    yield clustering(types, np.where(random.random(240) < 0.8, (types + 2) % 5, integers(0, 9, 240)))
    yield clustering(types, types * 7 - 3)
    yield clustering(types, np.zeros(240, int))
    yield clustering(np.zeros(9, int), integers(0, 3, 9))
    yield clustering(np.zeros(9, int), np.full(9, 4))
    yield clustering(np.arange(12), np.arange(12)[::-1])
    yield clustering(np.arange(12), integers(0, 2, 12))
    yield clustering([3], [8])


def maps():
    shape = (4, 17, 23)
    masks = some_masks(shape)
    yield maps_case(random.normal(size=shape) + masks, masks)
    yield maps_case(np.round(random.normal(size=shape) * 2 + masks), masks)
    yield maps_case(np.zeros(shape), masks)
    yield maps_case(masks.astype(float), masks)
    yield maps_case(-masks.astype(float), masks)
    every = np.zeros(shape, bool)
    every[0] = True
    yield maps_case(random.normal(size=shape) + every, every)


document = {"rankings": list(rankings()), "clusterings": list(clusterings()), "maps": list(maps())}
pathlib.Path(__file__).with_name("agreement.json").write_text(json.dumps(document) + "\n")
