"""MobileSAM's image encoder (TinyViT) in plain PyTorch, written from its description, with the reference's names.

The same operations in the same order and layout as users run them: batch normalisations apart from the convolutions,
windows cut out with zero padding before the norm, a matrix of biases added to the scores. Stochastic depth, whose rate
is 0, is left out. `model` holds the dimensions as samdata writes them.
"""
import torch
import torch.nn.functional as F
from torch import nn


class ConvBN(nn.Sequential):
    def __init__(self, inputs, outputs, size=1, stride=1, padding=0, groups=1):
        super().__init__()
        self.add_module("c", nn.Conv2d(inputs, outputs, size, stride, padding, groups=groups, bias=False))
        self.add_module("bn", nn.BatchNorm2d(outputs))


class MBConv(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.conv1 = ConvBN(dim, hidden)
        self.conv2 = ConvBN(hidden, hidden, 3, 1, 1, groups=hidden)
        self.conv3 = ConvBN(hidden, dim)

    def forward(self, x):
        y = F.gelu(self.conv2(F.gelu(self.conv1(x))))
        return F.gelu(self.conv3(y) + x)


class Merge(nn.Module):
    """From [B, C, H, W], or [B, H W, C] of a square picture, to [B, H' W', C']."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = ConvBN(inputs, outputs)
        self.conv2 = ConvBN(outputs, outputs, 3, stride, 1, groups=outputs)
        self.conv3 = ConvBN(outputs, outputs)

    def forward(self, x):
        if x.dim() == 3:
            side = round(x.shape[1] ** 0.5)
            x = x.view(len(x), side, side, -1).permute(0, 3, 1, 2)
        x = self.conv3(F.gelu(self.conv2(F.gelu(self.conv1(x)))))
        return x.flatten(2).transpose(1, 2)


class Attention(nn.Module):
    def __init__(self, dim, heads, window):
        super().__init__()
        self.heads, self.width = heads, dim // heads
        self.norm = nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.attention_biases = nn.Parameter(torch.zeros(heads, window * window))
        lines, columns = torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")
        lines, columns = lines.flatten(), columns.flatten()
        distances = (lines[:, None] - lines).abs() * window + (columns[:, None] - columns).abs()
        self.register_buffer("distances", distances, persistent=False)
        self.kept = None

    def biases(self):
        # For inference the matrix is made once, as in the reference.
        if torch.is_grad_enabled():
            return self.attention_biases[:, self.distances]
        if self.kept is None:
            self.kept = self.attention_biases[:, self.distances].detach()
        return self.kept

    def forward(self, x):
        batch, tokens, dim = x.shape
        qkv = self.qkv(self.norm(x)).view(batch, tokens, self.heads, 3 * self.width)
        q, k, v = (part.permute(0, 2, 1, 3) for part in qkv.split(self.width, dim=3))
        scores = q @ k.transpose(-2, -1) * self.width ** -0.5 + self.biases()
        return self.proj((scores.softmax(dim=-1) @ v).transpose(1, 2).reshape(batch, tokens, dim))


class Mlp(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.fc1 = nn.Linear(dim, hidden)
        self.fc2 = nn.Linear(hidden, dim)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(self.norm(x))))


class Block(nn.Module):
    def __init__(self, dim, heads, window, hidden):
        super().__init__()
        self.window = window
        self.attn = Attention(dim, heads, window)
        self.mlp = Mlp(dim, hidden)
        self.local_conv = ConvBN(dim, dim, 3, 1, 1, groups=dim)

    def attend(self, x, side):
        window = self.window
        if side == window:
            return self.attn(x)
        batch, tokens, dim = x.shape
        rest = -side % window
        x = x.view(batch, side, side, dim)
        if rest:
            x = F.pad(x, (0, 0, 0, rest, 0, rest))
        count = (side + rest) // window
        x = x.view(batch, count, window, count, window, dim).transpose(2, 3).reshape(-1, window * window, dim)
        x = self.attn(x)
        x = x.view(batch, count, count, window, window, dim).transpose(2, 3)
        x = x.reshape(batch, side + rest, side + rest, dim)
        if rest:
            x = x[:, :side, :side].contiguous()
        return x.view(batch, tokens, dim)

    def forward(self, x):
        batch, tokens, dim = x.shape
        side = round(tokens ** 0.5)
        x = x + self.attend(x, side)
        x = self.local_conv(x.transpose(1, 2).reshape(batch, dim, side, side))
        x = x.view(batch, dim, tokens).transpose(1, 2)
        return x + self.mlp(x)


class Stage(nn.Module):
    def __init__(self, blocks, downsample):
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        self.downsample = downsample

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x if self.downsample is None else self.downsample(x)


class LayerNorm2d(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        mean = x.mean(1, keepdim=True)
        variance = (x - mean).pow(2).mean(1, keepdim=True)
        x = (x - mean) / torch.sqrt(variance + 1e-6)
        return self.weight[:, None, None] * x + self.bias[:, None, None]


class PatchEmbed(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.seq = nn.Sequential(ConvBN(3, dim // 2, 3, 2, 1), nn.GELU(), ConvBN(dim // 2, dim, 3, 2, 1))

    def forward(self, x):
        return self.seq(x)


class TinyViT(nn.Module):
    def __init__(self, model):
        super().__init__()
        dims, strides = model["embed_dims"], model["merge_strides"]
        self.patch_embed = PatchEmbed(dims[0])
        self.layers = nn.ModuleList()
        for stage, dim in enumerate(dims):
            if stage == 0:
                blocks = [MBConv(dim, int(dim * model["mbconv_expand_ratio"])) for _ in range(model["depths"][0])]
            else:
                blocks = [
                    Block(
                        dim, model["num_heads"][stage], model["window_sizes"][stage], int(dim * model["mlp_ratio"]))
                    for _ in range(model["depths"][stage])]
            merge = None if stage + 1 == len(dims) else Merge(dim, dims[stage + 1], strides[stage])
            self.layers.append(Stage(blocks, merge))
        self.norm_head = nn.LayerNorm(dims[-1])
        self.head = nn.Linear(dims[-1], model["num_classes"])
        out = model["prompt_embed_dim"]
        self.neck = nn.Sequential(
            nn.Conv2d(dims[-1], out, 1, bias=False), LayerNorm2d(out),
            nn.Conv2d(out, out, 3, padding=1, bias=False), LayerNorm2d(out))

    def forward(self, x, keeping_stage=None):
        """The embedding [B, C, G, G]; with a stage to be kept, its result [B, G' G', D] as well."""
        x, kept = self.patch_embed(x), None
        for index, layer in enumerate(self.layers):
            x = layer(x)
            if index == keeping_stage:
                kept = x
        side = round(x.shape[1] ** 0.5)
        x = self.neck(x.view(len(x), side, side, -1).permute(0, 3, 1, 2))
        return x if keeping_stage is None else (x, kept)
