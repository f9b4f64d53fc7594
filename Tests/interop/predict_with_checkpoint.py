"""Masks of other people's programs for a checkpoint that samdata exported, to be held against samdata's own.

    python3 predict_with_checkpoint.py pth MODEL.pth SHAPE IMAGE ...
    python3 predict_with_checkpoint.py huggingface FOLDER IMAGE ...

`pth` loads the file with torch.load(weights_only=True) into segment-anything's model of the named shape of
Tests/Fixtures/SAM/make_fixtures.py, every tensor in its place, and asks its SamPredictor; `huggingface` opens the folder with
transformers' SamModel and SamImageProcessor. Each image is asked with the box (5, 6, 40, 30) for one mask, and with the point (20, 18)
for three. Prints one JSON document: for each image the masks as lists of pixels in COCO's run lengths, uncompressed.

Tried with Python 3.11, torch 2.15.0, segment-anything 1.0, transformers 5.24.0, Pillow 12.
"""
import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

BOX, POINT = [5, 6, 40, 30], [20, 18]


def run_lengths(mask):
    """Column by column, starting with the zeros."""
    flat = np.asarray(mask, dtype=np.uint8).flatten(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff(np.concatenate([[0], edges, [flat.size]])).tolist()
    return counts if flat.size and flat[0] == 0 else [0] + counts


def with_reference(path, shape, images):
    sys.dont_write_bytecode = True
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Fixtures/SAM"))
    from make_fixtures import SHAPES, build
    from segment_anything import SamPredictor

    model = build(SHAPES[shape])
    model.load_state_dict(torch.load(path, weights_only=True), strict=True)
    predictor = SamPredictor(model)
    for image in images:
        predictor.set_image(np.array(Image.open(image).convert("RGB")))
        single, _, _ = predictor.predict(box=np.array(BOX), multimask_output=False)
        several, _, _ = predictor.predict(np.array([POINT]), np.array([1]), multimask_output=True)
        yield [run_lengths(mask) for mask in list(single) + list(several)]


def with_huggingface(folder, images):
    from transformers import SamImageProcessor, SamModel

    model = SamModel.from_pretrained(folder).eval()
    processor = SamImageProcessor.from_pretrained(folder)
    for path in images:
        image = Image.open(path).convert("RGB")
        inputs = processor(image, return_tensors="pt")
        height, width = inputs["reshaped_input_sizes"][0].tolist()
        scale = torch.tensor([width / image.width, height / image.height])
        box = torch.tensor(BOX, dtype=torch.float32).view(2, 2) * scale
        point = torch.tensor(POINT, dtype=torch.float32) * scale
        with torch.no_grad():
            embedding = model.get_image_embeddings(inputs["pixel_values"])
            single = model(image_embeddings=embedding, input_boxes=box.view(1, 1, 4), multimask_output=False)
            several = model(
                image_embeddings=embedding, input_points=point.view(1, 1, 1, 2),
                input_labels=torch.ones(1, 1, 1, dtype=torch.long), multimask_output=True)
        side = inputs["pixel_values"].shape[-1]
        masks = torch.cat([single.pred_masks[0, 0], several.pred_masks[0, 0]])[None]
        masks = F.interpolate(masks, (side, side), mode="bilinear", align_corners=False)[..., :height, :width]
        masks = F.interpolate(masks, (image.height, image.width), mode="bilinear", align_corners=False)[0] > 0
        yield [run_lengths(mask) for mask in masks]


if __name__ == "__main__":
    kind, path, *rest = sys.argv[1:]
    results = with_reference(path, rest[0], rest[1:]) if kind == "pth" else with_huggingface(path, rest)
    json.dump(list(results), sys.stdout)
