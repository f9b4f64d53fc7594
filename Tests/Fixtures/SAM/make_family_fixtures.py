"""Computes the fixtures of checkpoints and preprocessing of SAM's relatives with their reference implementations.

Usage:  python make_family_fixtures.py [--seed N] [--output DIR]

  huggingface/             a tiny `SamModel` as Hugging Face transformers saves it (config.json, preprocessor_config.json,
                           model.safetensors), and expected.safetensors: input, embedding, masks and IoU of one box and of
                           two points
  adapters/                adapter.safetensors (names as Sam_LoRA saves them), base.safetensors and expected.safetensors:
                           queries and values of a linear layer with the updates at work, as the reference computes them;
                           windowed.safetensors, updates for the model in windowed/
  resized.safetensors      the model in windowed/, made for 64 pixels, on images of 48 and 96: positions interpolated as SAMed
                           does, relative positions as segment-anything does by itself
  recipes.safetensors      images prepared for MedSAM (scikit-image), EfficientSAM (PyTorch), and low-res masks brought back

The committed files were written by Python 3.11, torch 2.15.0 (CPU), transformers 5.24.0, scikit-image 0.26.0, scipy 1.17.1.
"""

import argparse
import os

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from skimage import transform
from transformers import SamConfig, SamImageProcessor, SamModel

HERE = os.path.dirname(os.path.abspath(__file__))


def lively(model: torch.nn.Module) -> None:
    """Weights that leave nothing uniform, exact in bfloat16."""
    with torch.no_grad():
        for name, value in model.named_parameters():
            if value.dim() == 1 and name.endswith("weight"):
                value.copy_(1 + 0.2 * torch.randn_like(value))
            elif value.dim() == 1:
                value.copy_(0.2 * torch.randn_like(value))
            elif "pos" in name:
                value.copy_(0.5 * torch.randn_like(value))
            else:
                value.copy_(torch.randn_like(value) * (1.7 / max(1, value[0].numel()) ** 0.5))
            value.copy_(value.to(torch.bfloat16).to(torch.float32))


def write_huggingface(output: str) -> None:
    folder = os.path.join(output, "huggingface")
    config = SamConfig(
        vision_config=dict(
            hidden_size=24, num_hidden_layers=3, num_attention_heads=2, mlp_dim=48, image_size=64, patch_size=8,
            global_attn_indexes=[1], window_size=3, output_channels=32, num_pos_feats=16),
        prompt_encoder_config=dict(hidden_size=32, image_size=64, patch_size=8, mask_input_channels=16),
        mask_decoder_config=dict(
            hidden_size=32, mlp_dim=40, num_attention_heads=4, iou_head_hidden_dim=24, iou_head_depth=4,
            num_hidden_layers=2, layer_norm_eps=1e-5))
    model = SamModel(config).eval()
    lively(model)
    model.to(torch.bfloat16).save_pretrained(folder)
    model = SamModel.from_pretrained(folder, dtype=torch.float32).eval()
    SamImageProcessor(
        size={"longest_edge": 64}, pad_size={"height": 64, "width": 64}, mask_size={"longest_edge": 32},
        mask_pad_size={"height": 32, "width": 32}).save_pretrained(folder)
    pixels = torch.randn(1, 3, 64, 64)
    points = torch.tensor([[[[20.25, 31.5], [40.5, 9.75]]]])
    labels = torch.tensor([[[1, 0]]])
    boxes = torch.tensor([[[8.5, 10.0, 50.25, 44.5]]])
    with torch.no_grad():
        embedding = model.get_image_embeddings(pixels)
        by_points = model(
            image_embeddings=embedding, input_points=points, input_labels=labels, multimask_output=True)
        by_box = model(image_embeddings=embedding, input_boxes=boxes, multimask_output=False)
    save_file(
        {
            "image": pixels.permute(0, 2, 3, 1).contiguous(),
            "embedding": embedding.permute(0, 2, 3, 1).contiguous(),
            "points": points[0], "labels": labels[0].to(torch.float32), "boxes": boxes[0],
            "points.masks": by_points.pred_masks[0].contiguous(), "points.iou": by_points.iou_scores[0].contiguous(),
            "box.masks": by_box.pred_masks[0].contiguous(), "box.iou": by_box.iou_scores[0].contiguous(),
        },
        os.path.join(folder, "expected.safetensors"))


def write_adapter(output: str) -> None:
    """Updates applied while running, as the reference does, on a layer of its own for each block."""
    width, rank, blocks = 12, 3, 2
    adapter, base, expected = {}, {}, {}
    x = torch.randn(5, width)
    expected["x"] = x
    for block in range(blocks):
        qkv = torch.nn.Linear(width, 3 * width)
        base[f"image_encoder.blocks.{block}.attn.qkv.weight"] = qkv.weight.data
        base[f"image_encoder.blocks.{block}.attn.qkv.bias"] = qkv.bias.data
        result = qkv(x)
        for slot, columns in enumerate([slice(0, width), slice(2 * width, 3 * width)]):
            a = torch.nn.Linear(width, rank, bias=False)
            b = torch.nn.Linear(rank, width, bias=False)
            result[:, columns] += b(a(x))
            adapter[f"w_a_{2 * block + slot:03d}"] = a.weight.data
            adapter[f"w_b_{2 * block + slot:03d}"] = b.weight.data
        expected[f"block.{block}"] = result.detach()
    folder = os.path.join(output, "adapters")
    os.makedirs(folder, exist_ok=True)
    save_file(adapter, os.path.join(folder, "adapter.safetensors"))
    save_file(base, os.path.join(folder, "base.safetensors"))
    save_file(expected, os.path.join(folder, "expected.safetensors"))
    # Updates for the model in windowed/: three blocks of width 28.
    fitting = {}
    for index in range(6):
        fitting[f"w_a_{index:03d}"] = torch.randn(3, 28)
        fitting[f"w_b_{index:03d}"] = 0.2 * torch.randn(28, 3)
    save_file(fitting, os.path.join(folder, "windowed.safetensors"))


def write_resized(output: str) -> None:
    from make_fixtures import SHAPES, build
    from safetensors.torch import load_file

    weights = load_file(os.path.join(HERE, "windowed/weights.safetensors"))
    weights = {name: value.to(torch.float32) for name, value in weights.items()}
    tensors = {}
    generator = torch.Generator().manual_seed(8)
    for side in (48, 96):
        shape = dict(SHAPES["windowed"], image_size=side)
        rows = {1: tuple(weights[f"image_encoder.blocks.1.attn.rel_pos_{axis}"].shape[0] for axis in "hw")}
        model = build(dict(shape, rel_pos_rows=rows))
        state = dict(weights)
        position = state["image_encoder.pos_embed"].permute(0, 3, 1, 2)
        grid = side // shape["patch_size"]
        state["image_encoder.pos_embed"] = F.interpolate(
            position, (grid, grid), mode="bilinear", align_corners=False).permute(0, 2, 3, 1)
        model.load_state_dict(state, strict=True)
        image = torch.randn(1, 3, side, side, generator=generator).to(torch.bfloat16)
        with torch.no_grad():
            embedding = model.image_encoder(image.to(torch.float32))
        tensors[f"{side}.image"] = image.permute(0, 2, 3, 1).contiguous()
        tensors[f"{side}.embedding"] = embedding.permute(0, 2, 3, 1).contiguous()
    save_file(tensors, os.path.join(output, "resized.safetensors"))


def write_recipes(output: str) -> None:
    tensors = {}
    rng = np.random.default_rng(5)
    for name, (height, width) in {"large": (90, 71), "small": (21, 33), "same": (64, 64), "wide": (30, 130)}.items():
        y, x = np.mgrid[0:height, 0:width]
        base = 90 + 60 * np.sin(x / 7.0)[..., None] * np.cos(y / 5.0)[..., None] * np.array([1, 0.5, -0.8])
        image = np.clip(base + rng.normal(0, 14, (height, width, 3)), 12, 240).astype(np.uint8)
        tensors[f"{name}.pixels"] = torch.from_numpy(image)

        # MedSAM_Inference.py: resized, cut off to bytes, the image's own range to 0...1.
        resized = transform.resize(
            image, (64, 64), order=3, preserve_range=True, anti_aliasing=True).astype(np.uint8)
        tensors[f"{name}.medsam.bytes"] = torch.from_numpy(resized)
        scaled = (resized - resized.min()) / np.clip(resized.max() - resized.min(), a_min=1e-8, a_max=None)
        if name == "small":
            tensors[f"{name}.medsam"] = torch.from_numpy(scaled.astype(np.float32))

        # efficient_sam.py: 0...1, interpolated, mean and deviation.
        tensor = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255
        if (height, width) != (64, 64):
            tensor = F.interpolate(tensor, (64, 64), mode="bilinear")
        mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        tensor = (tensor - mean.view(1, 3, 1, 1)) / std.view(1, 3, 1, 1)
        if name in ("small", "wide"):
            tensors[f"{name}.efficientsam"] = tensor[0].permute(1, 2, 0).contiguous()

        logits = 4 * torch.randn(1, 1, 16, 16)
        tensors[f"{name}.low_res"] = logits[0, 0]
        tensors[f"{name}.efficientsam.logits"] = F.interpolate(logits, (height, width), mode="bicubic")[0, 0]
        tensors[f"{name}.medsam.probabilities"] = F.interpolate(
            torch.sigmoid(logits), size=(height, width), mode="bilinear", align_corners=False)[0, 0]
    save_file(tensors, os.path.join(output, "recipes.safetensors"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--output", default=HERE)
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    write_huggingface(arguments.output)
    write_recipes(arguments.output)
    write_adapter(arguments.output)
    write_resized(arguments.output)
