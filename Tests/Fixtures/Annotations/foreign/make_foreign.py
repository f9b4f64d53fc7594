"""Writes sets with the tools of others, for tests that need neither them nor a network.

    python make_foreign.py          into the folder of this file

Needs: pip install label-studio-sdk==2.1.2 webdataset==1.0.2 pycocotools==2.0.11 pillow numpy

    label-studio/tasks.json   of label-studio-sdk's converter from COCO: polygons, and a rectangle for an object without
    label-studio/images       the images that the tasks name by the address of local files
    sa_000000.tar             of webdataset's TarWriter, with JPEGs and SA-1B's JSON, masks by pycocotools
    expected.json             each object's image, class and mask, as pycocotools draws it
"""
import json
import os
import tempfile
import uuid

import numpy as np
import webdataset
from label_studio_sdk.converter.imports import coco as converter
from PIL import Image
from pycocotools import mask as masks

HERE = os.path.dirname(os.path.abspath(__file__))
HEIGHT, WIDTH = 30, 40
RINGS = {
    1: [("cell", [2.5, 3.0, 20.25, 4.5, 18.0, 22.0, 6.0, 19.5]), ("red light", [25, 5, 38, 5, 38, 25, 25, 25])],
    2: [("cell", [0, 0, 12, 0, 12, 12, 6, 6.5, 0, 12]), ("red light", None)],
}
CLASSES = ["cell", "red light"]
BOX = [20, 10, 15, 8]


def picture(number):
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    return Image.fromarray(np.stack([rows * 8, columns * 6, rows * 0 + 90 * number], axis=2).astype(np.uint8))


def drawn(ring):
    rings = [ring] if ring else [[BOX[0], BOX[1], BOX[0] + BOX[2], BOX[1], BOX[0] + BOX[2], BOX[1] + BOX[3], BOX[0], BOX[1] + BOX[3]]]
    return masks.merge(masks.frPyObjects(rings, HEIGHT, WIDTH))


def label_studio():
    folder = os.path.join(HERE, "label-studio")
    os.makedirs(os.path.join(folder, "images"), exist_ok=True)
    images, annotations = [], []
    for number, objects in RINGS.items():
        name = f"{number}.png"
        picture(number).save(os.path.join(folder, "images", name))
        images.append({"id": number, "file_name": name, "height": HEIGHT, "width": WIDTH})
        for label, ring in objects:
            box = BOX if ring is None else [min(ring[::2]), min(ring[1::2]), max(ring[::2]) - min(ring[::2]), max(ring[1::2]) - min(ring[1::2])]
            annotations.append({
                "id": len(annotations) + 1, "image_id": number, "category_id": CLASSES.index(label) + 1, "iscrowd": 0,
                "bbox": box, "area": box[2] * box[3], "segmentation": [ring] if ring else []})
    categories = [{"id": index + 1, "name": name} for index, name in enumerate(CLASSES)]
    numbers = iter(range(1, 1000))
    # The same ids in every run.
    uuid.uuid4 = lambda: uuid.UUID(int=next(numbers) << 96)
    with tempfile.TemporaryDirectory() as scratch:
        source, target = os.path.join(scratch, "coco.json"), os.path.join(scratch, "tasks.json")
        json.dump({"images": images, "annotations": annotations, "categories": categories}, open(source, "w"))
        converter.convert_coco_to_ls(source, target, image_root_url="/data/local-files/?d=images")
        tasks = json.load(open(target))
    json.dump(tasks, open(os.path.join(folder, "tasks.json"), "w"), indent=1)


def segment_anything():
    with webdataset.TarWriter(os.path.join(HERE, "sa_000000.tar"), mtime=0, user="", group="") as tar:
        for number, objects in RINGS.items():
            annotations = []
            for index, (_, ring) in enumerate(objects):
                rle = drawn(ring)
                box = [float(v) for v in masks.toBbox(rle)]
                annotations.append({
                    "id": 100 * number + index, "area": int(masks.area(rle)), "bbox": box, "predicted_iou": 0.9,
                    "point_coords": [[box[0] + 1, box[1] + 1]], "crop_box": [0, 0, WIDTH, HEIGHT], "stability_score": 0.95,
                    "segmentation": {"size": [HEIGHT, WIDTH], "counts": rle["counts"].decode()}})
            tar.write({
                "__key__": f"sa_{number}", "jpg": np.asarray(picture(number)) / 255.0,
                "json": {"image": {"image_id": number, "width": WIDTH, "height": HEIGHT, "file_name": f"sa_{number}.jpg"},
                         "annotations": annotations}})


def expected():
    rows = [
        {"image": number, "class": label, "counts": drawn(ring)["counts"].decode()}
        for number, objects in RINGS.items() for label, ring in objects]
    json.dump({"height": HEIGHT, "width": WIDTH, "objects": rows}, open(os.path.join(HERE, "expected.json"), "w"), indent=1)


if __name__ == "__main__":
    label_studio()
    segment_anything()
    expected()
