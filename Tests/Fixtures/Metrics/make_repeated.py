"""Writes repeated.json: what pycocotools makes of a truth in which ids of annotations stand more than once.

pycocotools 2.0.11, numpy 2.4.6. The truth is detection/truth.json with ids changed: `ids` lists the positions of annotations
and the ids that they get. The results are detection/segm.json.
"""

import contextlib
import io
import json
import os

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

here = os.path.dirname(os.path.abspath(__file__))
truth = json.load(open(os.path.join(here, "detection", "truth.json")))
annotations = truth["annotations"]
rng = np.random.default_rng(5)
# Within an image, across images, and three of one kind.
changes = []
for group in rng.choice(len(annotations) - 1, size=(8, 3), replace=False):
    for place in group[: 2 + len(changes) % 2]:
        changes.append([int(place), annotations[int(max(group))]["id"]])
for place in (3, 11):
    changes.append([place, annotations[place + 1]["id"]])
for place, value in changes:
    annotations[place]["id"] = value
stats = {}
with contextlib.redirect_stdout(io.StringIO()):
    gt = COCO()
    gt.dataset = truth
    gt.createIndex()
    dt = gt.loadRes(os.path.join(here, "detection", "segm.json"))
    for kind in ("segm", "bbox"):
        evaluation = COCOeval(gt, dt, kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        stats[kind] = [float(value) for value in evaluation.stats]
with open(os.path.join(here, "repeated.json"), "w") as file:
    json.dump({"ids": changes, "stats": stats}, file)
    file.write("\n")
