"""Writes the fixtures beside this file.

Run with Python 3.11, Pillow 13.0, pycocotools 2.0.11:  python3 write_fixtures.py
"""

import json
import os

from PIL import Image
from pycocotools import mask as mask_utils

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    # A photo of 12 x 8 stored pixels that EXIF turns by a quarter.
    image = Image.new("RGB", (12, 8))
    image.putdata([(20 * x, 30 * y, 100) for y in range(8) for x in range(12)])
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(os.path.join(HERE, "turned.jpg"), quality=90, exif=exif)

    # One object of each form that COCO has, on images of 24 x 18 and 30 x 20, with the masks that pycocotools makes.
    small, large = (18, 24), (20, 30)
    square = [4.5, 3.0, 15.25, 3.0, 15.25, 12.5, 4.5, 12.5]
    triangle = [1.0, 1.0, 10.0, 2.0, 3.0, 16.0]
    hole = [7.0, 5.0, 12.0, 5.0, 12.0, 10.0, 7.0, 10.0]

    def polygons(size, *rings):
        return mask_utils.merge(mask_utils.frPyObjects([list(r) for r in rings], *size))

    counts = [30, 4, 14, 4, 14, 4]
    counts.append(small[0] * small[1] - sum(counts))
    uncompressed = {"size": list(small), "counts": counts}
    compressed = polygons(large, triangle, square)
    annotations = [
        {"id": 11, "image_id": 1, "category_id": 3, "segmentation": [square], "bbox": [4.5, 3, 10.75, 9.5],
         "area": 102.125, "iscrowd": 0},
        {"id": 12, "image_id": 1, "category_id": 90, "segmentation": uncompressed, "bbox": [1, 12, 3, 4], "area": 12,
         "iscrowd": 1},
        {"id": 13, "image_id": 2, "category_id": 3,
         "segmentation": {"size": list(large), "counts": compressed["counts"].decode()}, "bbox": [1, 1, 14.25, 15],
         "area": 150.5, "iscrowd": 0},
        {"id": 14, "image_id": 1, "category_id": 3, "segmentation": [square, hole], "bbox": [4.5, 3, 10.75, 9.5],
         "area": 77.125, "iscrowd": 0},
        {"id": 15, "image_id": 2, "category_id": 90, "segmentation": [triangle, square], "bbox": [1, 1, 14.25, 15],
         "area": 150.5, "iscrowd": 0},
    ]
    masks = {
        "11": polygons(small, square), "12": mask_utils.frPyObjects(uncompressed, *small), "13": compressed,
        "14": polygons(small, square, hole), "15": polygons(large, triangle, square),
    }
    labels = {
        "info": {"description": "fixture"},
        "annotations": annotations,
        "images": [
            {"id": 1, "file_name": "a/small.png", "width": 24, "height": 18},
            {"id": 2, "file_name": "b/large.png", "width": 30, "height": 20},
            {"id": 3, "file_name": "b/empty.png", "width": 30, "height": 20},
        ],
        "categories": [
            {"id": 90, "name": "crowd", "supercategory": "thing"}, {"id": 3, "name": "square", "supercategory": "thing"},
        ],
    }
    with open(os.path.join(HERE, "labels.json"), "w") as file:
        json.dump(labels, file, indent=1)
        file.write("\n")
    with open(os.path.join(HERE, "masks.json"), "w") as file:
        json.dump({key: rle["counts"].decode() for key, rle in masks.items()}, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
