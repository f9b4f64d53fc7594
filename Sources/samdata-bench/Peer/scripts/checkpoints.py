"""Reading checkpoints with PyTorch, as its users do."""
import torch


def checkpoint_load(path):
    def run():
        state = torch.load(path, weights_only=True, mmap=False, map_location="cpu")
        assert all(tensor.dtype == torch.float32 for tensor in state.values())

    return run


OPERATIONS = {"checkpoint_load": checkpoint_load}
