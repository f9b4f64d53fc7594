"""Reads what `samdata train` recorded of a run with the tools that it was recorded for, and prints it as JSON.

usage: read_tracking.py tensorboard RUN | wandb FILE | mlflow URI EXPERIMENT
"""

import io
import json
import sys


def tensorboard(run):
    from PIL import Image
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(run, size_guidance={"images": 0, "scalars": 0, "tensors": 0})
    events.Reload()
    tags = events.Tags()
    images = {}
    for tag in tags["images"]:
        images[tag] = []
        for event in events.Images(tag):
            width, height = Image.open(io.BytesIO(event.encoded_image_string)).convert("RGB").size
            assert (width, height) == (event.width, event.height)
            images[tag].append([event.step, width, height])
    texts = {
        tag: [event.tensor_proto.string_val[0].decode() for event in events.Tensors(tag)]
        for tag in tags["tensors"]
        if events.SummaryMetadata(tag).plugin_data.plugin_name == "text"
    }
    return {
        "version": events.file_version,
        "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
        "images": images,
        "texts": texts,
    }


def wandb_records(path):
    """The records of a file: wandb 0.31 has no reader in Python any more, so the framing is read here."""
    import struct
    import zlib

    data = open(path, "rb").read()
    assert data[:7] == b":W&B\xe1\xbe\x00", data[:7]
    offset, record = 7, b""
    while offset < len(data):
        left = 32768 - offset % 32768
        if left < 7:
            assert not any(data[offset : offset + left])
            offset += left
            continue
        checksum, length, kind = struct.unpack_from("<IHB", data, offset)
        assert zlib.crc32(data[offset + 6 : offset + 7 + length]) == checksum
        record += data[offset + 7 : offset + 7 + length]
        offset += 7 + length
        if kind in (1, 4):
            yield record
            record = b""
    assert not record


def wandb(path):
    from wandb.proto import wandb_internal_pb2 as protocol

    kinds, history, files = [], [], []
    run, config, summary, code = {}, {}, {}, None
    for number, bytes in enumerate(wandb_records(path), 1):
        record = protocol.Record.FromString(bytes)
        assert record.num == number
        kind = record.WhichOneof("record_type")
        kinds.append(kind)
        if kind == "run":
            run = {"id": record.run.run_id, "project": record.run.project, "name": record.run.display_name}
            config = {item.key: json.loads(item.value_json) for item in record.run.config.update}
        elif kind == "history":
            row = {item.nested_key[0]: json.loads(item.value_json) for item in record.history.item}
            assert row["_step"] == record.history.step.num
            history.append(row)
        elif kind == "summary":
            summary.update({item.key: json.loads(item.value_json) for item in record.summary.update})
        elif kind == "files":
            files += [file.path for file in record.files.files]
        elif kind == "exit":
            code = record.exit.exit_code
    return {
        "kinds": kinds, "run": run, "config": config, "history": history, "summary": summary, "files": files,
        "exit": code,
    }


def mlflow(uri, experiment):
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=uri)
    found = client.get_experiment_by_name(experiment)
    result = []
    for run in client.search_runs([found.experiment_id]):
        artifacts = [file.path for file in client.list_artifacts(run.info.run_id)]
        if "samples" in artifacts:
            artifacts += [file.path for file in client.list_artifacts(run.info.run_id, "samples")]
        result.append(
            {
                "id": run.info.run_id, "name": run.info.run_name, "status": run.info.status, "params": run.data.params,
                "tags": dict(run.data.tags), "artifacts": sorted(artifacts),
                "metrics": {
                    key: [[m.step, m.value] for m in client.get_metric_history(run.info.run_id, key)]
                    for key in run.data.metrics
                },
            }
        )
    return result


if __name__ == "__main__":
    print(json.dumps({"tensorboard": tensorboard, "wandb": wandb, "mlflow": mlflow}[sys.argv[1]](*sys.argv[2:])))
