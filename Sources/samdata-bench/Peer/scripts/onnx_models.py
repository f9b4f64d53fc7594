"""The models of the inference cases as ONNX files, written once and kept in the bench's cache."""
import hashlib
import json
import os

import numpy


def cached_path(request):
    """Where the export of a request is kept: another request or version of PyTorch is another file."""
    from peer import versions

    key = json.dumps([request, versions().get("torch")], sort_keys=True)
    name = request["op"] + "-" + hashlib.sha256(key.encode()).hexdigest()[:16]
    return os.path.join(os.environ["SAMDATA_BENCH_HOME"], "onnx", name + ".onnx")


def inputs(request):
    """The operands of a session, made without PyTorch."""
    model = request["model"]
    random = numpy.random.default_rng(0)
    size, grid = model["image_size"], model["image_size"] // model["patch_size"]
    if request["op"] == "encoder":
        return {"image": random.uniform(-1, 1, (1, 3, size, size)).astype(numpy.float32)}
    start = numpy.arange(request["prompts"], dtype=numpy.float32)[:, None] * size / 64 + size / 8
    return {
        "embedding": random.uniform(-1, 1, (1, model["prompt_embed_dim"], grid, grid)).astype(numpy.float32),
        "boxes": numpy.concatenate([start, start, start + size / 4, start + size / 3], axis=1).astype(numpy.float32),
    }


def export(request, path):
    """Writes a model with random weights; a file that is there is whole."""
    import torch

    import models

    torch.manual_seed(0)
    network = {"encoder": models.image_encoder, "decoder": models.BoxDecoder}[request["op"]](request["model"]).eval()
    operands = {name: torch.from_numpy(value) for name, value in inputs(request).items()}
    outputs = ["embedding_out"] if request["op"] == "encoder" else ["masks", "ious"]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.{os.getpid()}"
    torch.onnx.export(
        network, tuple(operands.values()), temporary, input_names=list(operands), output_names=outputs,
        opset_version=17, dynamo=False)
    os.replace(temporary, path)
