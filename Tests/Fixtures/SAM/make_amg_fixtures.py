"""Computes the fixtures of the automatic mask generator with the reference (PyPI `segment-anything`).

Usage:  python make_amg_fixtures.py [--seed N] [--output FILE]

The model is samples/nuclei/nano.safetensors, a small ViT-SAM that was trained on the images beside it, so that masks are
objects and not noise. Written is one JSON file: a list of cases, each with the image, the part of it that is taken, the
generator's options and the records that the reference returns, in its order.

With --seed the images, parts and options are drawn at random and the weights are changed a little; the changed weights
are written to FILE.safetensors. Without it the committed cases are made.

A float that differs in its last digits could move a pixel whose logit is next to zero, or a mask next to a threshold.
Each case therefore holds its margins: the least distance of any logit of a mask in question from 0, of a predicted IoU
and of a stability from its threshold, and of two predicted IoUs whose order matters from each other. The committed cases
must have margins of at least MARGIN, or the script fails; of random cases, tests leave out those that have not.

The committed file was written by Python 3.11, segment-anything 1.0, torch 2.15.0 (CPU), torchvision 0.29.2, opencv 5.0.0.
"""

import argparse
import json
import os

import numpy as np
import segment_anything.automatic_mask_generator as reference
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file

from make_fixtures import build

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".."))
SAMPLES = os.path.join(ROOT, "samples", "nuclei")
MARGIN = 5e-6

LOOSE = dict(points_per_side=10, pred_iou_thresh=0.5, stability_score_thresh=0.6)
# (name, index of the image, part as x, y, width, height, options)
CASES = [
    ("plain", 0, (0, 0, 256, 256), LOOSE),
    ("batches", 0, (20, 40, 181, 97), dict(LOOSE, points_per_batch=7)),
    ("portrait", 3, (60, 0, 120, 250), dict(LOOSE, box_nms_thresh=0.3, stability_score_offset=0.5)),
    ("larger", 4, (0, 0, 360, 300), dict(LOOSE, points_per_side=12, pred_iou_thresh=0.4)),
    ("layer", 1, (0, 0, 256, 220), dict(LOOSE, points_per_side=8, crop_n_layers=1, pred_iou_thresh=0.45)),
    ("layers", 4, (0, 0, 330, 280), dict(
        points_per_side=8, crop_n_layers=2, crop_n_points_downscale_factor=2, pred_iou_thresh=0.45,
        stability_score_thresh=0.52, crop_nms_thresh=0.5, crop_overlap_ratio=0.4)),
    ("regions", 1, (0, 0, 256, 256), dict(LOOSE, min_mask_region_area=12, stability_score_thresh=0.3)),
    ("regions-layer", 2, (0, 30, 256, 200), dict(
        points_per_side=8, crop_n_layers=1, min_mask_region_area=30, pred_iou_thresh=0.4,
        stability_score_thresh=0.2, box_nms_thresh=0.6)),
    ("unfiltered", 5, (100, 50, 90, 70), dict(points_per_side=4, pred_iou_thresh=0.0, stability_score_thresh=0.0)),
    ("grids", 1, (10, 10, 200, 160), dict(
        points_per_side=None, point_grids=[[[0.1, 0.2], [0.5, 0.5], [0.55, 0.5], [0.9, 0.75]]], pred_iou_thresh=0.2,
        stability_score_thresh=0.2)),
    ("nothing", 2, (0, 0, 100, 100), dict(points_per_side=4)),
]


def load_model(seed):
    with safe_open(os.path.join(SAMPLES, "nano.safetensors"), "pt") as file:
        metadata = file.metadata()
        weights = {key: file.get_tensor(key) for key in file.keys()}
    c = json.loads(metadata["samdata.configuration"])
    model = build(dict(
        image_size=c["image_size"], patch_size=c["patch_size"], embed_dim=c["embed_dim"], depth=c["depth"],
        num_heads=c["num_heads"], mlp_dim=c["mlp_dim"], window_size=c["window_size"],
        global_indexes=c["global_attn_indexes"], out_chans=c["prompt_embed_dim"], mask_in_chans=c["mask_in_chans"],
        transformer_depth=c["transformer_depth"], transformer_heads=c["transformer_num_heads"],
        transformer_mlp=c["transformer_mlp_dim"], downsample_rate=c["attention_downsample_rate"],
        iou_head_depth=c["iou_head_depth"], iou_head_hidden=c["iou_head_hidden_dim"], rel_pos_rows={}))
    if seed is not None:
        generator = torch.Generator().manual_seed(seed)
        for name, value in weights.items():
            value += 0.02 * value.std() * torch.randn(value.shape, generator=generator) if value.dim() > 1 else 0
    model.load_state_dict(weights)
    return model.eval(), weights, metadata


class Margins:
    """Watches the reference at work, and keeps how near its decisions came."""

    def __init__(self, options):
        self.iou_thresh = options.get("pred_iou_thresh", 0.88)
        self.stability_thresh = options.get("stability_score_thresh", 0.95)
        self.offset = options.get("stability_score_offset", 1.0)
        self.logit = self.iou = self.stability = self.order = float("inf")

    def watch(self, generator):
        predict = generator.predictor.predict_torch
        stability = reference.calculate_stability_score
        suppress = reference.batched_nms

        def predict_torch(*arguments, **options):
            masks, ious, low = predict(*arguments, **options)
            if self.iou_thresh > 0:
                self.iou = min(self.iou, (ious - self.iou_thresh).abs().min().item())
            return masks, ious, low

        def calculate_stability_score(masks, threshold, offset):
            scores = stability(masks, threshold, offset)
            if self.stability_thresh > 0 and len(scores):
                self.stability = min(self.stability, (scores - self.stability_thresh).abs().nan_to_num(1).min().item())
            for mask, score in zip(masks, scores):
                if self.stability_thresh <= 0 or score >= self.stability_thresh - 0.01:
                    for level in (-offset, 0, offset):
                        self.logit = min(self.logit, (mask - level).abs().min().item())
            return scores

        def batched_nms(boxes, scores, groups, iou_threshold):
            order = torch.sort(scores.float(), descending=True).values
            gaps = (order[:-1] - order[1:]).abs()
            # The sizes of crops, and whether a mask was left alone, are exact.
            if len(gaps) and order[0] > 0.01 and not set(scores.tolist()) <= {0.0, 1.0}:
                self.order = min(self.order, gaps.min().item())
            return suppress(boxes, scores, groups, iou_threshold=iou_threshold)

        generator.predictor.predict_torch = predict_torch
        reference.calculate_stability_score = calculate_stability_score
        reference.batched_nms = batched_nms
        return stability, suppress

    def least(self):
        # Logits are some ten times as large as the other numbers, and so are their errors.
        return min(self.logit / 10, self.iou, self.stability, self.order)


def compute(model, name, file, part, options):
    x, y, width, height = part
    pixels = np.array(Image.open(os.path.join(SAMPLES, "images", file)).convert("RGB"))
    pixels = np.ascontiguousarray(pixels[y : y + height, x : x + width])
    arguments = dict(options, output_mode="coco_rle")
    if options.get("point_grids") is not None:
        arguments["point_grids"] = [np.array(grid) for grid in options["point_grids"]]
    generator = reference.SamAutomaticMaskGenerator(model, **arguments)
    margins = Margins(options)
    stability, suppress = margins.watch(generator)
    try:
        records = generator.generate(pixels)
    except IndexError:
        # The reference fails where there are crops and none of them shows anything.
        assert options.get("crop_n_layers", 0) > 0
        records = []
    finally:
        reference.calculate_stability_score, reference.batched_nms = stability, suppress
    for record in records:
        record["segmentation"] = record["segmentation"]["counts"]
        record["bbox"] = [int(side) for side in record["bbox"]]
        record["crop_box"] = [int(side) for side in record["crop_box"]]
        record["area"] = int(record["area"])
        # JSON has no NaN, which a mask without any pixel has.
        if record["stability_score"] != record["stability_score"]:
            record["stability_score"] = None
    margin = margins.least()
    print(f"{name}: {len(records)} masks, logit {margins.logit:.1e}, iou {margins.iou:.1e}, "
          f"stability {margins.stability:.1e}, order {margins.order:.1e}", flush=True)
    return {
        "name": name, "image": file, "part": list(part), "options": options,
        "margin": margin if np.isfinite(margin) else 1.0, "records": records,
    }


def random_case(rng, index, files):
    file = files[int(rng.integers(len(files)))]
    whole = Image.open(os.path.join(SAMPLES, "images", file)).size
    size = [int(rng.integers(60, side + 1)) for side in whole]
    place = [int(rng.integers(0, side - own + 1)) for side, own in zip(whole, size)]
    layers = int(rng.integers(0, 3))
    options = dict(
        points_per_side=int(rng.integers(4, 9)), points_per_batch=int(rng.integers(5, 65)),
        pred_iou_thresh=round(float(rng.uniform(0.3, 0.5)), 3),
        stability_score_thresh=round(float(rng.uniform(0.2, 0.6)), 3),
        stability_score_offset=round(float(rng.uniform(0.3, 1.5)), 3),
        box_nms_thresh=round(float(rng.uniform(0.3, 0.9)), 3), crop_n_layers=layers,
        crop_nms_thresh=round(float(rng.uniform(0.3, 0.9)), 3),
        crop_overlap_ratio=round(float(rng.uniform(0.1, 0.6)), 3),
        crop_n_points_downscale_factor=int(rng.integers(1, 3)),
        min_mask_region_area=int(rng.choice([0, 0, 5, 40])))
    return f"random-{index}", file, (*place, *size), options


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int)
    here = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--output", default=os.path.join(here, "automatic", "cases.json"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model, weights, metadata = load_model(arguments.seed)
    files = sorted(os.listdir(os.path.join(SAMPLES, "images")))
    if arguments.seed is None:
        cases = [compute(model, name, files[image], part, options) for name, image, part, options in CASES]
        for case in cases:
            assert case["margin"] >= MARGIN, f"{case['name']} has a margin of {case['margin']}"
    else:
        save_file(weights, arguments.output + ".safetensors", metadata=metadata)
        rng = np.random.default_rng(arguments.seed)
        cases = [compute(model, *random_case(rng, index, files)) for index in range(8)]
    os.makedirs(os.path.dirname(arguments.output), exist_ok=True)
    with open(arguments.output, "w", encoding="utf-8") as file:
        json.dump({"cases": cases}, file, indent=1, allow_nan=False)
        file.write("\n")


if __name__ == "__main__":
    main()
