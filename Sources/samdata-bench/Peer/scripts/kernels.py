"""Single operations with PyTorch: what a case of samdata-bench does with tensors alone."""
import torch
import torch.nn.functional as F


def gemm(m, n, k):
    x, weight, bias = torch.randn(m, k), torch.randn(n, k), torch.randn(n)
    return torch.no_grad()(lambda: F.linear(x, weight, bias))


def product(batch, m, n, k):
    left, right = torch.randn(batch, m, k), torch.randn(batch, n, k)
    return torch.no_grad()(lambda: left @ right.transpose(-2, -1))


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
        "layer-norm": lambda: F.layer_norm(x, (columns,), weight, bias, 1e-6),
    }[kind]
    return torch.no_grad()(work)


def focal_and_dice(logits, targets, focal_weight, dice_weight):
    """The loss of each mask of `logits` [P, M, ...] against `targets` [P, 1, ...] as [P, M]."""
    x = logits.flatten(2)
    t = targets.flatten(2).expand_as(x)
    p = x.sigmoid()
    ce = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    p_t = p * t + (1 - p) * (1 - t)
    focal = ((0.25 * t + 0.75 * (1 - t)) * ce * (1 - p_t) ** 2).mean(-1)
    dice = 1 - (2 * (p * t).sum(-1) + 1) / (p.sum(-1) + t.sum(-1) + 1)
    return focal_weight * focal + dice_weight * dice


def losses(prompts, masks, pixels):
    x = torch.randn(prompts, masks, pixels, requires_grad=True)
    t = (torch.rand(prompts, 1, pixels) > 0.7).float()

    def run():
        x.grad = None
        focal_and_dice(x, t, 20, 1).sum().backward()
    return run


def adamw(count):
    parameter = torch.nn.Parameter(torch.randn(count))
    parameter.grad = torch.randn(count)
    return torch.optim.AdamW([parameter], lr=1e-4, weight_decay=0.1).step


OPERATIONS = {
    "gemm": gemm, "product": product, "attention": attention, "elementwise": elementwise, "losses": losses,
    "adamw": adamw,
}
