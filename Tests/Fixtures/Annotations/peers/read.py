"""Reads a set that samdata wrote, with the tools of others, and prints its objects.

    python read.py FORMAT ROOT

Needs: pip install pycocotools lvis datumaro==1.13.12 webdataset opencv-python-headless pyyaml ujson ijson pillow numpy
       tensorflow-cpu; pip install --no-deps label-studio-converter

One line an object: image name without ending, class, crowd flag, height, width, and the pixels of the mask as 0 and 1,
row by row; images without objects have none. Sorted, so that the order does not matter.
"""
import glob
import json
import os
import sys

import numpy as np
from PIL import Image


def line(name, label, crowd, mask):
    mask = np.asarray(mask) > 0
    h, w = mask.shape
    bits = "".join("1" if v else "0" for v in mask.reshape(-1))
    return f"{os.path.splitext(os.path.basename(name))[0]}\t{label}\t{int(crowd)}\t{h}\t{w}\t{bits}"


def coco(root):
    from pycocotools.coco import COCO

    data = COCO(os.path.join(root, "annotations.json"))
    for ann in data.dataset["annotations"]:
        image = data.loadImgs([ann["image_id"]])[0]
        assert os.path.exists(os.path.join(root, "images", image["file_name"]))
        yield line(image["file_name"], data.cats[ann["category_id"]]["name"], ann["iscrowd"], data.annToMask(ann))


def lvis(root):
    from lvis import LVIS

    data = LVIS(os.path.join(root, "annotations.json"))
    for ann in data.anns.values():
        assert "iscrowd" not in ann
        image = data.imgs[ann["image_id"]]
        assert image["neg_category_ids"] == [] and image["not_exhaustive_category_ids"] == []
        assert data.cats[ann["category_id"]]["frequency"] == "r"
        yield line(image["file_name"], data.cats[ann["category_id"]]["name"], 0, data.ann_to_mask(ann))


def panoptic(root):
    data = json.load(open(os.path.join(root, "panoptic.json")))
    names = {c["id"]: c["name"] for c in data["categories"]}
    for ann in data["annotations"]:
        rgb = np.array(Image.open(os.path.join(root, "panoptic", ann["file_name"])), dtype=np.uint32)
        # rgb2id of panopticapi.
        ids = rgb[:, :, 0] + 256 * rgb[:, :, 1] + 256 * 256 * rgb[:, :, 2]
        assert set(np.unique(ids)) - {0} == {s["id"] for s in ann["segments_info"]}
        for segment in ann["segments_info"]:
            mask = ids == segment["id"]
            assert segment["area"] == mask.sum()
            yield line(ann["file_name"], names[segment["category_id"]], segment["iscrowd"], mask)


def yolo(root):
    import cv2
    import yaml
    from pycocotools import mask as api

    data = yaml.safe_load(open(os.path.join(root, "data.yaml")))
    for path in sorted(glob.glob(os.path.join(root, "images", "**", "*.*"), recursive=True)):
        h, w = cv2.imdecode(np.fromfile(path, np.uint8), 1).shape[:2]
        text = os.path.splitext(path.replace(os.sep + "images" + os.sep, os.sep + "labels" + os.sep))[0] + ".txt"
        for row in open(text):
            fields = row.split()
            points = np.array(fields[1:], dtype=np.float64).reshape(-1, 2) * [w, h]
            mask = api.decode(api.frPyObjects([points.reshape(-1).tolist()], h, w))[:, :, 0]
            yield line(path, data["names"][int(fields[0])], 0, mask)


def voc(root):
    import xml.etree.ElementTree as ET

    for path in sorted(glob.glob(os.path.join(root, "Annotations", "*.xml"))):
        stem = os.path.splitext(os.path.basename(path))[0]
        tree = ET.parse(path).getroot()
        image = Image.open(os.path.join(root, "SegmentationObject", stem + ".png"))
        assert image.mode == "P"
        objects = np.array(image)
        for number, node in enumerate(tree.findall("object"), 1):
            mask = objects == number
            box = [int(float(node.find("bndbox").find(k).text)) for k in ("xmin", "ymin", "xmax", "ymax")]
            ys, xs = np.nonzero(mask)
            if "overlap" not in os.environ.get("SAMDATA_CASE", ""):
                assert box == [xs.min() + 1, ys.min() + 1, xs.max() + 1, ys.max() + 1], (box, stem)
            yield line(stem, node.find("name").text, 0, mask)


def sa1b(root):
    import webdataset as wds
    from pycocotools import mask as api

    files = sorted(glob.glob(os.path.join(root, "*.tar")))
    for sample in wds.WebDataset(files, shardshuffle=False):
        data = json.loads(sample["json"])
        assert set(data["image"]) == {"image_id", "width", "height", "file_name"}
        assert sample["__key__"] == f"sa_{data['image']['image_id']}"
        assert "png" in sample or "jpg" in sample
        for ann in data["annotations"]:
            keys = {"id", "segmentation", "bbox", "area", "predicted_iou", "stability_score", "crop_box", "point_coords"}
            assert keys <= set(ann)
            mask = api.decode(ann["segmentation"])
            x, y = ann["point_coords"][0]
            assert mask[int(y), int(x)] and mask.sum() == ann["area"]
            yield line(sample["__key__"], ann["category_name"], ann["iscrowd"], mask)


def datumaro(root):
    import datumaro as dm

    data = dm.Dataset.import_from(root, "datumaro")
    names = [label.name for label in data.categories()[dm.AnnotationType.label]]
    from pycocotools import mask as api

    for item in data:
        h, w = item.media.size
        for ann in item.annotations:
            crowd = ann.attributes.get("is_crowd", False)
            if ann.type == dm.AnnotationType.mask:
                mask = ann.image
            else:
                mask = api.decode(api.frPyObjects([list(ann.points)], h, w))[:, :, 0]
            yield line(item.id, names[ann.label], crowd, mask)


def cvat(root):
    import datumaro as dm
    from pycocotools import mask as api

    data = dm.Dataset.import_from(root, "cvat")
    names = [label.name for label in data.categories()[dm.AnnotationType.label]]
    for item in data:
        h, w = item.media.size
        groups = {}
        for ann in item.annotations:
            assert ann.type in (dm.AnnotationType.polygon, dm.AnnotationType.mask), ann.type
            mask = ann.image if ann.type == dm.AnnotationType.mask else api.decode(
                api.frPyObjects([list(ann.points)], h, w))[:, :, 0]
            key = ann.group or id(ann)
            crowd = ann.attributes.get("iscrowd") in (True, "true")
            label, flag, whole = groups.get(key, (names[ann.label], crowd, np.zeros((h, w), bool)))
            groups[key] = (label, flag, whole | (mask > 0))
        for label, crowd, mask in groups.values():
            yield line(item.id, label, crowd, mask)


def label_studio(root):
    from label_studio_converter.brush import decode_rle
    from pycocotools import mask as api

    for task in json.load(open(os.path.join(root, "tasks.json"))):
        from urllib.parse import unquote

        name = unquote(task["data"]["image"])
        for result in task["annotations"][0]["result"]:
            h, w, value = result["original_height"], result["original_width"], result["value"]
            if result["type"] == "brushlabels":
                mask = np.reshape(decode_rle(value["rle"]), [h, w, 4])[:, :, 3]
            else:
                points = (np.array(value["points"]) * [w / 100, h / 100]).reshape(-1).tolist()
                mask = api.decode(api.frPyObjects([points], h, w))[:, :, 0]
            yield line(name, value[result["type"]][0], 0, mask)


def labelme(root):
    import base64
    import io

    from pycocotools import mask as api

    for path in sorted(glob.glob(os.path.join(root, "**", "*.json"), recursive=True)):
        data = json.load(open(path))
        h, w = data["imageHeight"], data["imageWidth"]
        assert os.path.exists(os.path.join(os.path.dirname(path), data["imagePath"]))
        groups = {}
        for shape in data["shapes"]:
            if shape["shape_type"] == "mask":
                mask = np.zeros((h, w), bool)
                (x1, y1), (x2, y2) = [[int(round(v)) for v in p] for p in shape["points"]]
                # As in labelme's shape_to_mask: the second corner is inside.
                mask[y1:y2 + 1, x1:x2 + 1] = np.array(Image.open(io.BytesIO(base64.b64decode(shape["mask"])))) > 0
            else:
                points = np.array(shape["points"]).reshape(-1).tolist()
                mask = api.decode(api.frPyObjects([points], h, w))[:, :, 0] > 0
            key = shape["group_id"] if shape["group_id"] is not None else id(shape)
            label, crowd, whole = groups.get(key, (shape["label"], shape["flags"].get("iscrowd", False), np.zeros((h, w), bool)))
            groups[key] = (label, crowd, whole | mask)
        for label, crowd, mask in groups.values():
            yield line(path, label, crowd, mask)


def via(root):
    from pycocotools import mask as api

    data = json.load(open(os.path.join(root, "via.json")))
    for entry in data["_via_img_metadata"].values():
        with Image.open(os.path.join(root, "images", entry["filename"])) as image:
            w, h = image.size
        assert entry["size"] == os.path.getsize(os.path.join(root, "images", entry["filename"]))
        for region in entry["regions"]:
            shape = region["shape_attributes"]
            points = np.stack([shape["all_points_x"], shape["all_points_y"]], 1).astype(float).reshape(-1).tolist()
            mask = api.decode(api.frPyObjects([points], h, w))[:, :, 0]
            attributes = region["region_attributes"]
            yield line(entry["filename"], attributes["class"], attributes.get("iscrowd") == "1", mask)


def masks(root):
    for path in sorted(glob.glob(os.path.join(root, "masks", "*.png"))):
        values = np.array(Image.open(path))
        assert values.dtype == np.uint16
        for value in sorted(set(np.unique(values)) - {0}):
            yield line(path, "?", 0, values == value)


def tf_od(root):
    import io

    import tensorflow as tf

    for raw in tf.data.TFRecordDataset(sorted(glob.glob(os.path.join(root, "*.tfrecord")))):
        var = {k: tf.io.VarLenFeature(t) for k, t in {
            "image/object/mask": tf.string, "image/object/class/text": tf.string,
            "image/object/class/label": tf.int64, "image/object/is_crowd": tf.int64,
            "image/object/bbox/xmin": tf.float32, "image/object/bbox/xmax": tf.float32,
            "image/object/area": tf.float32}.items()}
        one = {k: tf.io.FixedLenFeature([], t) for k, t in {
            "image/encoded": tf.string, "image/filename": tf.string, "image/height": tf.int64,
            "image/width": tf.int64, "image/source_id": tf.string, "image/key/sha256": tf.string,
            "image/format": tf.string}.items()}
        ex = tf.io.parse_single_example(raw, {**var, **one})
        tf.io.decode_image(ex["image/encoded"])
        texts = tf.sparse.to_dense(ex["image/object/class/text"]).numpy()
        crowds = tf.sparse.to_dense(ex["image/object/is_crowd"]).numpy()
        for at, png in enumerate(tf.sparse.to_dense(ex["image/object/mask"]).numpy()):
            mask = tf.io.decode_png(png, channels=1).numpy()[:, :, 0] > 0
            yield line(ex["image/filename"].numpy().decode(), texts[at].decode(), crowds[at], mask)


if __name__ == "__main__":
    readers = {
        "coco": coco, "lvis": lvis, "coco-panoptic": panoptic, "yolo": yolo, "voc": voc, "sa-1b": sa1b,
        "datumaro": datumaro, "cvat": cvat, "label-studio": label_studio, "labelme": labelme, "via": via, "masks": masks,
        "tf-od": tf_od,
    }
    stdout = sys.stdout
    sys.stdout = sys.stderr
    try:
        lines = sorted(readers[sys.argv[1]](sys.argv[2]))
    except ModuleNotFoundError as error:
        print(error)
        sys.exit(77)
    sys.stdout = stdout
    for text in lines:
        print(text)
