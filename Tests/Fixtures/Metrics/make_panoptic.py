"""Writes small panoptic problems and their panoptic quality.

    make_panoptic.py               writes the committed fixture into panoptic/ beside this script
    make_panoptic.py DIR SEED      writes one problem into DIR, for tests that compare on the spot

numpy 2.4.6, Pillow 12. panopticapi is on no registry: the numbers are found here by the definition of Kirillov et al.
(CVPR 2019), pixel by pixel, written for this project. Where PANOPTICAPI names a checkout of cocodataset/panopticapi, its
own numbers must be the same.
"""

import json
import os
import sys

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 48, 64


def save(path, ids):
    rgb = np.stack([ids % 256, ids // 256 % 256, ids // 65536], 2).astype(np.uint8)
    Image.fromarray(rgb).save(path)


def id_map(rng, count):
    ids = np.zeros((HEIGHT, WIDTH), np.int64)
    names = [int(v) for v in rng.choice(np.arange(1, 1 << 24), count, replace=False)]
    for name in names:
        y, x = rng.integers(0, HEIGHT), rng.integers(0, WIDTH)
        h, w = rng.integers(4, 30, 2)
        ids[y:y + h, x:x + w] = name
    return ids


def disturbed(rng, ids):
    """The same segments under new names, moved a little, some gone, some new."""
    found = np.zeros_like(ids)
    origin = {}
    for name in np.unique(ids):
        if name == 0 or rng.random() < 0.15:
            continue
        new = int(rng.integers(1, 1 << 24))
        dy, dx = rng.integers(-3, 4, 2)
        mask = np.roll(ids == name, (dy, dx), (0, 1))
        found[mask] = new
        origin[new] = int(name)
    if rng.random() < 0.7:
        y, x = rng.integers(0, HEIGHT - 8), rng.integers(0, WIDTH - 8)
        new = int(rng.integers(1, 1 << 24))
        found[y:y + 8, x:x + 8] = new
    return found, origin


def quality(truth, predicted, maps, categories):
    stats = {c["id"]: [0.0, 0, 0, 0] for c in categories}
    for one, other, (a, b) in zip(truth, predicted, maps):
        true = {s["id"]: s for s in one["segments_info"]}
        found = {s["id"]: s for s in other["segments_info"]}
        taken_true, taken_found = set(), set()
        for g, s in true.items():
            for p, t in found.items():
                if s["iscrowd"] or s["category_id"] != t["category_id"]:
                    continue
                both = int(((a == g) & (b == p)).sum())
                either = s["area"] + int((b == p).sum()) - both - int(((a == 0) & (b == p)).sum())
                if both and both / either > 0.5:
                    stats[s["category_id"]][0] += both / either
                    stats[s["category_id"]][1] += 1
                    taken_true.add(g)
                    taken_found.add(p)
        for g, s in true.items():
            if g not in taken_true and not s["iscrowd"]:
                stats[s["category_id"]][3] += 1
        for p, t in found.items():
            if p in taken_found:
                continue
            crowds = [g for g, s in true.items() if s["iscrowd"] and s["category_id"] == t["category_id"]]
            excused = (a == 0) if not crowds else (a == 0) | (a == crowds[-1])
            if (excused & (b == p)).sum() / (b == p).sum() <= 0.5:
                stats[t["category_id"]][2] += 1
    return stats


def means(stats, chosen):
    rows = []
    for c in chosen:
        overlap, tp, fp, fn = stats[c["id"]]
        if tp + fp + fn:
            size = tp + 0.5 * fp + 0.5 * fn
            rows.append([overlap / size, overlap / tp if tp else 0.0, tp / size])
    return [float(v) for v in np.mean(rows, 0)] + [len(rows)] if rows else None


def write(directory, seed, images=6):
    rng = np.random.default_rng(seed)
    categories = [{"id": 10 + 3 * c, "name": f"class {c}", "isthing": int(c < 3), "color": [c, c, c]} for c in range(6)]
    names = [c["id"] for c in categories]
    truth, predicted, maps = [], [], []
    for folder in ["truth", "predicted"]:
        os.makedirs(os.path.join(directory, folder), exist_ok=True)
    for image in range(images):
        a = id_map(rng, int(rng.integers(0, 9)))
        b, origin = disturbed(rng, a)
        # One crowd of a class and image, as COCO has it.
        segments, crowds = [], set()
        for s in np.unique(a):
            if s == 0:
                continue
            category = int(rng.choice(names))
            crowd = int(category not in crowds and rng.random() < 0.15)
            if crowd:
                crowds.add(category)
            segments.append({"id": int(s), "category_id": category, "area": int((a == s).sum()), "iscrowd": crowd,
                             "bbox": [0, 0, 1, 1]})
        classes = {s["id"]: s["category_id"] for s in segments}
        found = [
            {"id": int(s), "category_id": classes[origin[int(s)]] if int(s) in origin and rng.random() < 0.9
             else int(rng.choice(names))} for s in np.unique(b) if s != 0]
        save(os.path.join(directory, "truth", f"{image}.png"), a)
        save(os.path.join(directory, "predicted", f"{image}.png"), b)
        truth.append({"image_id": image + 3, "file_name": f"{image}.png", "segments_info": segments})
        predicted.append({"image_id": image + 3, "file_name": f"{image}.png", "segments_info": found})
        maps.append((a, b))
    order = rng.permutation(images)
    files = {
        "truth.json": {"images": [{"id": t["image_id"]} for t in truth], "annotations": truth, "categories": categories},
        "predicted.json": {"annotations": [predicted[i] for i in order]},
    }
    for name, value in files.items():
        with open(os.path.join(directory, name), "w") as file:
            json.dump(value, file, separators=(",", ":"))
    stats = quality(truth, predicted, maps, categories)
    expected = {
        "all": means(stats, categories), "things": means(stats, [c for c in categories if c["isthing"]]),
        "stuff": means(stats, [c for c in categories if not c["isthing"]]),
        "classes": {str(c): [overlap, tp, fp, fn] for c, (overlap, tp, fp, fn) in stats.items()},
    }
    if os.environ.get("PANOPTICAPI"):
        sys.path.insert(0, os.environ["PANOPTICAPI"])
        from panopticapi.evaluation import pq_compute
        theirs = pq_compute(os.path.join(directory, "truth.json"), os.path.join(directory, "predicted.json"))
        for part, name in [("all", "All"), ("things", "Things"), ("stuff", "Stuff")]:
            ours = expected[part]
            for value, key in zip(ours, ["pq", "sq", "rq", "n"]):
                assert abs(value - theirs[name][key]) < 1e-12, (part, key, value, theirs)
    with open(os.path.join(directory, "expected.json"), "w") as file:
        json.dump(expected, file, indent=1)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        write(sys.argv[1], int(sys.argv[2]))
    else:
        write(os.path.join(os.path.dirname(os.path.abspath(__file__)), "panoptic"), 5)
