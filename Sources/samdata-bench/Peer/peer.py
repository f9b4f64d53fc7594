"""The peer of samdata-bench: runs the same work with PyTorch.

Called as `peer.py THREADS`. Reads one JSON object a line ({"op": name, "repeats": n, ...sizes}), prints the seconds of
one run by the clock and of processor time. Operands of a request are made once and kept.
"""
import json
import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(0)


def gemm(m, n, k):
    x, weight, bias = torch.randn(m, k), torch.randn(n, k), torch.randn(n)

    def run():
        F.linear(x, weight, bias)
    return torch.no_grad()(run)


def relative(size):
    index = torch.arange(size)
    return index[:, None] - index[None, :] + size - 1


def attention(batch, heads, queries, keys, head_size, grid_height, grid_width, backward):
    """The eager form of the reference implementation: scores, decomposed relative position, softmax, values."""
    q = torch.randn(batch * heads, queries, head_size, requires_grad=backward)
    k = torch.randn(batch * heads, keys, head_size, requires_grad=backward)
    v = torch.randn(batch * heads, keys, head_size, requires_grad=backward)
    tables = [torch.randn(2 * size - 1, head_size, requires_grad=backward) for size in (grid_height, grid_width) if size]
    seed = torch.randn(batch * heads, queries, head_size)

    def run():
        scores = (q * head_size ** -0.5) @ k.transpose(-2, -1)
        if tables:
            rows = tables[0][relative(grid_height)]
            columns = tables[1][relative(grid_width)]
            grid = q.reshape(batch * heads, grid_height, grid_width, head_size)
            height = torch.einsum("bhwc,hkc->bhwk", grid, rows)
            width = torch.einsum("bhwc,wkc->bhwk", grid, columns)
            scores = (
                scores.view(batch * heads, grid_height, grid_width, grid_height, grid_width)
                + height[:, :, :, :, None] + width[:, :, :, None, :]
            ).view(batch * heads, queries, keys)
        output = scores.softmax(dim=-1) @ v
        if backward:
            for leaf in [q, k, v] + tables:
                leaf.grad = None
            output.backward(seed)
    return run if backward else torch.no_grad()(run)


def elementwise(kind, rows, columns):
    x, weight, bias = torch.randn(rows, columns), torch.randn(columns), torch.randn(columns)
    work = {
        "gelu": lambda: F.gelu(x),
        "softmax": lambda: x.softmax(-1),
        "layer norm": lambda: F.layer_norm(x, (columns,), weight, bias, 1e-6),
    }[kind]
    return torch.no_grad()(work)


def losses(prompts, masks, pixels):
    x = torch.randn(prompts, masks, pixels, requires_grad=True)
    t = (torch.rand(prompts, 1, pixels) > 0.7).float()

    def run():
        x.grad = None
        p = x.sigmoid()
        target = t.expand_as(x)
        ce = F.binary_cross_entropy_with_logits(x, target, reduction="none")
        p_t = p * target + (1 - p) * (1 - target)
        focal = ((0.25 * target + 0.75 * (1 - target)) * ce * (1 - p_t) ** 2).mean(-1)
        dice = 1 - (2 * (p * target).sum(-1) + 1) / (p.sum(-1) + target.sum(-1) + 1)
        (20 * focal + dice).sum().backward()
    return run


def adamw(count):
    parameter = torch.nn.Parameter(torch.randn(count))
    parameter.grad = torch.randn(count)
    return torch.optim.AdamW([parameter], lr=1e-4, weight_decay=0.1).step


OPERATIONS = {
    "gemm": gemm, "attention": attention, "elementwise": elementwise, "losses": losses, "adamw": adamw,
}
prepared = {}
print("ready", torch.__version__, flush=True)
for line in sys.stdin:
    request = json.loads(line)
    repeats = request.pop("repeats")
    key = json.dumps(request, sort_keys=True)
    if key not in prepared:
        prepared.clear()
        prepared[key] = OPERATIONS[request.pop("op")](**request)
    run = prepared[key]
    start, processor_start = time.perf_counter(), time.process_time()
    for _ in range(repeats):
        run()
    elapsed, processor = time.perf_counter() - start, time.process_time() - processor_start
    print(elapsed / repeats, processor / repeats, flush=True)
