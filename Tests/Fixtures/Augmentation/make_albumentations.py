"""Writes albumentations.json: what albumentations 2.0.8 and OpenCV make of a small image, for the tests of augmentation.

    python make_albumentations.py

Needs albumentations==2.0.8 and opencv-python-headless; the versions used are in the file.
"""
import base64
import json
import os

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"

import albumentations
import cv2
import numpy as np
from albumentations.augmentations.geometric import functional as geometric
from albumentations.augmentations.pixel import functional as pixel

H, W = 30, 41
rng = np.random.default_rng(5)
rows, columns = np.mgrid[0:H, 0:W]
# Smooth enough that half a level of a coordinate does not show, with all hues and some grey.
image = np.stack(
    [
        127 + 110 * np.sin(columns / 6.0 + rows / 9.0),
        127 + 110 * np.sin(rows / 5.0 - columns / 11.0 + 2),
        127 + 110 * np.cos(columns / 8.0 + rows / 7.0 + 1),
    ],
    axis=-1,
).round().astype(np.uint8)
image[:4, :6] = [90, 90, 90]
mask = (((rows - 13) / 9.0) ** 2 + ((columns - 20) / 14.0) ** 2 < 1).astype(np.uint8)


def entry(array):
    assert array.dtype == np.uint8
    array = np.ascontiguousarray(array)
    return {"height": int(array.shape[0]), "width": int(array.shape[1]), "bytes": base64.b64encode(array.tobytes()).decode()}


matrices, warps = [], []
for scale, degrees, shear, shift in [
    ((1, 1), 0, (0, 0), (0, 0)), ((1, 1), 30, (0, 0), (0, 0)), ((0.8, 1.3), 0, (0, 0), (3, -2)),
    ((1.2, 1.2), -50, (10, 0), (0, 5)), ((0.9, 1.1), 200, (-7, 12), (-4, 1)),
]:
    m = geometric.create_affine_transformation_matrix(
        {"x": shift[0], "y": shift[1]}, {"x": -shear[0], "y": -shear[1]}, {"x": scale[0], "y": scale[1]}, degrees,
        geometric.center((H, W)))
    matrices.append({
        "scale": scale, "degrees": degrees, "shear": shear, "shift": shift,
        "matrix": [float(value) for value in m.reshape(-1)]})
    warps.append({
        "image": entry(geometric.warp_affine(image, m, cv2.INTER_LINEAR, 0, cv2.BORDER_CONSTANT, (H, W))),
        "mask": entry(geometric.warp_affine(mask, m, cv2.INTER_NEAREST, 0, cv2.BORDER_CONSTANT, (H, W)))})

d4 = {name: entry(geometric.d4(image, name)) for name in ["e", "r90", "r180", "r270", "v", "hvt", "h", "t"]}
pads = {
    position: entry(
        albumentations.PadIfNeeded(min_height=37, min_width=50, position=position, fill=7, p=1)(image=image)["image"])
    for position in ["center", "top_left", "top_right", "bottom_left", "bottom_right"]
}
points = np.array([[3, 2], [38, 1], [36, 28], [1, 25]], np.float32)
frame = np.array([[0, 0], [41, 0], [41, 30], [0, 30]], np.float32)
perspective = [float(value) for value in cv2.getPerspectiveTransform(points, frame).reshape(-1)]

colours = {
    "brightness 1.3": pixel.adjust_brightness_torchvision(image, 1.3),
    "brightness 0.6": pixel.adjust_brightness_torchvision(image, 0.6),
    "contrast 1.4": pixel.adjust_contrast_torchvision(image, 1.4),
    "contrast 0.5": pixel.adjust_contrast_torchvision(image, 0.5),
    "saturation 1.7": pixel.adjust_saturation_torchvision(image, 1.7),
    "saturation 0.3": pixel.adjust_saturation_torchvision(image, 0.3),
    "hue 0.2": pixel.adjust_hue_torchvision(image, 0.2),
    "hue -0.35": pixel.adjust_hue_torchvision(image, -0.35),
    "hsv 20 40 30": pixel.shift_hsv(image, 20, 40, 30),
    "hsv -50 -60 -40": pixel.shift_hsv(image, -50, -60, -40),
    "gray": pixel.to_gray_weighted_average(image),
    "gamma 0.7": pixel.gamma_transform(image, 0.7),
    "gamma 1.8": pixel.gamma_transform(image, 1.8),
    "gaussian 1.5": cv2.GaussianBlur(image, (11, 11), 1.5, borderType=cv2.BORDER_REFLECT_101),
    "box 5": cv2.blur(image, (5, 5), borderType=cv2.BORDER_REFLECT_101),
    "median 3": cv2.medianBlur(image, 3),
    "median 7": cv2.medianBlur(image, 7),
    "clahe 3 4 4": pixel.clahe(image, 3.0, (4, 4)),
    "clahe 2 3 5": pixel.clahe(image, 2.0, (3, 5)),
}
gray_rgb = colours["gray"]
colours["gray"] = gray_rgb if gray_rgb.ndim == 3 else np.stack([gray_rgb] * 3, axis=-1)
clahe = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(4, 4))

json.dump(
    {
        "versions": {
            "albumentations": albumentations.__version__, "opencv": cv2.__version__, "numpy": np.__version__},
        "image": entry(image), "mask": entry(mask), "matrices": matrices, "warps": warps, "d4": d4, "pads": pads,
        "perspective": perspective, "colours": {name: entry(value) for name, value in colours.items()},
        "clahe_channel": entry(clahe.apply(image[:, :, 0])),
    },
    open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "albumentations.json"), "w"),
    separators=(",", ":"))
