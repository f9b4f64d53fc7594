"""Writes the golden vectors of MasksTests, computed by pycocotools.

    python make_fixtures.py

Made with pycocotools 2.0.11, numpy 2.4.6, Python 3.11.7 on x86-64. The inputs are random from a fixed seed; nothing is
taken from a data set.
"""
import json
import math
import os

import numpy as np
from pycocotools import mask as api

HERE = os.path.dirname(os.path.abspath(__file__))
random = np.random.default_rng(20261124)


def write(name, cases):
    with open(os.path.join(HERE, name), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "\n]\n")


def text(rle):
    return rle["counts"].decode("ascii")


def number(x):
    x = float(x)
    return int(x) if x.is_integer() else x


def rounded(values, digits):
    return [number(round(float(v), digits)) for v in values]


def star(points, cx, cy, radius, digits):
    angles = np.sort(random.uniform(0, 2 * math.pi, points))
    radii = radius * random.uniform(0.3, 1.0, points)
    ring = np.stack([cx + radii * np.cos(angles), cy + radii * np.sin(angles)], 1).ravel()
    return rounded(ring, digits)


def scatter(points, low, high_x, high_y, digits):
    x = random.uniform(low, high_x, points)
    y = random.uniform(low, high_y, points)
    return rounded(np.stack([x, y], 1).ravel(), digits)


def polygon_case(height, width, rings):
    parts = api.frPyObjects(rings, height, width)
    merged = api.merge(parts)
    return {
        "h": height, "w": width, "polygons": rings, "counts": text(merged), "area": int(api.area(merged)),
        "bbox": [int(v) for v in api.toBbox(merged)],
    }


def polygons():
    cases = []
    for index in range(60):  # round objects, fractional coordinates, as annotators draw them
        h, w = (int(v) for v in random.integers(8, 140, 2))
        cases.append(polygon_case(h, w, [
            star(int(random.integers(3, 24)), random.uniform(0, w), random.uniform(0, h),
                 random.uniform(0.3, 0.6) * min(h, w), index % 4)]))
    for index in range(50):  # anything goes: self-crossing, outside, negative
        h, w = (int(v) for v in random.integers(1, 90, 2))
        cases.append(polygon_case(h, w, [
            scatter(int(random.integers(3, 12)), -30, w + 30, h + 30, index % 5)]))
    for index in range(30):  # many parts
        h, w = (int(v) for v in random.integers(20, 120, 2))
        cases.append(polygon_case(h, w, [
            star(int(random.integers(3, 9)), random.uniform(-5, w + 5), random.uniform(-5, h + 5),
                 random.uniform(2, 20), 2) for _ in range(int(random.integers(2, 9)))]))
    for index in range(40):  # tiny objects around one pixel
        cases.append(polygon_case(12, 10, [
            rounded(np.tile(random.uniform(0, 9, 2), 4) + random.uniform(-1.2, 1.2, 8), 3)]))
    for index in range(40):  # integers and exact tenths, where rounding decides
        h, w = (int(v) for v in random.integers(5, 40, 2))
        ring = random.integers(-20, 10 * max(h, w), 2 * int(random.integers(3, 10))) / 10
        cases.append(polygon_case(h, w, [rounded(ring, 1)]))
    for index in range(30):  # steep and flat slivers, long edges far outside
        h, w = (int(v) for v in random.integers(30, 200, 2))
        x, y = random.uniform(0, w), random.uniform(0, h)
        dx, dy = random.uniform(-1, 1, 2) * (random.choice([0.5, 3, 400, 90000]), random.choice([0.5, 3, 400, 90000]))
        cases.append(polygon_case(h, w, [rounded(
            [x, y, x + dx, y + dy, x + dx + random.uniform(-4, 4), y + dy + random.uniform(-4, 4)], 2)]))
    for height, width, rings in [
        (10, 10, [[0, 0, 0, 1, 1, 1, 1, 0]]), (10, 10, [[0, 0, 9, 0, 9, 9, 0, 9]]),
        (10, 10, [[2, 2, 2, 2, 2, 2]]), (10, 10, [[0, 0, 10, 0, 10, 10, 0, 10]]),
        (10, 10, [[1, 1, 1.4, 1, 1.4, 8, 1, 8]]), (10, 10, [[1, 1, 8, 8, 8, 1, 1, 8]]),
        (10, 10, [[0, 0, 9, 0, 9, 9, 0, 9], [3, 3, 6, 3, 6, 6, 3, 6]]),
        (10, 10, [[1, 1, 8, 1, 8, 8, 1, 8, 5]]), (10, 10, [[1, 1, 8, 1, 8, 8], [4, 4, 5, 5]]),
        (10, 10, [[1, 1, 8, 1, 8, 8], [4, 4]]), (10, 10, [[1, 1, 5, 5, 1]]),
        (10, 10, [[-5, -5, 15, -5, 15, 15, -5, 15]]), (10, 10, [[-5, -5, -1, -5, -1, -1, -5, -1]]),
        (10, 10, [[20, 20, 30, 20, 30, 30]]), (1, 1, [[0, 0, 1, 0, 1, 1, 0, 1]]),
        (1, 50, [[0, 0, 50, 0, 50, 1, 0, 1]]), (50, 1, [[0, 0, 1, 0, 1, 50, 0, 50]]),
        (10, 10, [[1, 1, 1, 1, 8, 1, 8, 1, 8, 8, 8, 8, 1, 8, 1, 8]]),
        (10, 10, [[-0.3, -0.3, 9.7, -0.3, 9.7, 9.7, -0.3, 9.7]]),
        (3, 3, [[0.5, 0.5, 2.5, 0.5, 2.5, 2.5, 0.5, 2.5]]),
    ]:
        cases.append(polygon_case(height, width, rings))
    return cases


def random_bitmap(height, width):
    kind = random.integers(0, 4)
    if kind == 0:
        return (random.random((height, width)) < random.choice([0.02, 0.5, 0.98])).astype(np.uint8)
    bitmap = np.zeros((height, width), np.uint8)
    for _ in range(int(random.integers(0, 5))):
        y0, y1 = sorted(int(v) for v in random.integers(0, height + 1, 2))
        x0, x1 = sorted(int(v) for v in random.integers(0, width + 1, 2))
        bitmap[y0:y1, x0:x1] ^= 1
    return bitmap


def encode(bitmap):
    return api.encode(np.asfortranarray(bitmap))


def bitmap_case(bitmap):
    rle = encode(bitmap)
    return {
        "h": bitmap.shape[0], "w": bitmap.shape[1], "pixels": np.packbits(bitmap).tobytes().hex(),
        "counts": text(rle), "area": int(api.area(rle)), "bbox": [int(v) for v in api.toBbox(rle)],
    }


def bitmaps():
    sizes = [(1, 1), (1, 17), (17, 1), (8, 8), (7, 9), (16, 33)] * 3
    sizes += [tuple(int(v) for v in random.integers(1, 48, 2)) for _ in range(60)]
    cases = [bitmap_case(random_bitmap(h, w)) for h, w in sizes]
    cases += [bitmap_case(np.full((5, 6), value, np.uint8)) for value in (0, 1)]
    return cases


def merges():
    cases = []
    for _ in range(40):
        h, w = (int(v) for v in random.integers(1, 40, 2))
        masks = [encode(random_bitmap(h, w)) for _ in range(int(random.integers(1, 7)))]
        cases.append({
            "h": h, "w": w, "masks": [text(m) for m in masks], "union": text(api.merge(masks, intersect=False)),
            "intersection": text(api.merge(masks, intersect=True)),
        })
    return cases


def overlaps():
    cases = []
    for _ in range(25):
        h, w = (int(v) for v in random.integers(4, 40, 2))
        dt = [encode(random_bitmap(h, w)) for _ in range(int(random.integers(1, 6)))]
        gt = [encode(random_bitmap(h, w)) for _ in range(int(random.integers(1, 6)))]
        crowd = [int(v) for v in random.integers(0, 2, len(gt))]
        db = random.uniform(-10, 30, (len(dt), 4)).round(2)
        gb = random.uniform(-10, 30, (len(gt), 4)).round(2)
        db[:, 2:] = np.abs(db[:, 2:])
        gb[:, 2:] = np.abs(gb[:, 2:])
        cases.append({
            "h": h, "w": w, "dt": [text(m) for m in dt], "gt": [text(m) for m in gt], "iscrowd": crowd,
            "iou": api.iou(dt, gt, crowd).ravel().tolist(), "dtBoxes": db.tolist(), "gtBoxes": gb.tolist(),
            "boxIou": api.iou(db, gb, crowd).ravel().tolist(),
        })
    return cases


def counts():
    cases = []
    for h, w, runs in [
        (4, 4, [16]), (4, 4, [0, 16]), (4, 4, [3, 5, 8]), (1, 1, [0, 1]), (65535, 65535, [65535 * 65535]),
        (65535, 65535, [1, 65535 * 65535 - 2, 1]), (65535, 65535, [4000000000, 7, 200000000, 1, 94836217]),
        (40000, 50000, [1000000000, 999999999, 1]), (3, 7, [1] * 21),
        (1000, 1000, [31, 1, 32, 15, 16, 17, 1023, 1024, 997841]),
    ]:
        assert sum(runs) == h * w, (h, w, sum(runs))
        rle = api.frPyObjects({"size": [h, w], "counts": runs}, h, w)
        cases.append({"h": h, "w": w, "runs": runs, "counts": text(rle), "area": int(api.area(rle))})
    return cases


def boxes():
    cases = []
    for index in range(30):
        h, w = (int(v) for v in random.integers(2, 40, 2))
        box = rounded(np.concatenate([random.uniform(-5, max(h, w), 2), random.uniform(0, 30, 2)]), index % 3)
        rle = api.frPyObjects(np.array([box], dtype=np.float64), h, w)[0]
        cases.append({"h": h, "w": w, "box": box, "counts": text(rle)})
    return cases


write("polygons.json", polygons())
write("bitmaps.json", bitmaps())
write("merges.json", merges())
write("overlaps.json", overlaps())
write("counts.json", counts())
write("boxes.json", boxes())
