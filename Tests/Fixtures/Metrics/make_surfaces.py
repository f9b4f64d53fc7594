"""Writes surfaces.json: distances between the edges of pairs of masks as MONAI finds them.

monai 1.6.1, torch, pycocotools 2.0.11, numpy 2.4.6. Run from anywhere; the file is written beside this script. Each case
has two masks as compressed RLE, a spacing (row, column), a tolerance, the 95th percentile Hausdorff distance and the
normalised surface distance ("surface Dice") without sub-voxels.
"""

import json
import pathlib

import numpy as np
import torch
from monai.metrics import compute_hausdorff_distance, compute_surface_dice
from pycocotools import mask as mask_utils

HEIGHT, WIDTH = 40, 56
rng = np.random.default_rng(3)


def blob():
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    mask = np.zeros((HEIGHT, WIDTH), bool)
    for _ in range(int(rng.integers(1, 4))):
        cy, cx = rng.uniform(0, HEIGHT), rng.uniform(0, WIDTH)
        ry, rx = rng.uniform(2, 15, 2)
        mask |= ((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 < 1
    return mask


def rle(mask):
    packed = mask_utils.encode(np.asfortranarray(mask.astype(np.uint8)))
    return packed["counts"].decode()


cases = []
for index in range(40):
    a, b = blob(), blob()
    if index % 4 == 0:
        b = np.roll(a, tuple(rng.integers(-3, 4, 2)), (0, 1))
    if not a.any() or not b.any():
        continue
    spacing = [[1.0, 1.0], [0.5, 0.5], [2.0, 0.75], [0.3, 1.1]][index % 4 if index < 20 else 3 - index % 4]
    tolerance = float(rng.choice([0, 0.4, 1, 2, 3.5]))
    tensors = [torch.tensor(m)[None, None].float() for m in (a, b)]
    hausdorff = compute_hausdorff_distance(*tensors, include_background=True, percentile=95, spacing=spacing)
    surface = compute_surface_dice(
        *tensors, class_thresholds=[tolerance], include_background=True, spacing=spacing, use_subvoxels=False)
    cases.append({
        "prediction": rle(a), "truth": rle(b), "spacing": spacing, "tolerance": tolerance,
        "hd95": float(hausdorff), "nsd": float(surface),
    })
document = {"height": HEIGHT, "width": WIDTH, "cases": cases}
text = json.dumps(document, separators=(",", ":")).replace('{"pred', '\n{"pred')
(pathlib.Path(__file__).parent / "surfaces.json").write_text(text + "\n")
