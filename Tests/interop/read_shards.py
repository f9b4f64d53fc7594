"""Reads a set of samdata shards with other people's readers and holds every value against the COCO file.

    python3 read_shards.py SHARDS LABELS IMAGES

SHARDS is a directory with manifest.json, made by `samdata convert coco LABELS --images IMAGES` without --split. Readers:
tf.data (tensorflow), tfrecord (PyPI), nvidia-dali-cuda120 on the CPU; one that cannot be imported is named and skipped.
Nothing here imports code of samdata. Prints one line a reader; exit code 1 if any value differs.

Tried with Python 3.11, tensorflow-cpu 2.21.0, tfrecord 1.14.6, nvidia-dali-cuda120 2.4.0, pycocotools 2.0.11.
"""

import glob
import hashlib
import json
import os
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from pycocotools import mask as mask_utils

BYTES, INTS, FLOATS = "byte", "int", "float"
KEYS = {
    "image/encoded": BYTES, "image/format": BYTES, "image/height": INTS, "image/width": INTS, "image/filename": BYTES,
    "image/source_id": BYTES, "image/key/sha256": BYTES, "image/object/bbox/xmin": FLOATS,
    "image/object/bbox/xmax": FLOATS, "image/object/bbox/ymin": FLOATS, "image/object/bbox/ymax": FLOATS,
    "image/object/class/label": INTS, "image/object/is_crowd": INTS, "image/object/area": FLOATS,
    "samdata/masks/rle": BYTES, "samdata/object/annotation_ids": BYTES, "samdata/image/exif_orientation": INTS,
    "samdata/schema_version": INTS,
}


def decode_masks(value):
    """The three lines that schemas/example.proto promises."""
    size, *rows = value.decode().splitlines()
    rles = [{"size": [int(n) for n in size.split()], "counts": row} for row in rows]
    return mask_utils.decode(rles) if rles else np.zeros([int(n) for n in size.split()] + [0], np.uint8)


class Expected:
    """What the COCO file says, rasterised by pycocotools."""

    def __init__(self, labels, images):
        with open(labels) as file:
            self.labels = json.load(file)
        self.folder = images
        self.names = {c["id"]: c["name"] for c in self.labels["categories"]}
        self.objects = {}
        for annotation in self.labels["annotations"]:
            self.objects.setdefault(annotation["image_id"], []).append(annotation)

    def mask(self, annotation, height, width):
        segmentation = annotation.get("segmentation")
        if not segmentation:
            return np.zeros((height, width), np.uint8)
        if isinstance(segmentation, list):
            rle = mask_utils.merge(mask_utils.frPyObjects(segmentation, height, width))
        elif isinstance(segmentation["counts"], list):
            rle = mask_utils.frPyObjects(segmentation, height, width)
        else:
            rle = segmentation
        return mask_utils.decode(rle)

    def check(self, record):
        """Holds one record, as {key: bytes or list}, against the file; returns the number of objects."""
        image = next(i for i in self.labels["images"] if str(i["id"]) == record["image/source_id"].decode())
        with open(os.path.join(self.folder, image["file_name"]), "rb") as file:
            data = file.read()
        height, width = int(record["image/height"][0]), int(record["image/width"][0])
        assert record["image/encoded"] == data, "image bytes"
        assert record["image/key/sha256"].decode() == hashlib.sha256(data).hexdigest(), "sha256"
        assert record["image/filename"].decode() == image["file_name"], "file name"
        assert record["image/format"] == (b"png" if data[:4] == b"\x89PNG" else b"jpeg"), "format"
        assert (height, width) == (image["height"], image["width"]), "size"
        assert list(record["samdata/image/exif_orientation"]) == [1], "orientation"
        assert list(record["samdata/schema_version"]) == [1], "schema version"
        objects = self.objects.get(image["id"], [])
        ids = json.loads(record["samdata/object/annotation_ids"])
        assert ids == [str(o["id"]) for o in objects], "annotation ids"
        assert list(record["image/object/class/label"]) == [o["category_id"] for o in objects], "labels"
        if "image/object/class/text" in record:
            texts = [t.decode() for t in record["image/object/class/text"]]
            assert texts == [self.names[o["category_id"]] for o in objects], "class texts"
        assert list(record["image/object/is_crowd"]) == [o.get("iscrowd", 0) for o in objects], "crowd flags"
        masks = decode_masks(record["samdata/masks/rle"])
        assert masks.shape == (height, width, len(objects)), "shape of masks"
        edges = [record["image/object/bbox/" + k] for k in ("xmin", "ymin", "xmax", "ymax")]
        for index, annotation in enumerate(objects):
            assert np.array_equal(masks[:, :, index], self.mask(annotation, height, width)), "mask"
            area = annotation.get("area", float(masks[:, :, index].sum()))
            assert record["image/object/area"][index] == np.float32(area), "area"
            x, y, w, h = annotation["bbox"]
            seen = [edges[k][index] * (width, height)[k % 2] for k in range(4)]
            wanted = [max(x, 0), max(y, 0), min(x + w, width), min(y + h, height)]
            assert np.allclose(seen, wanted, rtol=0, atol=1e-3), f"box {seen} {wanted}"
        return len(objects)


def with_tf_data(files):
    import tensorflow as tf

    kinds = {BYTES: tf.string, INTS: tf.int64, FLOATS: tf.float32}
    features = {
        key: tf.io.FixedLenFeature([], tf.string) if kind == BYTES else tf.io.VarLenFeature(kinds[kind])
        for key, kind in KEYS.items()
    }
    features["image/object/class/text"] = tf.io.VarLenFeature(tf.string)
    dataset = tf.data.TFRecordDataset(files).map(lambda data: tf.io.parse_single_example(data, features))
    for parsed in dataset:
        yield {
            key: (value.numpy() if KEYS.get(key) == BYTES else tf.sparse.to_dense(value).numpy())
            for key, value in parsed.items()
        }


def with_tfrecord(files):
    from tfrecord.reader import tfrecord_loader

    for file in files:
        index = file[: -len("tfrecord")] + "idx"
        with open(index) as lines:
            # tfrecord 1.14.6 fails on an index of a single line (numpy.loadtxt makes it one-dimensional).
            index = index if len(lines.readlines()) > 1 else None
        # With an index and no `shard` this reader starts at a random record.
        for parsed in tfrecord_loader(file, index, KEYS, shard=(0, 1)):
            # One value comes back as plain bytes, numbers as arrays.
            yield {key: (bytes(value) if KEYS[key] == BYTES else list(value)) for key, value in parsed.items()}


def with_dali(files):
    from nvidia.dali import fn, pipeline_def, tfrecord as tfr

    kinds = {
        BYTES: tfr.FixedLenFeature((), tfr.string, ""), INTS: tfr.VarLenFeature(tfr.int64, 0),
        FLOATS: tfr.VarLenFeature(tfr.float32, 0.0),
    }

    @pipeline_def(batch_size=1, num_threads=1, device_id=None)
    def pipeline():
        read = fn.readers.tfrecord(
            path=files, index_path=[f[: -len("tfrecord")] + "idx" for f in files], random_shuffle=False, name="reader",
            features={key: kinds[kind] for key, kind in KEYS.items()})
        decoded = fn.decoders.image(read["image/encoded"], adjust_orientation=False)
        return tuple(read[key] for key in KEYS) + (decoded,)

    pipe = pipeline(prefetch_queue_depth=1)
    pipe.build()
    for _ in range(pipe.epoch_size("reader")):
        *values, decoded = pipe.run()
        record = {}
        for (key, kind), value in zip(KEYS.items(), values):
            array = np.array(value.at(0))
            record[key] = array.tobytes() if kind == BYTES else list(array.ravel())
        size = (int(record["image/height"][0]), int(record["image/width"][0]))
        assert np.array(decoded.at(0)).shape[:2] == size, "size of DALI's decoded image"
        yield record


READERS = {"tf.data": with_tf_data, "tfrecord": with_tfrecord, "DALI": with_dali}


def main():
    shards, labels, images = sys.argv[1:4]
    with open(os.path.join(shards, "manifest.json")) as file:
        manifest = json.load(file)
    if len(sys.argv) > 4:
        return run_reader(sys.argv[4], manifest, shards, Expected(labels, images))
    check_manifest(manifest, shards)
    # Each in a process of its own: tensorflow and tfrecord register the same protobuf messages.
    sys.stdout.flush()
    codes = [subprocess.call([sys.executable, os.path.abspath(__file__), *sys.argv[1:4], name]) for name in READERS]
    return max(codes)


def run_reader(name, manifest, shards, expected):
    files = [os.path.join(shards, shard["file"]) for shard in manifest["shards"]]
    assert files == sorted(glob.glob(os.path.join(shards, "*.tfrecord"))), "files"
    objects = 0
    ids = []
    try:
        for record in READERS[name](files):
            ids.append(record["image/source_id"].decode())
            objects += expected.check(record)
        listed = [r["image_id"] for s in manifest["shards"] for r in s["records"]]
        assert ids == listed, "order of records"
        assert objects == manifest["object_count"], "number of objects"
    except ImportError as error:
        print(f"{name}: skipped, {error}")
        return 0
    except AssertionError as error:
        print(f"{name}: after {len(ids)} records: {error}")
        return 1
    print(f"{name}: {len(ids)} records, {objects} objects: same bytes, boxes and masks")
    return 0


def check_manifest(manifest, shards):
    try:
        import jsonschema
    except ImportError as error:
        print(f"jsonschema: skipped, {error}")
        return
    schema = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "schemas", "manifest.schema.json")
    with open(schema) as file:
        jsonschema.Draft202012Validator(json.load(file)).validate(manifest)
    for shard in manifest["shards"]:
        with open(os.path.join(shards, shard["file"]), "rb") as file:
            data = file.read()
        assert len(data) == shard["bytes"] and hashlib.sha256(data).hexdigest() == shard["sha256"], shard["file"]
    print(f"manifest: valid, {len(manifest['shards'])} digests right")


if __name__ == "__main__":
    sys.exit(main())
