"""Work on images with albumentations, Pillow and torchvision: several images a run, one thread an image, as loaders do
it. Each function returns a run as a function without arguments."""
import json
import os

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"


def _over(threads, work, count):
    """`work` for each number below `count`, on so many threads."""
    if threads == 1:
        return lambda: [work(index) for index in range(count)]
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(threads)
    return lambda: list(pool.map(work, range(count)))


def augmentation(threads, images, side, objects, step):
    """A step of albumentations, in a Compose, on an image and its masks."""
    import albumentations
    import cv2
    import numpy

    cv2.setNumThreads(1)
    random = numpy.random.default_rng(1)
    (name, parameters), = json.loads(step).items()
    parameters = {key: tuple(value) if isinstance(value, list) else value for key, value in parameters.items()}
    samples, chains = [], []
    for _ in range(images):
        image = random.integers(0, 256, (side, side, 3), numpy.uint8)
        masks = []
        for _ in range(objects):
            mask = numpy.zeros((side, side), numpy.uint8)
            x, y = random.integers(120, 900, 2)
            masks.append(cv2.circle(mask, (int(x), int(y)), 90, 1, -1))
        samples.append({"image": image, "masks": masks} if objects > 1 else
                       {"image": image, "mask": masks[0]} if objects else {"image": image})
        # A chain of its own for each image: a chain is no thread's but one's.
        chains.append(albumentations.Compose([getattr(albumentations, name)(**parameters)]))
    return _over(threads, lambda index: chains[index](**samples[index])["image"].shape, images)


MEAN, STD = [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]


def pillow_input(threads, images, width, height, path):
    """A JPEG file decoded and resized by Pillow, normalised by numpy."""
    import io

    import numpy
    from PIL import Image

    with open(path, "rb") as file:
        data = file.read()
    mean, std = numpy.array(MEAN, numpy.float32), numpy.array(STD, numpy.float32)

    def work(_):
        image = Image.open(io.BytesIO(data)).convert("RGB").resize((width, height), Image.Resampling.BILINEAR)
        return ((numpy.asarray(image, numpy.float32) - mean) / std).shape

    return _over(threads, work, images)


def torchvision_input(threads, images, width, height, path):
    """A JPEG file decoded, resized and normalised by torchvision."""
    import torch
    import torchvision
    from torchvision.transforms.v2 import functional

    torch.set_num_threads(1)
    with open(path, "rb") as file:
        data = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8)
    mean, std = [value / 255 for value in MEAN], [value / 255 for value in STD]

    def work(_):
        image = torchvision.io.decode_jpeg(data, mode=torchvision.io.ImageReadMode.RGB)
        image = functional.resize(image, [height, width], antialias=True)
        return functional.normalize(functional.to_dtype(image, torch.float32, scale=True), mean, std).shape

    return _over(threads, work, images)


OPERATIONS = {
    "albumentations": {"augmentation": augmentation},
    "pillow": {"image_input": pillow_input},
    "torchvision": {"image_input": torchvision_input},
}
