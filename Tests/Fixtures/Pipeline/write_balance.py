"""Writes balance.json: how often samples come up under each way of balancing, by the formulas of the papers.

LVIS (Gupta et al. 2019): r(c) = max(1, sqrt(t / f(c))), r(I) = max over the classes in I.
Instance-aware (Yaman et al. 2023): f(c) = sqrt(share of images * share of instances).
Inverse frequency and effective number (Cui et al. 2019): the weight of a sample is that of its heaviest class, one without
objects has the lightest class's, and weights are scaled to a mean of 1.

    python3 write_balance.py        (Python 3.11, numpy 2.x)
"""
import json
import pathlib

import numpy

random = numpy.random.default_rng(6)
samples = []
for _ in range(120):
    counts = {}
    for label in range(9):
        if random.random() < 0.6 / (1 + label) ** 1.4:
            counts[str(label)] = int(random.integers(1, 6))
    samples.append(counts)

images = {}
objects = {}
for sample in samples:
    for label, count in sample.items():
        images[label] = images.get(label, 0) + 1
        objects[label] = objects.get(label, 0) + count
total = sum(objects.values())


def largest(factors, empty):
    return [max((factors[label] for label in sample), default=empty) for sample in samples]


def repeat_factor(share, t):
    return largest({c: max(1.0, float(numpy.sqrt(t / share(c)))) for c in images}, 1.0)


def weights(factors):
    values = numpy.array(largest(factors, min(factors.values())))
    return [float(v) for v in values * len(samples) / values.sum()]


def shares(factors):
    """The part of an epoch that a cap or a minimum leaves or demands."""
    return [max((factors[label] for label in sample), default=None) for sample in samples]


expected = {
    "repeat-factor": repeat_factor(lambda c: images[c] / len(samples), 0.2),
    "instance-repeat-factor": repeat_factor(
        lambda c: float(numpy.sqrt(images[c] / len(samples) * objects[c] / total)), 0.2),
    "inverse-frequency": weights({c: 1 / objects[c] for c in objects}),
    "effective-number": weights({c: (1 - 0.99) / (1 - 0.99 ** objects[c]) for c in objects}),
}
capped = shares({c: min(1.0, 40 / objects[c]) for c in objects})
expected["none, cap 40"] = [1.0 if share is None else share for share in capped]
demanded = shares({c: 30 / objects[c] for c in objects})
expected["none, minimum 30"] = [1.0 if share is None else max(1.0, share) for share in demanded]
expected["none, minimum 30, at most 2"] = [min(2.0, value) for value in expected["none, minimum 30"]]

path = pathlib.Path(__file__).with_name("balance.json")
path.write_text(json.dumps({"samples": samples, "expected": expected}, indent=1) + "\n")
