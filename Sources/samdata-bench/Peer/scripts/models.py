"""Segment Anything with PyTorch, by its reference implementation (PyPI `segment-anything`), with random weights.

`model` is a configuration as samdata writes it, with the reference's names.
"""
import json
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from segment_anything import SamAutomaticMaskGenerator
from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer
from segment_anything.modeling.common import LayerNorm2d

from kernels import focal_and_dice
from tiny_vit import TinyViT


def image_encoder(model):
    if model.get("encoder") == "plain_vit":
        return PlainEncoder(model)
    if model.get("encoder") == "tiny_vit":
        encoder = TinyViT(model)
        encoder.img_size = model["image_size"]  # Sam asks for it
        return encoder
    # A ratio that was rounded down would lose one of the hidden units.
    return ImageEncoderViT(
        img_size=model["image_size"], patch_size=model["patch_size"], embed_dim=model["embed_dim"],
        depth=model["depth"], num_heads=model["num_heads"], mlp_ratio=model["mlp_dim"] / model["embed_dim"] + 1e-9,
        out_chans=model["prompt_embed_dim"], norm_layer=partial(torch.nn.LayerNorm, eps=1e-6), use_rel_pos=True,
        window_size=model["window_size"], global_attn_indexes=tuple(model["global_attn_indexes"]))


class PlainBlock(torch.nn.Module):
    """Global attention and MLP, operation by operation as EfficientSAM has them."""

    def __init__(self, dim, heads, hidden):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = (torch.nn.LayerNorm(dim, eps=1e-6) for _ in range(2))
        self.qkv, self.proj = torch.nn.Linear(dim, 3 * dim), torch.nn.Linear(dim, dim)
        self.lift, self.lower = torch.nn.Linear(dim, hidden), torch.nn.Linear(hidden, dim)

    def forward(self, x):
        batch, count, dim = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(batch, count, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-2, -1) * (dim // self.heads) ** -0.5
        mixed = (scores.softmax(dim=-1) @ v).transpose(1, 2).reshape(batch, count, dim)
        x = x + self.proj(mixed)
        return x + self.lower(F.gelu(self.lift(self.norm2(x))))


class PlainEncoder(torch.nn.Module):
    """EfficientSAM's image encoder, which is in no package on PyPI."""

    def __init__(self, model):
        super().__init__()
        dim, out, self.stored = model["embed_dim"], model["prompt_embed_dim"], model["pos_grid_size"]
        self.position = torch.nn.Parameter(torch.zeros(1, dim, self.stored, self.stored))
        self.patches = torch.nn.Conv2d(3, dim, model["patch_size"], model["patch_size"])
        self.blocks = torch.nn.Sequential(
            *(PlainBlock(dim, model["num_heads"], model["mlp_dim"]) for _ in range(model["depth"])))
        self.neck = torch.nn.Sequential(
            torch.nn.Conv2d(dim, out, 1, bias=False), LayerNorm2d(out),
            torch.nn.Conv2d(out, out, 3, padding=1, bias=False), LayerNorm2d(out))

    def forward(self, image):
        x = self.patches(image)
        x = x + F.interpolate(self.position, size=x.shape[-2:], mode="bicubic", align_corners=False)
        tokens = self.blocks(x.flatten(2).transpose(1, 2))
        return self.neck(tokens.transpose(1, 2).reshape(x.shape))


def grid_size(model):
    return model["image_size"] // model.get("patch_size", 16)


def prompt_encoder(model):
    grid = grid_size(model)
    return PromptEncoder(
        embed_dim=model["prompt_embed_dim"], image_embedding_size=(grid, grid),
        input_image_size=(model["image_size"],) * 2, mask_in_chans=model["mask_in_chans"])


def mask_decoder(model):
    return MaskDecoder(
        transformer_dim=model["prompt_embed_dim"],
        transformer=TwoWayTransformer(
            depth=model["transformer_depth"], embedding_dim=model["prompt_embed_dim"],
            num_heads=model["transformer_num_heads"], mlp_dim=model["transformer_mlp_dim"],
            attention_downsample_rate=model["attention_downsample_rate"]),
        num_multimask_outputs=model["num_multimask_outputs"], iou_head_depth=model["iou_head_depth"],
        iou_head_hidden_dim=model["iou_head_hidden_dim"])


def boxes(count, size):
    """As many boxes as wanted, beside and below each other a little."""
    start = torch.arange(count)[:, None] * size / 64 + size / 8
    return torch.cat([start, start, start + size / 4, start + size / 3], dim=1)


class BoxDecoder(torch.nn.Module):
    """Box prompts and mask decoder in one; the encoding of places is kept between calls."""

    def __init__(self, model):
        super().__init__()
        self.prompt_encoder = prompt_encoder(model)
        self.mask_decoder = mask_decoder(model)
        self.register_buffer("image_pe", self.prompt_encoder.get_dense_pe())

    def forward(self, embedding, boxes):
        sparse, dense = self.prompt_encoder(points=None, boxes=boxes, masks=None)
        return self.decode(embedding, sparse, dense, False)

    def decode(self, embedding, sparse, dense, multimask_output):
        return self.mask_decoder(
            image_embeddings=embedding, image_pe=self.image_pe, sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense, multimask_output=multimask_output)


def embedding(model):
    grid = model["image_size"] // model["patch_size"]
    return torch.rand(1, model["prompt_embed_dim"], grid, grid) * 2 - 1


def targets(prompts, model):
    side = 4 * model["image_size"] // model["patch_size"]
    return (torch.rand(prompts, 1, side, side) > 0.5).float()


def encoder(model):
    network = image_encoder(model).eval()
    image = torch.rand(1, 3, model["image_size"], model["image_size"]) * 2 - 1
    return torch.no_grad()(lambda: network(image))


def tiny_vit_encoder(model, training):
    """Forward; in training also backward to all weights, with running statistics as they are."""
    network = TinyViT(model).eval()
    image = torch.rand(1, 3, model["image_size"], model["image_size"]) * 2 - 1
    if not training:
        return torch.no_grad()(lambda: network(image))
    seed = embedding(model | {"patch_size": 16})

    def run():
        network.zero_grad(set_to_none=True)
        (network(image) * seed).sum().backward()
    return run


def decoder(model, prompts):
    network = BoxDecoder(model).eval()
    image, places = embedding(model), boxes(prompts, model["image_size"])
    return torch.no_grad()(lambda: network(image, places))


def decoder_training(model, prompts):
    """Forward, focal and dice loss, backward to the decoder's weights; embedding and prompt encoder are fixed."""
    network = BoxDecoder(model)
    network.prompt_encoder.requires_grad_(False)
    image, places, labels = embedding(model), boxes(prompts, model["image_size"]), targets(prompts, model)

    def run():
        network.zero_grad(set_to_none=True)
        masks, _ = network(image, places)
        focal_and_dice(masks, labels, 20, 1).mean().backward()
    return run


def training(model, prompts):
    """A step of the whole model on one image: forward, focal and dice loss, backward, AdamW."""
    encoder, decoder = image_encoder(model), BoxDecoder(model)
    parameters = list(encoder.parameters()) + list(decoder.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=1e-5, weight_decay=0.1)
    image = torch.rand(1, 3, model["image_size"], model["image_size"]) * 2 - 1
    places, labels = boxes(prompts, model["image_size"]), targets(prompts, model)

    def run():
        optimizer.zero_grad(set_to_none=True)
        masks, _ = decoder(encoder(image), places)
        focal_and_dice(masks, labels, 20, 1).mean().backward()
        optimizer.step()
    return run


def recipe_training(model, boxes_count, points_count, focal_weight, dice_weight, bce_weight, iou_weight, clip):
    """A step as samdata's trainer makes it: boxes with one mask, points with three, of which the best one learns."""
    encoder, decoder = image_encoder(model), BoxDecoder(model)
    parameters = list(encoder.parameters()) + list(decoder.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=1e-5, weight_decay=0.1)
    size = model["image_size"]
    image = torch.rand(1, 3, size, size) * 2 - 1
    points = (boxes(points_count, size)[:, None, :2], torch.ones(points_count, 1))
    prompts = [
        (dict(points=None, boxes=boxes(boxes_count, size), masks=None), targets(boxes_count, model), False),
        (dict(points=points, boxes=None, masks=None), targets(points_count, model), True),
    ]

    def loss(embedding, prompt, labels, multimask_output):
        sparse, dense = decoder.prompt_encoder(**prompt)
        masks, ious = decoder.decode(embedding, sparse, dense, multimask_output)
        ce = F.binary_cross_entropy_with_logits(masks, labels.expand_as(masks), reduction="none").mean((-2, -1))
        each = focal_and_dice(masks, labels, focal_weight, dice_weight) + bce_weight * ce
        inside, wanted = masks > 0, labels > 0.5
        union = (inside | wanted).sum((-2, -1)).clamp(min=1)
        overlap = (inside & wanted).sum((-2, -1)) / union
        return each.min(dim=1).values.sum() + iou_weight * ((ious - overlap) ** 2).mean(1).sum()

    def run():
        optimizer.zero_grad(set_to_none=True)
        embedding = encoder(image)
        total = sum(loss(embedding, *prompt) for prompt in prompts)
        (total / (boxes_count + points_count)).backward()
        torch.nn.utils.clip_grad_norm_(parameters, clip)
        optimizer.step()
    return run


def read_safetensors(path):
    """The tensors of a safetensors file, float32 or counts: a header's length, the header as JSON, the values."""
    types = {"F32": torch.float32, "I64": torch.int64}
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        values = file.read()
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = torch.frombuffer(bytearray(values[begin:end]), dtype=types[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def waves(side):
    """The image of samdata's case: slow waves of three colours."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float64)
    channels = [
        127.5 + 120 * np.sin(x * (0.013 + 0.004 * channel)) * np.cos(y * (0.017 - 0.003 * channel))
        for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.uint8)


def automatic_masks(model, side, pred_iou_thresh, stability_score_thresh, weights):
    """All masks of an image by the reference's generator, with the weights that samdata's side has left."""
    network = Sam(image_encoder(model), prompt_encoder(model), mask_decoder(model)).eval()
    network.load_state_dict(read_safetensors(weights))
    generator = SamAutomaticMaskGenerator(
        network, pred_iou_thresh=pred_iou_thresh, stability_score_thresh=stability_score_thresh,
        output_mode="uncompressed_rle")
    image = waves(side)
    return lambda: generator.generate(image)


OPERATIONS = {
    "encoder": encoder, "tiny_vit_encoder": tiny_vit_encoder, "decoder": decoder, "decoder_training": decoder_training,
    "training": training, "recipe_training": recipe_training, "automatic_masks": automatic_masks,
}
