"""Writes the fixtures of SAM-HQ, EfficientSAM and pruned models in this folder with PyTorch, from what is known of them.

    python make_variant_fixtures.py [--seed N] [--output DIR]

What equals SAM comes from segment-anything; the rest is written out below from the published descriptions, with the
checkpoints' parameter names. Small models with random weights, one folder each:
  configuration.json       samdata's configuration, and which kinds of prompt each case holds
  weights.safetensors      bfloat16, in which the weights are exact
  cases.safetensors        inputs, image embeddings, low-res masks, IoU predictions
  gradients.safetensors    d loss / d parameter for every parameter, loss as in make_fixtures.py

    python make_variant_fixtures.py --full sam|slim|hq|efficient --output DIR

writes one model of real size with random weights into DIR, without gradients: for a test that has PyTorch at hand.

The committed files were written by Python 3.11, segment-anything 1.0, torch 2.15.0 (CPU), safetensors 0.8.0.
"""

import argparse
import json
import math
import os
import sys
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from make_fixtures import prompts, scalar_loss
from safetensors.torch import save_file
from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, TwoWayTransformer
from segment_anything.modeling.common import LayerNorm2d
from segment_anything.modeling.mask_decoder import MLP
from segment_anything.modeling.prompt_encoder import PositionEmbeddingRandom
from segment_anything.modeling.transformer import Attention
from torch import nn

sys.dont_write_bytecode = True
sys.path.insert(
    0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../Sources/samdata-bench/Peer/scripts"))
from tiny_vit import TinyViT  # noqa: E402

DECODER = dict(
    prompt_embed_dim=32, mask_in_chans=16, transformer_depth=2, transformer_num_heads=4, transformer_mlp_dim=48,
    attention_downsample_rate=2, num_multimask_outputs=3, iou_head_depth=3, iou_head_hidden_dim=24)
VIT = dict(
    image_size=64, patch_size=8, embed_dim=24, depth=3, num_heads=2, mlp_dim=48, window_size=3,
    global_attn_indexes=[1, 2])
PLAIN = dict(
    encoder="plain_vit", image_size=80, patch_size=8, embed_dim=24, depth=2, num_heads=3, mlp_dim=48, pos_grid_size=4)
TINY = dict(
    encoder="tiny_vit", image_size=64, embed_dims=[8, 12, 16, 20], depths=[1, 1, 2, 1], num_heads=[1, 3, 2, 5],
    window_sizes=[2, 3, 4, 3], mlp_ratio=4.0, mbconv_expand_ratio=4.0, merge_strides=[2, 2, 1], num_classes=5)
SAM_COLOURS = dict(pixel_mean=[123.675, 116.28, 103.53], pixel_std=[58.395, 57.12, 57.375])
EFFICIENT_COLOURS = dict(
    pixel_mean=[0.485, 0.456, 0.406], pixel_std=[0.229, 0.224, 0.225], image_fit="stretch", image_filter="bilinear",
    pixel_range="unit", mask_scaling="bicubic")

SHAPES = {
    # The early tokens are those of block 1, not of the last.
    "hq": {**dict(family="sam_hq", **VIT, **DECODER, **SAM_COLOURS), **dict(transformer_num_heads=2)},
    # The light model: early tokens are those behind the second stage of a TinyViT.
    "hq-tiny": {**dict(family="sam_hq", **TINY, **DECODER, **SAM_COLOURS), **dict(transformer_num_heads=2)},
    # Positions interpolated from a grid of 4 to one of 10; one head, so that projections fold into eleven tokens.
    "efficient": {
        **dict(family="efficient_sam", **PLAIN, **DECODER, **EFFICIENT_COLOURS), **dict(transformer_num_heads=1)},
    # Positions taken as stored, a deeper decoder with more heads, a head of two layers.
    "efficient-native": {
        **dict(family="efficient_sam", **PLAIN, **DECODER, **EFFICIENT_COLOURS),
        **dict(image_size=64, pos_grid_size=8, transformer_depth=3, transformer_num_heads=8, attention_downsample_rate=1,
               iou_head_depth=2)},
    # Pruned layer by layer: widths inside attention and MLP differ by block.
    "pruned": dict(
        **VIT, **DECODER, **SAM_COLOURS, attn_dims=[[0, 10], [2, 16]], mlp_dims=[[1, 20], [2, 31]]),
}
FULL_VIT = dict(
    image_size=1024, patch_size=16, embed_dim=768, depth=12, num_heads=12, mlp_dim=3072, window_size=14,
    global_attn_indexes=[2, 5, 8, 11])
FULL = {
    "sam": FULL_VIT,
    "slim": {**FULL_VIT, **dict(embed_dim=168, mlp_dim=696)},
    "hq": {
        **dict(family="sam_hq"), **FULL_VIT},
    "efficient": {
        **dict(family="efficient_sam"),
        **dict(encoder="plain_vit", image_size=1024, patch_size=16, embed_dim=192, depth=12, num_heads=3, mlp_dim=768,
               pos_grid_size=14)},
}
FULL_DECODER = dict(
    prompt_embed_dim=256, mask_in_chans=16, transformer_depth=2, transformer_num_heads=8, transformer_mlp_dim=2048,
    attention_downsample_rate=2, num_multimask_outputs=3, iou_head_depth=3, iou_head_hidden_dim=256)


def grid_size(shape: dict) -> int:
    return shape["image_size"] // shape.get("patch_size", 16)


def vit(shape: dict) -> nn.Module:
    if shape.get("encoder") == "tiny_vit":
        return TinyViT(shape)
    encoder = ImageEncoderViT(
        img_size=shape["image_size"], patch_size=shape["patch_size"], embed_dim=shape["embed_dim"],
        depth=shape["depth"], num_heads=shape["num_heads"], mlp_ratio=shape["mlp_dim"] / shape["embed_dim"] + 1e-9,
        out_chans=shape["prompt_embed_dim"], norm_layer=partial(nn.LayerNorm, eps=1e-6), use_rel_pos=True,
        window_size=shape["window_size"], global_attn_indexes=tuple(shape["global_attn_indexes"]))
    width, heads = shape["embed_dim"], shape["num_heads"]
    for index, inner in shape.get("attn_dims", []):
        block = encoder.blocks[index]
        rows = block.attn.rel_pos_h.shape[0]
        block.attn = NarrowAttention(width, inner, heads, rows)
    for index, hidden in shape.get("mlp_dims", []):
        mlp = encoder.blocks[index].mlp
        mlp.lin1, mlp.lin2 = nn.Linear(width, hidden), nn.Linear(hidden, width)
    return encoder


class NarrowAttention(nn.Module):
    """Attention with decomposed relative position whose heads together are narrower than the tokens."""

    def __init__(self, width: int, inner: int, heads: int, rows: int):
        super().__init__()
        self.heads = heads
        self.qkv, self.proj = nn.Linear(width, 3 * inner), nn.Linear(inner, width)
        self.rel_pos_h = nn.Parameter(torch.zeros(rows, inner // heads))
        self.rel_pos_w = nn.Parameter(torch.zeros(rows, inner // heads))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, height, width, _ = x.shape
        q, k, v = self.qkv(x).reshape(batch, height * width, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        grid = q.reshape(batch, self.heads, height, width, -1)
        offset = torch.arange(height)[:, None] - torch.arange(height)[None, :] + height - 1
        across = torch.arange(width)[:, None] - torch.arange(width)[None, :] + width - 1
        rows = torch.einsum("bnhwc,hkc->bnhwk", grid, self.rel_pos_h[offset])
        columns = torch.einsum("bnhwc,wkc->bnhwk", grid, self.rel_pos_w[across])
        position = rows[..., :, None] + columns[..., None, :]
        scores = scores + position.reshape(batch, self.heads, height * width, height * width)
        mixed = scores.softmax(dim=-1) @ v
        return self.proj(mixed.transpose(1, 2).reshape(batch, height, width, -1))


class Samlike(nn.Module):
    """Image encoder, prompt encoder and mask decoder, with one call for both answers to a case."""

    def early_and_embedding(self, image: torch.Tensor):
        """Tokens of the first block of global attention, and the embedding."""
        encoder = self.image_encoder
        if isinstance(encoder, TinyViT):
            embedding, early = encoder(image, keeping_stage=1)
            return early.reshape(len(image), *embedding.shape[2:], -1), embedding
        x, early = encoder.patch_embed(image) + encoder.pos_embed, None
        for block in encoder.blocks:
            x = block(x)
            if early is None and block.window_size == 0:
                early = x
        return early, encoder.neck(x.permute(0, 3, 1, 2))


class Plain(Samlike):
    """SAM itself, for pruned encoders."""

    def __init__(self, shape: dict):
        super().__init__()
        grid = grid_size(shape)
        self.image_encoder = vit(shape)
        self.prompt_encoder = PromptEncoder(
            embed_dim=shape["prompt_embed_dim"], image_embedding_size=(grid, grid),
            input_image_size=(shape["image_size"],) * 2, mask_in_chans=shape["mask_in_chans"])
        self.mask_decoder = self.decoder(shape)

    def decoder(self, shape: dict) -> nn.Module:
        return MaskDecoder(transformer_dim=shape["prompt_embed_dim"], transformer=transformer(shape), **head(shape))

    def encode(self, image):
        return None, self.image_encoder(image)

    def answer(self, features, index, points, labels, boxes, masks):
        sparse, dense = self.prompt_encoder(
            points=None if points is None else (points, labels), boxes=boxes, masks=masks)
        arguments = dict(
            image_embeddings=features[1][index : index + 1], image_pe=self.prompt_encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse, dense_prompt_embeddings=dense)
        answers = [self.mask_decoder(**arguments, multimask_output=multi) for multi in (False, True)]
        return sparse, torch.cat([a[0] for a in answers], dim=1), torch.cat([a[1] for a in answers], dim=1)


def transformer(shape: dict) -> TwoWayTransformer:
    return TwoWayTransformer(
        depth=shape["transformer_depth"], embedding_dim=shape["prompt_embed_dim"],
        num_heads=shape["transformer_num_heads"], mlp_dim=shape["transformer_mlp_dim"],
        attention_downsample_rate=shape["attention_downsample_rate"])


def head(shape: dict) -> dict:
    return dict(
        num_multimask_outputs=shape["num_multimask_outputs"], iou_head_depth=shape["iou_head_depth"],
        iou_head_hidden_dim=shape["iou_head_hidden_dim"])


class HighQualityDecoder(MaskDecoder):
    """SAM's decoder with one more token, whose mask is read from pixels that early tokens of the encoder went into."""

    def __init__(self, early_width: int, transformer_dim: int, **others):
        super().__init__(transformer_dim=transformer_dim, **others)
        dim = transformer_dim
        self.hf_token = nn.Embedding(1, dim)
        self.hf_mlp = MLP(dim, dim, dim // 8, 3)

        def upscaling(a, b, c):
            return nn.Sequential(
                nn.ConvTranspose2d(a, b, 2, 2), LayerNorm2d(b), nn.GELU(), nn.ConvTranspose2d(b, c, 2, 2))

        self.compress_vit_feat = upscaling(early_width, dim, dim // 8)
        self.embedding_encoder = upscaling(dim, dim // 4, dim // 8)
        self.embedding_maskfeature = nn.Sequential(
            nn.Conv2d(dim // 8, dim // 4, 3, padding=1), LayerNorm2d(dim // 4), nn.GELU(),
            nn.Conv2d(dim // 4, dim // 8, 3, padding=1))

    def answers(self, early, embedding, image_pe, sparse, dense):
        """Of single, multimask and the finer mask alone: masks [P,1,L,L] and IoU [P,1]."""
        count = sparse.shape[0]
        own = torch.cat([self.iou_token.weight, self.mask_tokens.weight, self.hf_token.weight])
        tokens = torch.cat([own.expand(count, -1, -1), sparse], dim=1)
        source = embedding.repeat_interleave(count, dim=0) + dense
        hidden, changed = self.transformer(source, image_pe.repeat_interleave(count, dim=0), tokens)
        pixels = self.output_upscaling(changed.transpose(1, 2).reshape(source.shape))
        detail = self.embedding_encoder(embedding) + self.compress_vit_feat(early.permute(0, 3, 1, 2))
        fine = self.embedding_maskfeature(pixels) + detail
        filters = torch.stack(
            [mlp(hidden[:, 1 + i]) for i, mlp in enumerate(self.output_hypernetworks_mlps)], dim=1)
        masks = torch.einsum("pmc,pchw->pmhw", filters, pixels)
        finer = torch.einsum("pc,pchw->phw", self.hf_mlp(hidden[:, 1 + self.num_mask_tokens]), fine)[:, None]
        iou = self.iou_prediction_head(hidden[:, 0])
        best = 1 + iou[:, 1:].argmax(dim=1)
        self.chosen = getattr(self, "chosen", set()) | set(best.tolist())
        rows = torch.arange(count)
        chosen, chosen_iou = masks[rows, best][:, None], iou[rows, best][:, None]
        return [(masks[:, :1] + finer, iou[:, :1]), (chosen + finer, chosen_iou), (finer, iou[:, :1])]


class HighQuality(Plain):
    def decoder(self, shape: dict) -> nn.Module:
        early_width = shape["embed_dims"][2] if "embed_dims" in shape else shape["embed_dim"]
        return HighQualityDecoder(
            early_width, transformer_dim=shape["prompt_embed_dim"], transformer=transformer(shape), **head(shape))

    def encode(self, image):
        return self.early_and_embedding(image)

    def answer(self, features, index, points, labels, boxes, masks):
        sparse, dense = self.prompt_encoder(
            points=None if points is None else (points, labels), boxes=boxes, masks=masks)
        answers = self.mask_decoder.answers(
            features[0][index : index + 1], features[1][index : index + 1], self.prompt_encoder.get_dense_pe(), sparse,
            dense)
        return sparse, torch.cat([a[0] for a in answers], dim=1), torch.cat([a[1] for a in answers], dim=1)


class Perceptron(nn.Module):
    """Linear layers with GELU between them, named as EfficientSAM names them."""

    def __init__(self, widths: list):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Linear(a, b), nn.GELU()) for a, b in zip(widths[:-2], widths[1:-1]))
        self.fc = nn.Linear(widths[-2], widths[-1])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.fc(x)


class PlainBlock(nn.Module):
    def __init__(self, dim: int, heads: int, hidden: int):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attn = nn.ModuleDict({"qkv": nn.Linear(dim, 3 * dim), "proj": nn.Linear(dim, dim)})
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(dim, hidden), "fc2": nn.Linear(hidden, dim)})
        self.heads = heads

    def forward(self, x):
        batch, count, dim = x.shape
        q, k, v = self.attn["qkv"](self.norm1(x)).reshape(batch, count, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        mixed = (q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])).softmax(dim=-1) @ v
        x = x + self.attn["proj"](mixed.transpose(1, 2).reshape(batch, count, dim))
        return x + self.mlp["fc2"](F.gelu(self.mlp["fc1"](self.norm2(x))))


class PlainEncoder(nn.Module):
    def __init__(self, shape: dict):
        super().__init__()
        dim, out, self.stored = shape["embed_dim"], shape["prompt_embed_dim"], shape["pos_grid_size"]
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + self.stored**2, dim))
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(3, dim, shape["patch_size"], shape["patch_size"])})
        self.blocks = nn.ModuleList(
            PlainBlock(dim, shape["num_heads"], shape["mlp_dim"]) for _ in range(shape["depth"]))
        self.neck = nn.Sequential(
            nn.Conv2d(dim, out, 1, bias=False), LayerNorm2d(out), nn.Conv2d(out, out, 3, padding=1, bias=False),
            LayerNorm2d(out))

    def forward(self, image):
        x = self.patch_embed["proj"](image)
        position = self.pos_embed[:, 1:].transpose(1, 2).reshape(1, -1, self.stored, self.stored)
        if x.shape[-1] != self.stored:
            position = F.interpolate(position, size=x.shape[-2:], mode="bicubic", align_corners=False)
        tokens = (x + position).flatten(2).transpose(1, 2)
        for block in self.blocks:
            tokens = block(tokens)
        return self.neck(tokens.transpose(1, 2).reshape(x.shape))


class EfficientPrompts(nn.Module):
    """Six places; labels -1 none, 1 point, 2 and 3 corners. The embedding of the label is added in every case."""

    def __init__(self, shape: dict):
        super().__init__()
        dim = shape["prompt_embed_dim"]
        self.pe_layer = PositionEmbeddingRandom(dim // 2)
        self.invalid_points, self.point_embeddings = nn.Embedding(1, dim), nn.Embedding(1, dim)
        self.bbox_top_left_embeddings, self.bbox_bottom_right_embeddings = nn.Embedding(1, dim), nn.Embedding(1, dim)
        self.size = shape["image_size"]
        self.grid = self.size // shape["patch_size"]

    def get_dense_pe(self):
        return self.pe_layer((self.grid, self.grid))[None]

    def forward(self, places, labels):
        missing = 6 - places.shape[1]
        places = F.pad(places, (0, 0, 0, missing), value=-1.0)
        labels = F.pad(labels, (0, missing), value=-1)
        roles = {-1: self.invalid_points, 1: self.point_embeddings, 2: self.bbox_top_left_embeddings,
                 3: self.bbox_bottom_right_embeddings}
        tokens = self.pe_layer.forward_with_coords(places + 0.5, (self.size, self.size))
        for label, embedding in roles.items():
            tokens = tokens + (labels == label)[..., None] * embedding.weight[0]
        return tokens


class EfficientLayer(nn.Module):
    def __init__(self, shape: dict, is_first: bool):
        super().__init__()
        dim, heads, rate = shape["prompt_embed_dim"], shape["transformer_num_heads"], shape["attention_downsample_rate"]
        self.self_attn = Attention(dim, heads)
        self.norm1 = nn.LayerNorm(dim)
        self.cross_attn_token_to_image = Attention(dim, heads, downsample_rate=rate)
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = Perceptron([dim, shape["transformer_mlp_dim"], dim])
        self.norm3, self.norm4 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.cross_attn_image_to_token = Attention(dim, heads, downsample_rate=rate)
        self.is_first = is_first

    def forward(self, queries, keys, query_pe, key_pe):
        if not self.is_first:
            queries = queries + query_pe
        queries = self.norm1(queries + self.self_attn(q=queries, k=queries, v=queries))
        queries = self.norm2(
            queries + self.cross_attn_token_to_image(q=queries + query_pe, k=keys + key_pe, v=keys))
        queries = self.norm3(queries + self.mlp(queries))
        keys = self.norm4(keys + self.cross_attn_image_to_token(q=keys + key_pe, k=queries + query_pe, v=queries))
        return queries, keys


class EfficientTransformer(nn.Module):
    def __init__(self, shape: dict):
        super().__init__()
        dim = shape["prompt_embed_dim"]
        self.layers = nn.ModuleList(EfficientLayer(shape, i == 0) for i in range(shape["transformer_depth"]))
        self.final_attn_token_to_image = Attention(
            dim, shape["transformer_num_heads"], downsample_rate=shape["attention_downsample_rate"])
        self.norm_final_attn = nn.LayerNorm(dim)

    def forward(self, keys, key_pe, tokens):
        queries = tokens
        for layer in self.layers:
            queries, keys = layer(queries, keys, tokens, key_pe)
        answer = self.final_attn_token_to_image(q=queries + tokens, k=keys + key_pe, v=keys)
        return self.norm_final_attn(queries + answer), keys


class EfficientDecoder(nn.Module):
    def __init__(self, shape: dict):
        super().__init__()
        dim, masks = shape["prompt_embed_dim"], shape["num_multimask_outputs"] + 1
        self.transformer = EfficientTransformer(shape)
        self.iou_token, self.mask_tokens = nn.Embedding(1, dim), nn.Embedding(masks, dim)
        self.final_output_upscaling_layers = nn.ModuleList([
            nn.Sequential(nn.ConvTranspose2d(dim, dim // 4, 2, 2), nn.GroupNorm(1, dim // 4), nn.GELU()),
            nn.Sequential(nn.ConvTranspose2d(dim // 4, dim // 8, 2, 2), nn.Identity(), nn.GELU())])
        self.output_hypernetworks_mlps = nn.ModuleList(
            Perceptron([dim, dim, dim, dim // 8]) for _ in range(masks))
        hidden = [shape["iou_head_hidden_dim"]] * (shape["iou_head_depth"] - 1)
        self.iou_prediction_head = Perceptron([dim] + hidden + [masks])

    def forward(self, embedding, image_pe, sparse):
        count, (_, dim, height, width) = sparse.shape[0], embedding.shape
        own = torch.cat([self.iou_token.weight, self.mask_tokens.weight]).expand(count, -1, -1)
        keys = embedding.expand(count, -1, -1, -1).flatten(2).transpose(1, 2)
        hidden, keys = self.transformer(
            keys, image_pe.flatten(2).transpose(1, 2), torch.cat([own, sparse], dim=1))
        pixels = keys.transpose(1, 2).reshape(count, dim, height, width)
        for layer in self.final_output_upscaling_layers:
            pixels = layer(pixels)
        filters = torch.stack(
            [mlp(hidden[:, 1 + i]) for i, mlp in enumerate(self.output_hypernetworks_mlps)], dim=1)
        # The single mask first, then the multimask ones: all of them in this order.
        return torch.einsum("pmc,pchw->pmhw", filters, pixels), self.iou_prediction_head(hidden[:, 0])


class Efficient(Samlike):
    def __init__(self, shape: dict):
        super().__init__()
        self.image_encoder = PlainEncoder(shape)
        self.prompt_encoder = EfficientPrompts(shape)
        self.mask_decoder = EfficientDecoder(shape)

    def encode(self, image):
        return None, self.image_encoder(image)

    def answer(self, features, index, points, labels, boxes, masks):
        count = len(points) if points is not None else len(boxes) if boxes is not None else 1
        places, roles = torch.zeros(count, 0, 2), torch.zeros(count, 0, dtype=torch.long)
        if points is not None:
            places, roles = torch.cat([places, points], dim=1), torch.cat([roles, labels], dim=1)
        if boxes is not None:
            places = torch.cat([places, boxes.reshape(-1, 2, 2)], dim=1)
            roles = torch.cat([roles, torch.tensor([[2, 3]]).expand(count, -1)], dim=1)
        places = torch.where((roles == -1)[..., None], torch.tensor(-1.0), places)
        sparse = self.prompt_encoder(places, roles)
        masks, iou = self.mask_decoder(
            features[1][index : index + 1], self.prompt_encoder.get_dense_pe(), sparse)
        return sparse, masks, iou


def build(shape: dict) -> nn.Module:
    family = {"sam_hq": HighQuality, "efficient_sam": Efficient}.get(shape.get("family"), Plain)
    model = family(shape).eval()
    with torch.no_grad():
        for name, value in model.state_dict().items():
            leaf = name.split(".")[-1]
            if leaf == "weight" and value.dim() == 1:  # of a norm
                value.copy_(1 + 0.2 * torch.randn_like(value))
            elif leaf == "running_var":
                value.uniform_(0.5, 2)
            elif leaf in ("running_mean", "attention_biases"):
                value.copy_(0.3 * torch.randn_like(value))
            elif "rel_pos" in name:
                value.copy_(0.4 * torch.randn_like(value))
            elif leaf == "pos_embed":
                value.copy_(0.5 * torch.randn_like(value))
            elif leaf == "bias":
                value.copy_(0.2 * torch.randn_like(value))
            elif leaf == "weight" and value.dim() >= 2 and value.shape[0] > 1 and "embeddings" not in name:
                value.mul_(1.7)  # so that attention is far from uniform
            if "iou_prediction_head" in name:
                value.mul_(0.0 if leaf == "bias" else 2.0)  # so that prompts differ in which mask is the best
            if value.is_floating_point():
                value.copy_(value.to(torch.bfloat16).to(torch.float32))
    return model


def cases_of(shape: dict, images: int) -> list:
    size, grid = shape["image_size"], grid_size(shape)
    every = prompts(size, grid, images)
    if shape.get("family") != "efficient_sam":
        return every
    usable = []
    for name, index, points, labels, boxes, masks in every:
        if masks is None:
            usable.append((name, index, points, None if labels is None else labels.abs().clamp(min=1), boxes, None))
    # Points that fill up a list, and as many places as there may be.
    usable.append(("padded", 0, torch.rand(2, 3, 2) * size, torch.tensor([[1, -1, 1], [1, 1, -1]]), None, None))
    usable.append(("six", images - 1, torch.rand(2, 4, 2) * size, torch.ones(2, 4, dtype=torch.long),
                   torch.tensor([[1.0, 2, 30, 40], [5, 5, 60, 21]]), None))
    return usable


def write_model(name: str, shape: dict, output: str, images: int, with_gradients: bool = True) -> None:
    folder = os.path.join(output, name)
    os.makedirs(folder, exist_ok=True)
    model = build(shape)
    size = shape["image_size"]
    image = torch.randn(images, size, size, 3).to(torch.bfloat16)
    cases, kinds, total = {"image": image}, [], torch.zeros(())
    with torch.set_grad_enabled(with_gradients):
        features = model.encode(image.to(torch.float32).permute(0, 3, 1, 2).contiguous())
        cases["image_embeddings"] = features[1].detach().permute(0, 2, 3, 1).contiguous()
        if features[0] is not None and with_gradients:
            cases["early"] = features[0].detach().contiguous()
        cases["dense_pe"] = model.prompt_encoder.get_dense_pe().permute(0, 2, 3, 1).contiguous()
        every = cases_of(shape, images)
        for case, index, points, labels, boxes, masks in every if with_gradients else every[:3]:
            sparse, low_res, iou = model.answer(features, index, points, labels, boxes, masks)
            total = total + scalar_loss(low_res, iou)
            kinds.append({"name": case, "image": index})
            for key, value in [("points", points), ("labels", labels), ("boxes", boxes), ("masks", masks)]:
                if value is not None:
                    cases[f"{case}.{key}"] = value.contiguous()
            cases[f"{case}.sparse"] = sparse.detach().contiguous()
            cases[f"{case}.low_res_masks"] = low_res.detach().contiguous()
            cases[f"{case}.iou_predictions"] = iou.detach().contiguous()
    # A fixture in which the same mask is always the best would not show that one is chosen.
    assert not with_gradients or len(getattr(model.mask_decoder, "chosen", {1, 2})) > 1
    cases["loss"] = total.detach()
    if with_gradients:
        total.backward()
        gradients = {
            key: (torch.zeros_like(value) if value.grad is None else value.grad).contiguous()
            for key, value in model.named_parameters()}
        save_file(gradients, os.path.join(folder, "gradients.safetensors"))
    save_file(cases, os.path.join(folder, "cases.safetensors"))
    weights = {
        key: (value.to(torch.bfloat16) if value.is_floating_point() else value).contiguous()
        for key, value in model.state_dict().items()}
    # Shapes of small models do not tell everything: heads of a plain ViT, the side of TinyViT's input.
    metadata = {"format": "pt", "samdata.configuration": json.dumps(shape)}
    save_file(weights, os.path.join(folder, "weights.safetensors"), metadata=metadata)
    order = list(model.state_dict().keys())
    with open(os.path.join(folder, "configuration.json"), "w", encoding="utf-8") as file:
        json.dump({"model": shape, "cases": kinds, "state_dict": order}, file, indent=1)
        file.write("\n")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--output", default=os.path.dirname(os.path.abspath(__file__)))
    parser.add_argument("--full", choices=sorted(FULL))
    parser.add_argument("--only", choices=sorted(SHAPES), help="one of the committed models")
    options = parser.parse_args()
    os.makedirs(options.output, exist_ok=True)
    torch.manual_seed(options.seed)
    np.random.seed(options.seed)
    if options.full:
        torch.set_num_threads(2)
        colours = EFFICIENT_COLOURS if options.full == "efficient" else SAM_COLOURS
        write_model(options.full, {**FULL[options.full], **FULL_DECODER, **colours}, options.output, 1, False)
        return
    torch.set_num_threads(1)
    for name, shape in SHAPES.items():
        if options.only not in (None, name):
            continue
        # Each model's own seed, so that another one beside it changes nothing.
        torch.manual_seed(options.seed)
        np.random.seed(options.seed)
        write_model(name, shape, options.output, 2 if name.startswith("hq") else 1)


if __name__ == "__main__":
    main()
