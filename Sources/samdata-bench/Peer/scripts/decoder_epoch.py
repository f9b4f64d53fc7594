"""Training of the mask decoder on embeddings that are there already, as micro-sam trains: several rounds of prompts."""
import torch
import torch.nn.functional as F

from models import BoxDecoder, embedding


def discs(objects, side):
    """Labels as [P, 1, L, L]: discs in a square of them, none touching the next."""
    columns = int(objects ** 0.5 + 0.999)
    step = side / columns
    y, x = torch.meshgrid(torch.arange(side) + 0.5, torch.arange(side) + 0.5, indexing="ij")
    masks = []
    for index in range(objects):
        row, column = divmod(index, columns)
        distance = (x - (column + 0.5) * step) ** 2 + (y - (row + 0.5) * step) ** 2
        masks.append((distance <= (0.35 * step) ** 2).float())
    return torch.stack(masks)[:, None]


def pick(weights, scale):
    """A pixel of each mask that has any, with equal probability, in the model's input: [P, 2]."""
    side = weights.shape[-1]
    flat = weights.flatten(1)
    flat = torch.where(flat.sum(1, keepdim=True) > 0, flat, torch.ones_like(flat))
    index = torch.multinomial(flat, 1).squeeze(1)
    return torch.stack([index % side, index // side], dim=1).float() * scale


def boxes_of(labels, scale):
    """The labels' boxes by their corners, in the model's input: [P, 4]."""
    found = []
    for label in labels[:, 0]:
        y, x = torch.where(label > 0.5)
        found.append(torch.stack([x.min(), y.min(), x.max() + 1, y.max() + 1]).float() * scale)
    return torch.stack(found)


def dice_and_iou(masks, ious, labels):
    """Dice loss of the best of each object's masks, and the squared error of the predicted IoUs."""
    probabilities = torch.sigmoid(masks)
    overlap = (probabilities * labels).sum((-2, -1))
    dice = 1 - (2 * overlap + 1) / (probabilities.sum((-2, -1)) + labels.sum((-2, -1)) + 1)
    inside, wanted = masks > 0, labels > 0.5
    union = (inside | wanted).sum((-2, -1)).clamp(min=1)
    true = (inside & wanted).sum((-2, -1)) / union
    return dice.min(dim=1).values.mean() + ((ious - true) ** 2).mean()


def decoder_epoch(model, images, objects, rounds, mask_probability, precision):
    """A step for each image: rounds of prompts, the mean of their losses, backward, AdamW; encoder and prompts are fixed.

    In bf16 as PyTorch's users have it: autocast around the forward pass, the losses in float.
    """
    network = BoxDecoder(model)
    network.prompt_encoder.requires_grad_(False)
    optimizer = torch.optim.AdamW(network.mask_decoder.parameters(), lr=1e-5, weight_decay=0.1)
    cached = [embedding(model) for _ in range(images)]
    side = 4 * model["image_size"] // model["patch_size"]
    scale = model["image_size"] / side
    labels = discs(objects, side)
    corners = boxes_of(labels, scale)

    def step(image, with_box):
        points = torch.zeros(objects, 0, 2) if with_box else pick(labels[:, 0], scale)[:, None]
        kinds = torch.ones(points.shape[:2])
        logits, total = None, 0
        for index in range(rounds):
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                sparse, dense = network.prompt_encoder(
                    points=(points, kinds) if points.shape[1] else None, boxes=corners if with_box else None,
                    masks=logits)
                masks, ious = network.decode(image, sparse, dense, index == 0 and not with_box)
            masks, ious = masks.float(), ious.float()
            total = total + dice_and_iou(masks, ious, labels)
            with torch.no_grad():
                best = masks[torch.arange(objects), ious.argmax(1)]
                inside, wanted = best > 0, labels[:, 0] > 0.5
                clicks = [pick((wanted & ~inside).float(), scale), pick((inside & ~wanted).float(), scale)]
                points = torch.cat([points, torch.stack(clicks, dim=1)], dim=1)
                kinds = torch.cat([kinds, torch.tensor([[1.0, 0.0]]).expand(objects, 2)], dim=1)
                logits = best[:, None].detach() if torch.rand(()) < mask_probability else None
        optimizer.zero_grad(set_to_none=True)
        (total / rounds).backward()
        optimizer.step()

    def run():
        for index, image in enumerate(cached):
            step(image, index % 2 == 1)
    return run


OPERATIONS = {"decoder_epoch": decoder_epoch}
