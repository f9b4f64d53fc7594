"""Computes the fixtures of SAMTests with the reference implementation (PyPI `segment-anything`).

Usage:  python make_fixtures.py [--seed N] [--output DIR] [--random-shapes K]

Small random-weight models of several shapes. Per model a folder with
  configuration.json       dimensions, and which kinds of prompt each case holds
  weights.safetensors      the reference's parameter names; bfloat16, in which the weights are exact
  cases.safetensors        inputs, image embeddings, low-res masks, IoU predictions
  gradients.safetensors    d loss / d parameter for every parameter, loss as in `scalar_loss`
and beside them preprocessing.safetensors: resize, normalise, pad, coordinates, and masks back at the original size.

With --random-shapes K, K models of random shapes are written instead of the named ones, for runs with other seeds.

The committed files were written by Python 3.11, segment-anything 1.0, torch 2.15.0 (CPU), safetensors 0.8.0,
Pillow as installed beside them.
"""

import argparse
import json
import os
from functools import partial

import numpy as np
import torch
from safetensors.torch import save_file
from segment_anything import SamPredictor
from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer
from segment_anything.utils.transforms import ResizeLongestSide

# Named shapes. `rel_pos_rows` replaces a block's stored tables by ones of another length, which the reference then
# interpolates, as happens when a model is used at another image size than it was trained at. `mask_in_chans` is at least
# 12: a norm over fewer than three channels has no gradient to speak of, and float32 shows rounding errors in its place.
SHAPES = {
    # Windows of 3 on 8 tokens (padded to 9), head dimension 14 as in SlimSAM-77.
    "windowed": dict(
        image_size=64, patch_size=8, embed_dim=28, depth=3, num_heads=2, mlp_dim=56, window_size=3, global_indexes=[1],
        out_chans=32, mask_in_chans=16, transformer_depth=2, transformer_heads=4, transformer_mlp=48,
        downsample_rate=2, iou_head_depth=3, iou_head_hidden=24, rel_pos_rows={}, images=1),
    # Stored tables shorter and longer than 2 * size - 1, differently for rows and columns; a two-layer IoU head.
    "interpolated": dict(
        image_size=80, patch_size=16, embed_dim=24, depth=2, num_heads=3, mlp_dim=72, window_size=4,
        global_indexes=[1], out_chans=16, mask_in_chans=12, transformer_depth=1, transformer_heads=2,
        transformer_mlp=40, downsample_rate=2, iou_head_depth=2, iou_head_hidden=16,
        rel_pos_rows={0: (5, 11), 1: (13, 6)}, images=1),
    # Global attention everywhere, two images in a batch, three decoder layers.
    "global": dict(
        image_size=64, patch_size=16, embed_dim=24, depth=2, num_heads=3, mlp_dim=96, window_size=0,
        global_indexes=[0, 1], out_chans=32, mask_in_chans=16, transformer_depth=3, transformer_heads=8,
        transformer_mlp=64, downsample_rate=1, iou_head_depth=3, iou_head_hidden=32, rel_pos_rows={}, images=2),
    # SAM's window of 14 on 10 tokens: one window, mostly padding.
    "padded": dict(
        image_size=80, patch_size=8, embed_dim=32, depth=4, num_heads=2, mlp_dim=64, window_size=14,
        global_indexes=[1, 3], out_chans=24, mask_in_chans=12, transformer_depth=2, transformer_heads=2,
        transformer_mlp=32, downsample_rate=2, iou_head_depth=3, iou_head_hidden=24, rel_pos_rows={}, images=1),
}


def random_shape(rng: np.random.Generator) -> dict:
    patch = int(rng.choice([4, 8, 16]))
    grid = int(rng.integers(4, 11))
    heads = int(rng.integers(1, 4))
    head_dim = int(rng.integers(5, 18))
    depth = int(rng.integers(2, 5))
    decoder_heads = int(rng.choice([1, 2, 4]))
    return dict(
        image_size=patch * grid, patch_size=patch, embed_dim=heads * head_dim, depth=depth, num_heads=heads,
        mlp_dim=2 * heads * head_dim, window_size=int(rng.integers(2, 8)),
        global_indexes=sorted(set(int(i) for i in rng.integers(0, depth, size=2))),
        out_chans=int(rng.choice([16, 32, 40])), mask_in_chans=int(rng.choice([12, 16, 20])),
        transformer_depth=int(rng.integers(1, 4)), transformer_heads=decoder_heads,
        transformer_mlp=int(rng.integers(20, 90)), downsample_rate=int(rng.choice([1, 2])),
        iou_head_depth=int(rng.integers(2, 5)), iou_head_hidden=int(rng.integers(8, 40)), rel_pos_rows={},
        images=int(rng.integers(1, 3)))


def build(shape: dict) -> Sam:
    grid = shape["image_size"] // shape["patch_size"]
    dim = shape["out_chans"]
    encoder = ImageEncoderViT(
        img_size=shape["image_size"], patch_size=shape["patch_size"], embed_dim=shape["embed_dim"],
        depth=shape["depth"], num_heads=shape["num_heads"], mlp_ratio=shape["mlp_dim"] / shape["embed_dim"] + 1e-9,
        out_chans=dim, norm_layer=partial(torch.nn.LayerNorm, eps=1e-6), use_rel_pos=True,
        window_size=shape["window_size"], global_attn_indexes=tuple(shape["global_indexes"]))
    head_dim = shape["embed_dim"] // shape["num_heads"]
    for block, (rows_h, rows_w) in shape["rel_pos_rows"].items():
        attention = encoder.blocks[block].attn
        attention.rel_pos_h = torch.nn.Parameter(torch.zeros(rows_h, head_dim))
        attention.rel_pos_w = torch.nn.Parameter(torch.zeros(rows_w, head_dim))
    model = Sam(
        image_encoder=encoder,
        prompt_encoder=PromptEncoder(
            embed_dim=dim, image_embedding_size=(grid, grid), input_image_size=(shape["image_size"],) * 2,
            mask_in_chans=shape["mask_in_chans"]),
        mask_decoder=MaskDecoder(
            transformer_dim=dim,
            transformer=TwoWayTransformer(
                depth=shape["transformer_depth"], embedding_dim=dim, num_heads=shape["transformer_heads"],
                mlp_dim=shape["transformer_mlp"], attention_downsample_rate=shape["downsample_rate"]),
            iou_head_depth=shape["iou_head_depth"], iou_head_hidden_dim=shape["iou_head_hidden"]))
    model.eval()
    with torch.no_grad():
        for name, value in model.state_dict().items():
            leaf = name.split(".")[-1]
            if leaf == "weight" and value.dim() == 1:  # of a LayerNorm
                value.copy_(1 + 0.2 * torch.randn_like(value))
            elif "rel_pos" in name:
                value.copy_(0.4 * torch.randn_like(value))
            elif leaf == "pos_embed":
                value.copy_(0.5 * torch.randn_like(value))
            elif leaf == "bias":
                value.copy_(0.2 * torch.randn_like(value))
            elif leaf == "weight" and value.dim() >= 2 and "embed" not in name and "token" not in name:
                value.mul_(1.7)  # so that attention is far from uniform
            value.copy_(value.to(torch.bfloat16).to(torch.float32))
    return model


def scalar_loss(masks: torch.Tensor, ious: torch.Tensor) -> torch.Tensor:
    """mean(masks * a) + mean(ious * b) with a = sin(0.1 (i + 1)), b = cos(0.3 (i + 1)), i the flat index."""
    a = torch.sin(0.1 * torch.arange(1, masks.numel() + 1, dtype=torch.float64)).to(torch.float32).view(masks.shape)
    b = torch.cos(0.3 * torch.arange(1, ious.numel() + 1, dtype=torch.float64)).to(torch.float32).view(ious.shape)
    return (masks * a).mean() + (ious * b).mean()


def prompts(size: int, grid: int, images: int) -> list:
    """(name, image, points [P,N,2], labels [P,N], boxes [P,4], masks [P,1,4g,4g]); absent ones None."""
    def points(p, n):
        return torch.rand(p, n, 2) * size

    def boxes(p):
        corner = torch.rand(p, 2) * size * 0.5
        return torch.cat([corner, corner + torch.rand(p, 2) * size * 0.5], dim=1)

    def masks(p):
        return 6 * torch.randn(p, 1, 4 * grid, 4 * grid)

    last = images - 1
    return [
        ("points", 0, points(3, 2), torch.tensor([[1, 0], [1, -1], [0, 1]]), None, None),
        ("boxes", last, None, None, boxes(2), None),
        ("points+box", 0, points(2, 3), torch.tensor([[1, 0, 1], [-1, 1, 0]]), boxes(2), None),
        ("mask", last, None, None, None, masks(1)),
        ("points+mask", 0, points(2, 1), torch.tensor([[1], [0]]), None, masks(2)),
        ("points+box+mask", 0, points(1, 1), torch.tensor([[1]]), boxes(1), masks(1)),
        ("none", last, None, None, None, None),
    ]


def write_model(name: str, shape: dict, output: str) -> None:
    folder = os.path.join(output, name)
    os.makedirs(folder, exist_ok=True)
    model = build(shape)
    size, grid = shape["image_size"], shape["image_size"] // shape["patch_size"]
    # Channel-last in the file, as samdata reads it; values on bfloat16's grid to keep the file small.
    image = torch.randn(shape["images"], size, size, 3).to(torch.bfloat16)
    cases = {"image": image}

    embeddings = model.image_encoder(image.to(torch.float32).permute(0, 3, 1, 2).contiguous())
    cases["image_embeddings"] = embeddings.detach().permute(0, 2, 3, 1).contiguous()
    cases["dense_pe"] = model.prompt_encoder.get_dense_pe().permute(0, 2, 3, 1).contiguous()
    total = torch.zeros(())
    kinds = []
    for case, index, points, labels, boxes, masks in prompts(size, grid, shape["images"]):
        sparse, dense = model.prompt_encoder(
            points=None if points is None else (points, labels), boxes=boxes, masks=masks)
        arguments = dict(
            image_embeddings=embeddings[index : index + 1], image_pe=model.prompt_encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse, dense_prompt_embeddings=dense)
        single, single_iou = model.mask_decoder(**arguments, multimask_output=False)
        multi, multi_iou = model.mask_decoder(**arguments, multimask_output=True)
        low_res, iou = torch.cat([single, multi], dim=1), torch.cat([single_iou, multi_iou], dim=1)
        total = total + scalar_loss(low_res, iou)
        kinds.append({"name": case, "image": index})
        for key, value in [("points", points), ("labels", labels), ("boxes", boxes), ("masks", masks)]:
            if value is not None:
                cases[f"{case}.{key}"] = value
        cases[f"{case}.sparse"] = sparse.detach().contiguous()
        cases[f"{case}.low_res_masks"] = low_res.detach().contiguous()
        cases[f"{case}.iou_predictions"] = iou.detach().contiguous()
    total.backward()
    cases["loss"] = total.detach()

    gradients = {key: parameter.grad.contiguous() for key, parameter in model.named_parameters()}
    save_file(cases, os.path.join(folder, "cases.safetensors"))
    save_file(gradients, os.path.join(folder, "gradients.safetensors"))
    weights = {key: value.to(torch.bfloat16).contiguous() for key, value in model.state_dict().items()}
    save_file(weights, os.path.join(folder, "weights.safetensors"), metadata={"format": "pt"})

    # The whole way, from pixels of a photo-shaped image to logits at its size.
    predictor = SamPredictor(model)
    height, width = size + size // 3, size - size // 4
    pixels = smooth_image(height, width)
    predictor.set_image(pixels)
    with torch.no_grad():
        logits, iou, low_res = predictor.predict(
            point_coords=np.array([[width * 0.5, height * 0.25], [1.0, height - 2.0]]), point_labels=np.array([1, 0]),
            box=np.array([2.0, 3.0, width * 0.75, height * 0.5]), multimask_output=True, return_logits=True)
    save_file(
        {
            "pixels": torch.from_numpy(pixels.copy()),
            "points": torch.tensor([[width * 0.5, height * 0.25], [1.0, height - 2.0]], dtype=torch.float64),
            "labels": torch.tensor([1, 0]),
            "box": torch.tensor([2.0, 3.0, width * 0.75, height * 0.5], dtype=torch.float64),
            "logits": torch.from_numpy(logits.copy()),
            "iou_predictions": torch.from_numpy(iou.copy()),
            "low_res_masks": torch.from_numpy(low_res.copy()),
        },
        os.path.join(folder, "predictor.safetensors"))

    configuration = {key: value for key, value in shape.items() if key not in ("rel_pos_rows", "images")}
    configuration["rel_pos_rows"] = [
        [block.attn.rel_pos_h.shape[0], block.attn.rel_pos_w.shape[0]] for block in model.image_encoder.blocks]
    configuration["cases"] = kinds
    with open(os.path.join(folder, "configuration.json"), "w", encoding="utf-8") as file:
        json.dump(configuration, file, indent=2)
        file.write("\n")


def smooth_image(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    channels = []
    for _ in range(3):
        a, b, c = np.random.uniform(0.05, 0.4, size=3)
        channels.append(127.5 + 100 * np.sin(a * x + c) * np.cos(b * y) + 20 * np.random.randn(height, width))
    return np.clip(np.stack(channels, axis=-1), 0, 255).astype(np.uint8)


def write_preprocessing(output: str) -> None:
    """Images of several shapes: the model's input, coordinates in its frame, logits back at the original size."""
    size, low = 64, 32
    tensors = {}
    transform = ResizeLongestSide(size)
    encoder = ImageEncoderViT(img_size=size, patch_size=8, embed_dim=8, depth=0)
    model = Sam(encoder, None, None)
    for name, height, width in [("landscape", 41, 90), ("portrait", 77, 30), ("small", 13, 20), ("same", 64, 64)]:
        pixels = smooth_image(height, width)
        resized = transform.apply_image(pixels)
        x = torch.as_tensor(resized).permute(2, 0, 1).contiguous()[None].to(torch.float32)
        coordinates = np.random.uniform(0, min(height, width), size=(3, 2))
        logits = torch.randn(2, 1, low, low)
        tensors[f"{name}.pixels"] = torch.from_numpy(pixels.copy())
        tensors[f"{name}.resized"] = torch.from_numpy(resized.copy())
        # The padding is zero and known; only the image part is stored.
        tensors[f"{name}.normalised"] = (
            model.preprocess(x)[0, :, : resized.shape[0], : resized.shape[1]].permute(1, 2, 0).contiguous())
        tensors[f"{name}.coordinates"] = torch.from_numpy(coordinates)
        tensors[f"{name}.transformed"] = torch.from_numpy(transform.apply_coords(coordinates, (height, width)))
        tensors[f"{name}.low_res"] = logits
        tensors[f"{name}.logits"] = model.postprocess_masks(logits, resized.shape[:2], (height, width)).contiguous()
    save_file(tensors, os.path.join(output, "preprocessing.safetensors"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", default=os.path.dirname(os.path.abspath(__file__)))
    parser.add_argument("--random-shapes", type=int, default=0)
    options = parser.parse_args()
    os.makedirs(options.output, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    np.random.seed(options.seed)
    shapes = SHAPES
    if options.random_shapes:
        rng = np.random.default_rng(options.seed)
        shapes = {f"random-{i}": random_shape(rng) for i in range(options.random_shapes)}
    for name, shape in shapes.items():
        write_model(name, shape, options.output)
    write_preprocessing(options.output)


if __name__ == "__main__":
    main()
