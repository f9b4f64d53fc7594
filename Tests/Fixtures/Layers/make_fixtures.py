"""Writes losses.txt, adamw.txt, schedule.txt, region-losses.txt, samples.txt, optimizers.txt and courses.txt beside itself:
values that LayersTests compares with.

Run with PyTorch and MONAI (made with torch 2.15.0, CPU, Python 3.11.7): python make_fixtures.py
Each line is a name, a colon, and numbers in row-major order.
"""
import pathlib
import monai.losses
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
torch.manual_seed(20)


def write(name, entries):
    with open(HERE / name, "w") as file:
        for key, value in entries.items():
            numbers = " ".join(repr(float(x)) for x in torch.as_tensor(value).flatten())
            file.write(f"{key}: {numbers}\n")


def losses():
    """Focal, dice and cross-entropy in the forms of SAM 2, in float64 from float32 inputs."""
    logits = torch.randn(2, 3, 5, 7) * 3
    logits[0, 0, 0, :4] = torch.tensor([60.0, -60.0, 0.0, 100.0])
    targets = (torch.rand(2, 5, 7) > 0.6).float()
    weights = torch.randn(3, 2, 3)
    x = logits.double().requires_grad_()
    t = targets.double()[:, None].expand_as(x)
    p = x.sigmoid()
    ce = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    p_t = p * t + (1 - p) * (1 - t)
    alpha_t = 0.25 * t + 0.75 * (1 - t)
    focal = (alpha_t * ce * (1 - p_t) ** 2).flatten(2).mean(2)
    dice = 1 - (2 * (p * t).flatten(2).sum(2) + 1) / (p.flatten(2).sum(2) + t.flatten(2).sum(2) + 1)
    cross = ce.flatten(2).mean(2)
    total = (torch.stack([focal, dice, cross]) * weights.double()).sum()
    total.backward()
    inside, label = x > 0, t > 0.5
    iou = (inside & label).flatten(2).sum(2).double() / (inside | label).flatten(2).sum(2)
    write("losses.txt", {
        "logits": logits, "targets": targets, "weights": weights, "focal": focal.detach(), "dice": dice.detach(),
        "crossEntropy": cross.detach(), "iou": iou, "gradient": x.grad,
    })


def adamw():
    """Five clipped steps on two parameters with different decay."""
    first, second = torch.randn(3, 7), torch.randn(5)
    entries = {"first": first, "second": second}
    a, b = torch.nn.Parameter(first.clone()), torch.nn.Parameter(second.clone())
    optimizer = torch.optim.AdamW(
        [{"params": [a], "weight_decay": 0.1}, {"params": [b], "weight_decay": 0.0}], lr=1e-2, betas=(0.9, 0.999),
        eps=1e-8)
    for step in range(5):
        a.grad, b.grad = torch.randn(3, 7) * 2, torch.randn(5) * 2
        entries[f"firstGradient{step}"], entries[f"secondGradient{step}"] = a.grad.clone(), b.grad.clone()
        entries[f"norm{step}"] = torch.nn.utils.clip_grad_norm_([a, b], 3.0)
        for group in optimizer.param_groups:
            group["lr"] = 1e-2 / (step + 1)
        optimizer.step()
        entries[f"first{step}"], entries[f"second{step}"] = a.detach().clone(), b.detach().clone()
    write("adamw.txt", entries)


def schedule():
    """Linear warm-up over 6 steps, then cosine to a tenth at step 29."""
    def rates(later):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=8e-4)
        warm = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1 / 6, end_factor=1.0, total_iters=5)
        both = torch.optim.lr_scheduler.SequentialLR(optimizer, [warm, later(optimizer)], milestones=[6])
        values = []
        for _ in range(30):
            values.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            both.step()
        return values

    write("schedule.txt", {
        "cosine": rates(lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=23, eta_min=8e-5)),
        "constant": rates(lambda o: torch.optim.lr_scheduler.ConstantLR(o, factor=1.0, total_iters=1)),
    })


def optimizers():
    """Ten steps of each rule on two parameters, one without decay, at a rate that changes."""
    first, second = torch.randn(4, 9), torch.randn(6)
    gradients = [(torch.randn(4, 9), torch.randn(6)) for _ in range(10)]
    entries = {"first": first, "second": second}
    for step, (a, b) in enumerate(gradients):
        entries[f"firstGradient{step}"], entries[f"secondGradient{step}"] = a, b
    rules = {
        "adamw": lambda groups: torch.optim.AdamW(groups, lr=1e-2, betas=(0.8, 0.99), eps=1e-8),
        "adam": lambda groups: torch.optim.Adam(groups, lr=1e-2, betas=(0.8, 0.99), eps=1e-8),
        "momentum": lambda groups: torch.optim.SGD(groups, lr=1e-2, momentum=0.9),
        "plain": lambda groups: torch.optim.SGD(groups, lr=1e-2),
    }
    for name, make in rules.items():
        a, b = torch.nn.Parameter(first.clone()), torch.nn.Parameter(second.clone())
        optimizer = make([{"params": [a], "weight_decay": 0.1}, {"params": [b], "weight_decay": 0.0}])
        for step, (ga, gb) in enumerate(gradients):
            a.grad, b.grad = ga.clone(), gb.clone()
            for group in optimizer.param_groups:
                group["lr"] = 1e-2 / (step + 1)
            optimizer.step()
            entries[f"{name}First{step}"], entries[f"{name}Second{step}"] = a.detach().clone(), b.detach().clone()
        for key, value in optimizer.state[a].items():
            if value is not None:
                entries[f"{name}.{key}"] = value
    write("optimizers.txt", entries)


def courses():
    """30 steps of each course at a rate of 8e-4, and a plateau's rates after each of some scores."""
    def rates(make):
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))], lr=8e-4)
        course = make(optimizer)
        values = []
        for _ in range(30):
            values.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            course.step()
        return torch.tensor(values, dtype=torch.float64)

    schedulers = torch.optim.lr_scheduler
    scores = [0.1, 0.2, 0.2, 0.20001, 0.19, 0.18, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.29, 0.31, 0.1, 0.1, 0.1, 0.1, 0.1]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    plateau = schedulers.ReduceLROnPlateau(optimizer, mode="max", factor=0.5, patience=2, min_lr=0.1)
    after = []
    for score in scores:
        plateau.step(score)
        after.append(optimizer.param_groups[0]["lr"])
    write("courses.txt", {
        "polynomial": rates(lambda o: schedulers.PolynomialLR(o, total_iters=29, power=0.9)),
        "steps": rates(lambda o: schedulers.MultiStepLR(o, milestones=[20, 28], gamma=0.1)),
        "oneCycle": rates(lambda o: OneCycle(o, max_lr=8e-4, total_steps=30, pct_start=0.3, div_factor=25,
                                             final_div_factor=4)),
        "scores": torch.tensor(scores, dtype=torch.float64), "plateau": torch.tensor(after, dtype=torch.float64),
    })


class OneCycle(torch.optim.lr_scheduler.OneCycleLR):
    """OneCycleLR whose last call to step does nothing, so that 30 rates can be read."""

    def step(self, epoch=None):
        if self.last_epoch + 1 < self.total_steps:
            super().step(epoch)


def region_losses():
    """Tversky and boundary losses in float64; MONAI must agree on Tversky, Dice and focal loss."""
    logits = torch.randn(2, 3, 9, 7) * 3
    logits[1, 2, 0, :3] = torch.tensor([60.0, -60.0, 100.0])
    targets = (torch.rand(2, 9, 7) > 0.6).float()
    distances = torch.randn(2, 9, 7)
    weights = torch.randn(2, 2, 3)
    x = logits.double().requires_grad_()
    t = targets.double()[:, None].expand_as(x)
    p = x.sigmoid()
    product = (p * t).flatten(2).sum(2)
    false_positive, false_negative = (p * (1 - t)).flatten(2).sum(2), ((1 - p) * t).flatten(2).sum(2)
    tversky = 1 - (product + 1) / (product + 0.2 * false_positive + 0.9 * false_negative + 1)
    boundary = 0.5 + (p * distances.double()[:, None]).flatten(2).sum(2)
    (torch.stack([tversky, boundary]) * weights.double()).sum().backward()

    peers = {"sigmoid": True, "reduction": "none", "smooth_nr": 1.0, "smooth_dr": 1.0}
    peer = monai.losses.TverskyLoss(alpha=0.2, beta=0.9, **peers)(x, t).flatten(1)
    assert torch.allclose(peer, tversky), (peer, tversky)
    peer = monai.losses.DiceLoss(**peers)(x, t).flatten(1)
    focal = monai.losses.FocalLoss(gamma=2, alpha=0.25, reduction="none")(x, t).flatten(2).mean(2)
    write("region-losses.txt", {
        "logits": logits, "targets": targets, "distances": distances, "weights": weights, "tversky": tversky.detach(),
        "boundary": boundary.detach(), "gradient": x.grad, "monaiDice": peer.detach(), "monaiFocal": focal.detach(),
    })


def samples():
    """Pictures read at places inside and outside of them, and the way back."""
    pictures = torch.randn(3, 6, 5)
    places = torch.rand(3, 11, 2) * torch.tensor([7.0, 8.0]) - 1
    weights = torch.randn(3, 11)
    x = pictures.double().requires_grad_()
    # grid_sample counts from -1 to 1 over the whole picture.
    grid = places.double() / torch.tensor([5.0, 6.0]).double() * 2 - 1
    values = F.grid_sample(
        x[:, None], grid[:, None], mode="bilinear", padding_mode="border", align_corners=False)[:, 0, 0]
    (values * weights.double()).sum().backward()
    write("samples.txt", {
        "pictures": pictures, "places": places, "weights": weights, "values": values.detach(), "gradient": x.grad,
    })


print("torch", torch.__version__, "monai", monai.__version__)
losses()
adamw()
schedule()
region_losses()
samples()
optimizers()
courses()
