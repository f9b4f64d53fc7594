"""What peers of the data pipeline do: by peer and operation, a function that prepares one run and returns it."""
import os
import shutil


def parse_hotcoco(threads, path):
    os.environ["RAYON_NUM_THREADS"] = str(threads)
    import hotcoco

    def run():
        data = hotcoco.COCO(path)
        assert len(data.get_img_ids()) > 0

    return run


def parse_pycocotools(threads, path):
    from pycocotools.coco import COCO

    def run():
        data = COCO(path)
        assert len(data.imgs) > 0

    return run


def convert_datumaro(threads, path):
    """COCO to TFRecord with masks, as `datum convert -i PATH -if coco -f tf_detection_api -- --save-media --save-masks`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from datumaro import Dataset

    output = os.path.join(path, "datumaro")

    def run():
        shutil.rmtree(output, ignore_errors=True)
        data = Dataset.import_from(path, "coco_instances")
        data.export(output, "tf_detection_api", save_media=True, save_masks=True)

    return run


def evaluate(COCO, COCOeval, truth, results, kind):
    """Both files read, compared and averaged; the table goes where all that peers print goes."""

    def run():
        labels = COCO(truth)
        evaluation = COCOeval(labels, labels.loadRes(results), kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        assert len(evaluation.stats) == 12

    return run


def evaluate_hotcoco(threads, truth, results, kind):
    os.environ["RAYON_NUM_THREADS"] = str(threads)
    import hotcoco

    return evaluate(hotcoco.COCO, hotcoco.COCOeval, truth, results, kind)


def evaluate_pycocotools(threads, truth, results, kind):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    return evaluate(COCO, COCOeval, truth, results, kind)


def write_records(path, records, image_bytes, mask_bytes):
    """A TFRecord file as `tfrecord` writes it, with images that are few, each used many times."""
    import tfrecord

    images = [os.urandom(image_bytes) for _ in range(16)]
    masks = os.urandom(mask_bytes)
    os.makedirs(os.path.dirname(path), exist_ok=True)

    def run():
        writer = tfrecord.TFRecordWriter(path)
        for index in range(records):
            writer.write({
                "image/encoded": (images[index % 16], "byte"), "samdata/masks/rle": (masks, "byte"),
                "image/height": (480, "int"), "image/width": (640, "int"),
                "image/source_id": (str(index).encode(), "byte"),
            })
        writer.close()

    return run


def write_tfrecord(threads, path, records, image_bytes, mask_bytes):
    return write_records(os.path.join(path, "tfrecord", "write.tfrecord"), records, image_bytes, mask_bytes)


def read_tfrecord(threads, path, records, image_bytes, mask_bytes):
    import tfrecord

    file = os.path.join(path, "tfrecord", "read.tfrecord")
    write_records(file, records, image_bytes, mask_bytes)()

    def run():
        count = sum(1 for _ in tfrecord.reader.tfrecord_loader(file, None, None))
        assert count == records

    return run


def coco_class(peer):
    """The peer's COCO class."""
    import importlib

    return importlib.import_module({"hotcoco": "hotcoco", "ultrafast": "ultrafast_pycocotools.coco"}.get(
        peer, "pycocotools.coco")).COCO


def polygons_to_rle(peer):
    """Annotations to runs, by the call that users have for it."""

    def prepare(threads, path):
        os.environ["RAYON_NUM_THREADS"] = str(threads)
        data = coco_class(peer)(path)
        annotations = data.loadAnns(data.getAnnIds())

        def run():
            for annotation in annotations:
                data.annToRLE(annotation)

        return run

    return prepare


def decode_rle(peer):
    """Runs to pixels, one mask a call."""

    def prepare(threads, path):
        import importlib

        os.environ["RAYON_NUM_THREADS"] = str(threads)
        data = coco_class(peer)(path)
        runs = [data.annToRLE(annotation) for annotation in data.loadAnns(data.getAnnIds())]
        mask = importlib.import_module({"hotcoco": "hotcoco", "ultrafast": "ultrafast_pycocotools"}.get(
            peer, "pycocotools") + (".mask" if peer != "hotcoco" else ""))
        decode = mask.mask.decode if peer == "hotcoco" else mask.decode

        def run():
            for rle in runs:
                decode(rle)

        return run

    return prepare


def mask_operations(peer):
    return {"polygon-to-rle": polygons_to_rle(peer), "rle-decode": decode_rle(peer)}


OPERATIONS = {
    "hotcoco": {"parse": parse_hotcoco, "evaluate": evaluate_hotcoco, **mask_operations("hotcoco")},
    "pycocotools": {"parse": parse_pycocotools, "evaluate": evaluate_pycocotools, **mask_operations("pycocotools")},
    "tfrecord": {"write": write_tfrecord, "read": read_tfrecord},
    "ultrafast": mask_operations("ultrafast"),
    "datumaro": {"convert": convert_datumaro},
}
