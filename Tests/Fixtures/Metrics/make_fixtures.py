"""Writes bootstrap.txt: intervals of means over clusters, found by numpy and scipy with many resamples.

numpy 2.4.6, scipy 1.17.1. Run from anywhere; the file is written beside this script. Lines are a name, a colon, and numbers.
"""

import pathlib

import numpy as np
import scipy.stats

RESAMPLES = 200_000
rng = np.random.default_rng(11)


def line(name, values):
    return f"{name}: " + " ".join(repr(float(v)) for v in values)


def cluster_bootstrap(values, clusters, level=0.95):
    """Percentile bootstrap over clusters: as many as there are, with replacement; the mean of all their values."""
    names = np.unique(clusters)
    sums = np.array([values[clusters == n].sum() for n in names])
    counts = np.array([(clusters == n).sum() for n in names])
    drawn = rng.integers(0, len(names), size=(RESAMPLES, len(names)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return np.percentile(means, [50 * (1 - level), 50 * (1 + level)])


lines = []
# Twelve images with one to nine objects, alike within an image.
clusters = np.concatenate([np.full(1 + (5 * n) % 9, 100 - n) for n in range(12)])
offsets = dict(zip(range(101), rng.normal(0, 0.1, 101)))
values = np.array([0.7 + offsets[c] for c in clusters]) + rng.normal(0, 0.05, len(clusters))
later = values + 0.03 + rng.normal(0, 0.04, len(clusters))
lines += [line("clusters", clusters), line("before", values), line("after", later)]
lines += [line("before-mean", [values.mean()]), line("difference-mean", [(later - values).mean()])]
lines += [line("before-interval", cluster_bootstrap(values, clusters))]
lines += [line("difference-interval", cluster_bootstrap(later - values, clusters))]
lines += [line("narrow-interval", cluster_bootstrap(values, clusters, level=0.5))]

# Every value a cluster of its own: the plain bootstrap, which scipy has.
single = rng.beta(5, 2, 40)
found = scipy.stats.bootstrap(
    (single,), np.mean, n_resamples=RESAMPLES, batch=10_000, method="percentile", rng=rng
).confidence_interval
lines += [line("single", single), line("single-interval", [found.low, found.high])]

pathlib.Path(__file__).with_name("bootstrap.txt").write_text("\n".join(lines) + "\n")
