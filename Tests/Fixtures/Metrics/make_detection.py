"""Writes small detection problems and what the reference projects make of them.

    make_detection.py                 writes the committed fixtures into detection/ beside this script
    make_detection.py DIR SEED        writes one problem into DIR, for tests that compare on the spot

pycocotools 2.0.11, lvis 0.5.3, faster-coco-eval 1.8.0 (boundary), numpy 2.4.6. Each problem is a truth (truth.json),
results with masks and boxes, masks only, boxes only (segm.json, mask.json, bbox.json), and expected.json: the numbers of
pycocotools for `bbox` and `segm`, of faster-coco-eval for `boundary`, and of lvis for LVIS's rules; -1 stands for "no
object". Scores have many ties, objects are crowds now and then, some images and classes are empty.
"""

import contextlib
import copy
import io
import json
import logging
import math
import os
import sys

import numpy as np

np.float = float  # lvis was written for an older numpy
logging.disable(logging.WARNING)
from lvis import LVIS, LVISEval, LVISResults
from pycocotools import mask as mask_utils
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

HEIGHT, WIDTH = 120, 160


def ring(rng, x, y, radius, points):
    angles = np.sort(rng.uniform(0, 2 * math.pi, points))
    radii = radius * rng.uniform(0.6, 1.0, points)
    xy = np.stack([x + radii * np.cos(angles), y + radii * np.sin(angles)], 1)
    xy = np.clip(xy, 0, [WIDTH, HEIGHT])
    return [round(float(v), 2) for v in xy.reshape(-1)]


def rle_of(rings):
    rle = mask_utils.merge(mask_utils.frPyObjects(rings, HEIGHT, WIDTH))
    rle["counts"] = rle["counts"].decode()
    return rle


def uncompressed(rle):
    flat = mask_utils.decode(rle).reshape(-1, order="F")
    counts, value, run = [], 0, 0
    for pixel in flat:
        if pixel != value:
            counts.append(run)
            value, run = pixel, 0
        run += 1
    return {"size": rle["size"], "counts": counts + [run]}


def problem(seed, images, classes):
    rng = np.random.default_rng(seed)
    categories = [
        {"id": 3 * c + 2, "name": f"class {c}", "frequency": "rcf"[c % 3]} for c in range(classes)]
    ids = [c["id"] for c in categories]
    # Image ids out of order: the references sort them.
    image_ids = [int(i) for i in rng.permutation(np.arange(1, images + 1) * 7)]
    truth = {"images": [], "annotations": [], "categories": [categories[i] for i in rng.permutation(classes)]}
    segm = []
    for image_id in image_ids:
        present = set()
        for _ in range(int(rng.integers(0, 7))):
            x, y = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
            radius = float(rng.choice([3, 8, 25, 60, 95]))
            category = int(rng.choice(ids))
            present.add(category)
            rings = [ring(rng, x, y, radius, int(rng.integers(3, 9)))]
            if rng.random() < 0.2:
                rings.append(ring(rng, x + radius, y, radius / 2, 5))
            rle = rle_of(rings)
            crowd = int(rng.random() < 0.12)
            truth["annotations"].append({
                "id": len(truth["annotations"]) + 1, "image_id": image_id, "category_id": category,
                "segmentation": uncompressed(rle) if crowd else rings,
                # The stated area is not always that of the mask.
                "area": float(mask_utils.area(rle)) * float(rng.choice([1, 1, 1.3])),
                "bbox": [float(v) for v in mask_utils.toBbox(rle)], "iscrowd": crowd,
            })
            for _ in range(int(rng.integers(0, 4))):
                moved = [
                    [round(v + float(rng.normal(0, 0.08 * radius)), 2) for v in one] for one in rings]
                found = rle_of(moved)
                segm.append({
                    "image_id": image_id, "category_id": category if rng.random() < 0.9 else int(rng.choice(ids)),
                    "segmentation": found, "score": round(float(rng.random()), 1),
                    "bbox": [float(v) for v in mask_utils.toBbox(found)],
                })
        for _ in range(int(rng.integers(0, 3))):
            found = rle_of([ring(rng, rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), 20, 6)])
            segm.append({
                "image_id": image_id, "category_id": int(rng.choice(ids)), "segmentation": found,
                "score": round(float(rng.random()), 2), "bbox": [float(v) for v in mask_utils.toBbox(found)],
            })
        absent = [c for c in ids if c not in present]
        truth["images"].append({
            "id": image_id, "width": WIDTH, "height": HEIGHT, "file_name": f"{image_id}.png",
            "neg_category_ids": [c for c in absent if rng.random() < 0.4],
            "not_exhaustive_category_ids": [c for c in ids if rng.random() < 0.15],
        })
    # An empty mask, and a detection of nothing.
    segm.append({
        "image_id": image_ids[0], "category_id": ids[0], "score": 0.5, "bbox": [3.0, 4.0, 0.0, 0.0],
        "segmentation": {"size": [HEIGHT, WIDTH], "counts": mask_utils.encode(
            np.zeros((HEIGHT, WIDTH), np.uint8, order="F"))["counts"].decode()},
    })
    return truth, [segm[i] for i in rng.permutation(len(segm))]


def without(results, key):
    return [{k: v for k, v in one.items() if k != key} for one in results]


def coco_numbers(truth, results, kind, evaluator=COCOeval, api=COCO, max_dets=None, use_cats=1):
    with contextlib.redirect_stdout(io.StringIO()):
        gt = api()
        gt.dataset = copy.deepcopy(truth)
        gt.createIndex()
        evaluation = evaluator(gt, gt.loadRes(copy.deepcopy(results)), kind)
        evaluation.params.useCats = use_cats
        if max_dets:
            evaluation.params.maxDets = max_dets
        evaluation.evaluate()
        evaluation.accumulate()
        if max_dets:
            # The first number of pycocotools' summary looks for 100 detections whatever was asked for.
            evaluation.params.maxDets = max_dets
            precision = evaluation.eval["precision"][:, :, :, 0, -1]
            evaluation.summarize()
            first = float(np.mean(precision[precision > -1])) if (precision > -1).any() else -1.0
            evaluation.stats[0] = first
        else:
            evaluation.summarize()
    numbers = {"stats": [float(v) for v in evaluation.stats[:12]]}
    if use_cats:
        precision = evaluation.eval["precision"]
        for k, category in enumerate(evaluation.params.catIds):
            p = precision[:, :, k, 0, -1]
            numbers[f"ap {category}"] = float(np.mean(p[p > -1])) if (p > -1).any() else -1.0
    return numbers


def lvis_numbers(directory, kind, results):
    path = os.path.join(directory, "truth.json")
    truth = LVIS(path)
    evaluation = LVISEval(truth, LVISResults(truth, copy.deepcopy(results)), kind)
    evaluation.run()
    return {"stats": [float(v) for v in evaluation.results.values()]}


def boundary_numbers(truth, results):
    try:
        from faster_coco_eval import COCO as FastCOCO
        from faster_coco_eval import COCOeval_faster
    except ImportError:
        return None
    return coco_numbers(truth, results, "boundary", COCOeval_faster, FastCOCO)


def write(directory, seed, images=20, classes=4):
    os.makedirs(directory, exist_ok=True)
    truth, segm = problem(seed, images, classes)
    files = {
        "truth.json": truth, "segm.json": segm, "mask.json": without(segm, "bbox"),
        "bbox.json": without(segm, "segmentation"),
    }
    for name, value in files.items():
        with open(os.path.join(directory, name), "w") as file:
            json.dump(value, file, separators=(",", ":"))
    expected = {
        "bbox bbox": coco_numbers(truth, files["bbox.json"], "bbox"),
        "segm bbox": coco_numbers(truth, segm, "bbox"),
        "segm segm": coco_numbers(truth, segm, "segm"),
        "mask segm": coco_numbers(truth, files["mask.json"], "segm"),
        "mask bbox": coco_numbers(truth, files["mask.json"], "bbox"),
        "bbox segm": coco_numbers(truth, files["bbox.json"], "segm"),
        "segm segm 1,2,5": coco_numbers(truth, segm, "segm", max_dets=[1, 2, 5]),
        "segm segm agnostic": coco_numbers(truth, segm, "segm", use_cats=0),
        "segm boundary": boundary_numbers(truth, segm),
        "lvis segm": lvis_numbers(directory, "segm", segm),
        "lvis bbox": lvis_numbers(directory, "bbox", files["bbox.json"]),
    }
    with open(os.path.join(directory, "expected.json"), "w") as file:
        json.dump({k: v for k, v in expected.items() if v}, file, indent=1)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        seed = int(sys.argv[2])
        write(sys.argv[1], seed, images=3 + seed % 23, classes=1 + seed % 6)
    else:
        here = os.path.dirname(os.path.abspath(__file__))
        write(os.path.join(here, "detection"), 1)
