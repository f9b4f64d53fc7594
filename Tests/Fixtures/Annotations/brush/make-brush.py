"""Writes brush.json: masks, and Label Studio's own stream of each.

Python 3.11, label-studio-converter 0.0.59. Run in this directory: python make-brush.py
"""
import json

import numpy as np
from label_studio_converter.brush import decode_rle, encode_rle

random = np.random.default_rng(3)
masks = {
    "ring": np.array([[1, 1, 1, 0], [1, 0, 1, 0], [1, 1, 1, 0]]),
    "empty": np.zeros((2, 5), int),
    "full": np.ones((3, 3), int),
    "one": np.array([[0, 0, 1]]),
    "noise": random.integers(0, 2, (9, 13)),
    "large": (np.indices((150, 170)).sum(0) % 90 < 40).astype(int),
}
result = []
for name, mask in masks.items():
    rgba = np.repeat((mask * 255).astype(np.uint8).ravel(), 4)
    stream = encode_rle(rgba)
    assert (decode_rle(stream) == rgba).all()
    result.append({"name": name, "rows": ["".join(map(str, row)) for row in mask], "rle": [int(b) for b in stream]})
json.dump(result, open("brush.json", "w"), separators=(",", ":"))
