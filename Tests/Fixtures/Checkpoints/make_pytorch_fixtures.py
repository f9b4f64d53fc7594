"""Writes the PyTorch fixtures of CheckpointsTests with torch.save.

Usage:  python make_pytorch_fixtures.py [--output DIR]        (default: the folder `pytorch` beside this script)

Beside each file NAME.pth lies NAME.json: what samdata is to read from it, that is names, shapes, element types and bits
as float32 of every tensor, and the keys, prefixes and left-out entries of the report.

The committed files were written by Python 3.11, torch 2.15.0 (CPU). Storages' keys of legacy files are addresses, so a
new run writes other bytes of the same content.
"""

import argparse
import json
import os
import types
from collections import OrderedDict

import numpy as np
import torch

NAMES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint64: "U64", torch.uint32: "U32",
    torch.uint16: "U16", torch.uint8: "U8", torch.bool: "BOOL",
}


def numbers(*shape):
    """Float32 values that no two places share."""
    count = int(np.prod(shape)) if shape else 1
    return (torch.arange(count, dtype=torch.float32) * 0.375 - 1.0).reshape(shape)


def typed():
    """A tensor of every element type, in memory order."""
    tensors = OrderedDict()
    for dtype, name in NAMES.items():
        if dtype == torch.bool:
            tensors[name] = torch.tensor([[True, False, True]])
        elif dtype.is_floating_point:
            tensors[name] = torch.tensor([1.5, -2.0, 0.333, 60000.0, float("inf")], dtype=torch.float64).to(dtype)
        else:
            tensors[name] = torch.tensor([0, 1, 100, 7]).to(dtype)
    return tensors


def views():
    """Tensors that share storages, start inside them, are transposed, expanded, empty or scalars."""
    base = numbers(4, 6)
    return {
        "base": base, "rows": base[1:3], "columns": base[:, 1:4], "transposed": base.t(), "every": base[::2, ::3],
        "permuted": numbers(2, 3, 4).permute(2, 0, 1), "expanded": numbers(3, 1).expand(3, 5),
        "one": torch.tensor(2.5).expand(2, 2), "inner": numbers(10)[7:], "scalar": torch.tensor(-7.25),
        "long scalar": torch.tensor(12345678901), "empty": torch.empty(0, 3), "emptyInside": torch.empty(2, 0, 4),
        "unit": numbers(3, 4)[:, 1:2], "half": numbers(3, 2).half().t(),
    }


def small():
    return OrderedDict([("a.weight", numbers(2, 3)), ("a.bias", numbers(3)), ("b.weight", numbers(3, 1))])


def prefixed(prefix, state=None):
    return OrderedDict((prefix + name, value) for name, value in (state or small()).items())


def training():
    """What a training program saves: model, optimiser, numbers and texts."""
    layer = torch.nn.Linear(3, 2)
    with torch.no_grad():
        layer.weight.copy_(numbers(2, 3))
        layer.bias.copy_(numbers(2))
    optimizer = torch.optim.AdamW(layer.parameters(), lr=1e-3)
    layer(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    with torch.no_grad():
        layer.weight.copy_(numbers(2, 3))
        layer.bias.copy_(numbers(2))
    return {
        "epoch": 12, "model": layer.state_dict(), "optimizer": optimizer.state_dict(), "best": np.float64(0.25),
        "rng": torch.zeros(4, dtype=torch.uint8), "args": argparse.Namespace(lr=1e-3, name="x"), "note": "hé",
        "big": 1 << 80, "tags": {"a", "b"}, "device": torch.device("cpu"), "dtype": torch.float16, "none": None,
        "size": torch.Size([2, 3]), "raw": b"\x00\xff" * 4, "ok": True, "pair": (1, -2.5, [-70000, 1 << 40]),
    }


def expected(state, unwrapped=(), stripped=(), ignored=()):
    tensors = []
    for name, value in state.items():
        value = value.detach()
        bits = value.to(torch.float32).contiguous().reshape(-1).view(torch.int32).tolist()
        tensors.append({
            "name": name, "shape": list(value.shape), "type": NAMES[value.dtype], "bits": [b & 0xFFFFFFFF for b in bits],
        })
    return {
        "tensors": tensors, "unwrapped": list(unwrapped), "stripped": list(stripped), "ignored": sorted(ignored),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytorch")
    parser.add_argument("--output", default=folder)
    output = parser.parse_args().output
    os.makedirs(output, exist_ok=True)

    def save(name, content, want, **options):
        path = os.path.join(output, name + ".pth")
        torch.save(content, path, **options)
        with open(os.path.join(output, name + ".json"), "w") as file:
            json.dump(want, file)
            file.write("\n")

    legacy = {"_use_new_zipfile_serialization": False}
    save("types", typed(), expected(typed()))
    # The old format has no unsigned types beyond 8 bits.
    old = OrderedDict((k, v) for k, v in typed().items() if k not in ("U16", "U32", "U64"))
    save("types-legacy", old, expected(old), **legacy)
    save("views", views(), expected(views()))
    save("views-legacy", views(), expected(views()), **legacy)
    layer = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.LayerNorm(2))
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(numbers(*parameter.shape))
    save("module", layer.state_dict(), expected(layer.state_dict()))
    parameters = {name: value for name, value in layer.named_parameters()}
    save("parameters", parameters, expected(parameters))
    save("protocol4", parameters, expected(parameters), pickle_protocol=4)
    save("protocol5", training(), expected(
        training()["model"], unwrapped=["model"], ignored=[k for k in training() if k != "model"]), pickle_protocol=5)
    save("training", training(), expected(
        training()["model"], unwrapped=["model"], ignored=[k for k in training() if k != "model"]))
    save("training-legacy", training(), expected(
        training()["model"], unwrapped=["model"], ignored=[k for k in training() if k != "model"]), **legacy)
    save("microsam", {"model_state": prefixed("sam."), "decoder_state": small(), "epoch": 1}, expected(
        small(), unwrapped=["model_state"], stripped=["sam."], ignored=["decoder_state", "epoch"]))
    save("lightning", {"state_dict": prefixed("model._orig_mod.module."), "global_step": 3}, expected(
        small(), unwrapped=["state_dict"], stripped=["_orig_mod.", "model.", "module."], ignored=["global_step"]))
    save("nested", {"checkpoint": {"state_dict": {"model": small(), "step": 1}}}, expected(
        small(), unwrapped=["checkpoint", "state_dict", "model"], ignored=["checkpoint.state_dict.step"])
        )
    save("compiled", prefixed("encoder._orig_mod."), expected(prefixed("encoder."), stripped=["_orig_mod."]))
    mixed = OrderedDict(list(prefixed("sam.").items()) + [("w_a.weight", numbers(2, 2))])
    save("adapter", mixed, expected(
        OrderedDict(list(small().items()) + [("w_a.weight", numbers(2, 2))]), stripped=["sam."]))
    parts = {"encoder": small(), "decoder": small(), "step": 4, "config": {"a": 1}}
    joined = OrderedDict(
        list(prefixed("encoder.").items()) + list(prefixed("decoder.").items()))
    save("parts", parts, expected(joined, ignored=["step", "config"]))
    save("empty", OrderedDict(), expected(OrderedDict()))
    save("tied", {"a": parameters["0.weight"], "b": parameters["0.weight"], "n": None}, expected(
        {"a": parameters["0.weight"], "b": parameters["0.weight"]}, ignored=["n"]))

    def refused(name, content, **options):
        torch.save(content, os.path.join(output, "refused-" + name + ".pth"), **options)

    refused("module", torch.nn.Linear(2, 1))
    refused("module-legacy", torch.nn.Linear(2, 1), **legacy)
    refused("tensor", numbers(2))
    refused("list", [numbers(2)])
    refused("numbers", {"a": 1, "b": {"c": 2}})
    refused("float8", {"a": numbers(2).to(torch.float8_e4m3fn)})
    refused("complex", {"a": numbers(2).to(torch.complex64)})
    refused("sparse", {"a": numbers(2, 2).to_sparse()})
    refused("array", {"a": np.ones(3)})
    script = torch.jit.script(torch.nn.Linear(2, 1))
    script.save(os.path.join(output, "refused-script.pth"))


if __name__ == "__main__":
    main()
