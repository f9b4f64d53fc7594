"""Computes the fixtures of SAMTests for the TinyViT encoder with PyTorch.

Usage:  python make_tinyvit_fixtures.py [--seed N] [--output DIR] [--full]

The network is the bench's peer (Sources/samdata-bench/Peer/scripts/tiny_vit.py), in small. Per shape a folder with
  configuration.json       dimensions
  weights.safetensors      the reference's parameter names below `image_encoder.`, running statistics among them
  cases.safetensors        image, embedding and the result of stage 1, with running statistics (`frozen.`) and with the
                           batch's own (`batch.`), and the running statistics after the latter
  frozen.safetensors, batch.safetensors
                           d sum(embedding * seed) / d parameter in both modes
With --full one shape instead, MobileSAM's own at 1024 x 1024, without gradients.

The committed files were written by Python 3.11, torch 2.15.0 (CPU), safetensors 0.8.0.
"""
import argparse
import json
import os
import sys

import torch
from safetensors.torch import save_file

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "../../../Sources/samdata-bench/Peer/scripts"))
from tiny_vit import TinyViT  # noqa: E402

SHAPES = {
    # Windows that do not fill the picture (3 on 8 and on 4), and one that is the picture (4 on 4).
    "tinyvit-cut": dict(
        image_size=64, embed_dims=[8, 12, 16, 20], depths=[1, 1, 2, 1], num_heads=[1, 3, 2, 5],
        window_sizes=[2, 3, 4, 3], mlp_ratio=4.0, mbconv_expand_ratio=4.0, merge_strides=[2, 2, 1],
        prompt_embed_dim=16, num_classes=5, images=1),
    # Windows that fill the picture (6 on 12) and that are larger than it (7 on 6); two images, other ratios.
    "tinyvit-wide": dict(
        image_size=96, embed_dims=[6, 10, 12, 16], depths=[2, 1, 1, 1], num_heads=[1, 1, 3, 4],
        window_sizes=[7, 6, 7, 4], mlp_ratio=2.5, mbconv_expand_ratio=3.0, merge_strides=[2, 2, 1],
        prompt_embed_dim=16, num_classes=3, images=2),
}
FULL = dict(
    image_size=1024, embed_dims=[64, 128, 160, 320], depths=[2, 2, 6, 2], num_heads=[2, 4, 5, 10],
    window_sizes=[7, 7, 14, 7], mlp_ratio=4.0, mbconv_expand_ratio=4.0, merge_strides=[2, 2, 1], prompt_embed_dim=256,
    num_classes=1000, images=1)


def randomise(network):
    """Weights that keep activations of the order of one, and statistics that are not those of new layers."""
    for name, tensor in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            tensor.fill_(int(torch.randint(1000, (1,))))
        elif name.endswith("running_var"):
            tensor.uniform_(0.5, 2)
        elif name.endswith("attention_biases"):
            tensor.normal_()
        elif tensor.dim() > 1:
            tensor.normal_(std=(2 / tensor[0].numel()) ** 0.5)
        elif name.endswith("weight"):
            tensor.uniform_(0.5, 1.5)
        else:
            tensor.normal_(std=0.3)


def names(tensors):
    return {"image_encoder." + name: tensor.detach().clone().contiguous() for name, tensor in tensors}


def last_channels(x):
    return x.detach().permute(0, 2, 3, 1).contiguous()


def square(tokens):
    side = round(tokens.shape[1] ** 0.5)
    return tokens.detach().reshape(len(tokens), side, side, -1).contiguous()


def write(folder, shape, has_gradients):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "configuration.json"), "w") as file:
        json.dump(shape, file, indent=2)
        file.write("\n")
    network = TinyViT(shape)
    with torch.no_grad():
        randomise(network)
    save_file(names(network.state_dict().items()), os.path.join(folder, "weights.safetensors"))
    image = torch.randn(shape["images"], 3, shape["image_size"], shape["image_size"])
    cases = {"image": last_channels(image)}
    for mode in ["frozen", "batch"] if has_gradients else ["frozen"]:
        network.train(mode == "batch")
        network.zero_grad()
        with torch.set_grad_enabled(has_gradients):
            embedding, features = network(image, keeping_stage=1)
        cases[mode + ".embedding"], cases[mode + ".features"] = last_channels(embedding), square(features)
        if has_gradients:
            seed = torch.randn(embedding.shape)
            cases[mode + ".seed"] = last_channels(seed)
            (embedding * seed).sum().backward()
            gradients = [(name, p.grad) for name, p in network.named_parameters() if p.grad is not None]
            save_file(names(gradients), os.path.join(folder, mode + ".safetensors"))
    if has_gradients:
        cases.update(names((name, t) for name, t in network.state_dict().items() if "running_" in name or "num_" in name))
    save_file(cases, os.path.join(folder, "cases.safetensors"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--output", default=HERE)
    parser.add_argument("--full", action="store_true")
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(1)
    if arguments.full:
        write(os.path.join(arguments.output, "tinyvit-full"), FULL, False)
        return
    for name, shape in SHAPES.items():
        write(os.path.join(arguments.output, name), shape, True)


if __name__ == "__main__":
    main()
