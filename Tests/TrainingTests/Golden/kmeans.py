#!/usr/bin/env python3
"""Writes kmeans.json: what scikit-learn's k-means (Lloyd) makes of 90 points from given centres.

    /usr/bin/python3 Tests/TrainingTests/Golden/kmeans.py
"""
import json
import pathlib

import numpy as np
from sklearn.cluster import KMeans

random = np.random.default_rng(7)
points = np.round(random.normal(size=(90, 5)), 3)
start = points[[0, 11, 22, 33]]
fit = KMeans(n_clusters=4, init=start, n_init=1, algorithm="lloyd", tol=0).fit(points)
path = pathlib.Path(__file__).with_name("kmeans.json")
path.write_text(json.dumps({
    "width": 5, "points": points.ravel().tolist(), "start": start.ravel().tolist(),
    "centres": fit.cluster_centers_.ravel().tolist(), "labels": fit.labels_.tolist(), "inertia": fit.inertia_,
}) + "\n")
