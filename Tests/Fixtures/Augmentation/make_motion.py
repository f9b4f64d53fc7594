"""Writes motion.json: what albumentations 2.0.8 makes of the image of albumentations.json by blurs along lines.

    python make_motion.py

Needs albumentations==2.0.8; the version used is in the file.
"""
import base64
import json
import os

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

import albumentations
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
source = json.load(open(os.path.join(here, "albumentations.json")))["image"]
image = np.frombuffer(base64.b64decode(source["bytes"]), np.uint8).reshape(source["height"], source["width"], 3)

blurs = []
for size, angle, direction in [
    (3, 0, 0), (9, 0, 1), (9, 0, -1), (9, 90, 1), (9, 30, 0), (9, 30, -1), (7, 150, 0.5), (5, 200, -0.25), (11, 45, 1),
]:
    step = albumentations.MotionBlur(
        blur_limit=(size, size), angle_range=(angle, angle), direction_range=(direction, direction), allow_shifted=False,
        p=1)
    blurred = step(image=image)["image"]
    blurs.append({
        "size": size, "angle": angle, "direction": direction,
        "image": {
            "height": int(blurred.shape[0]), "width": int(blurred.shape[1]),
            "bytes": base64.b64encode(np.ascontiguousarray(blurred).tobytes()).decode()}})

json.dump(
    {"versions": {"albumentations": albumentations.__version__, "numpy": np.__version__}, "blurs": blurs},
    open(os.path.join(here, "motion.json"), "w"), separators=(",", ":"))
