"""Writes the safetensors fixtures of CheckpointsTests with the reference library.

Usage:  python make_fixtures.py [--output DIR]        (default: the folder of this script)

The committed files were written by Python 3.11, safetensors 0.8.0, torch 2.15.0 (CPU).
"""

import argparse
import json
import os

import torch
from safetensors.torch import save_file


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", default=os.path.dirname(os.path.abspath(__file__)))
    output = parser.parse_args().output
    os.makedirs(output, exist_ok=True)

    generator = torch.Generator().manual_seed(7)
    normal = torch.randn((2, 3, 2), generator=generator)
    # Zeros of both signs, the largest and smallest numbers of each format, infinities, NaN.
    special = torch.tensor([0.0, -0.0, 1.0, -2.5, 65504.0, 6.0e-8, float("inf"), float("-inf"), float("nan")])
    tensors = {
        "float32.normal": normal,
        "float32.special": torch.cat([special, torch.tensor([3.4028235e38, 1.0e-45, 1.17549435e-38])]),
        "float64.wide": torch.tensor([1.0, 0.1, 1e-300, 1e300, -1.0 / 3.0], dtype=torch.float64),
        "float16.special": torch.cat([special.to(torch.float16), torch.tensor([6.1e-5, 6.0976e-5], dtype=torch.float16)]),
        "bfloat16.special": torch.cat([special, torch.tensor([3.3895e38, 1e-40])]).to(torch.bfloat16),
        "int64.scalar": torch.tensor(123456789012, dtype=torch.int64),
        "int32.matrix": torch.tensor([[1, -2], [2**31 - 1, -(2**31)]], dtype=torch.int32),
        "int16.vector": torch.tensor([-32768, 32767, 5], dtype=torch.int16),
        "int8.vector": torch.tensor([-128, 127, 5], dtype=torch.int8),
        "uint8.vector": torch.tensor([0, 255, 5], dtype=torch.uint8),
        "bool.vector": torch.tensor([True, False, True]),
        "float32.empty": torch.zeros((0, 4)),
        "float32.grösse": torch.ones((1, 1)),
    }
    save_file(tensors, os.path.join(output, "types.safetensors"), metadata={"format": "pt", "über": "ja \"so\" \\ \n"})
    expected = {
        name: {
            "dtype": str(tensor.dtype).removeprefix("torch."),
            "shape": list(tensor.shape),
            # Bit patterns of the value as float32: JSON has no NaN, and decimal text would hide the sign of zero.
            "bits": [value & 0xFFFFFFFF for value in tensor.to(torch.float32).reshape(-1).view(torch.int32).tolist()],
        }
        for name, tensor in tensors.items()
    }
    with open(os.path.join(output, "types.json"), "w", encoding="utf-8") as file:
        json.dump(expected, file, indent=1, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main()
