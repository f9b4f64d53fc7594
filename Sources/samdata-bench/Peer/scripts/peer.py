"""A peer of samdata-bench: runs the same work as a case, with PyTorch or ONNX Runtime, when it is told to.

    peer.py versions                         prints the versions of what is installed, as a JSON object
    peer.py pytorch THREADS REQUEST          serves a case: REQUEST is {"op": name, ...sizes} as JSON
    peer.py onnxruntime THREADS REQUEST      likewise; exports the model first, in a process of its own
    peer.py NAME THREADS REQUEST             likewise, by the packages that data_peers.py and images.py know
    peer.py export REQUEST FILE              writes the model of a case as ONNX

A served case prints one line when it is ready. Then it reads a number of repeats a line, runs so often, and answers with
the seconds of one run by the clock and of processor time, and the peak of its memory. Between runs it sleeps.
"""
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import time
import warnings

sys.dont_write_bytecode = True
warnings.filterwarnings("ignore")

PACKAGES = [
    "torch", "segment-anything", "onnx", "onnxruntime", "numpy", "datumaro", "tensorflow-cpu", "hotcoco", "pycocotools",
    "albumentations", "opencv-python-headless", "pillow", "torchvision",
    "tfrecord", "ultrafast-pycocotools",
]


def versions():
    """The installed version of everything that a peer needs, by package."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pass
    return found


def prepare_pytorch(threads, request):
    """The work of a case as a function without arguments."""
    import torch

    import checkpoints
    import decoder_epoch
    import kernels
    import models

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    operations = {**kernels.OPERATIONS, **models.OPERATIONS, **decoder_epoch.OPERATIONS, **checkpoints.OPERATIONS}
    return operations[request.pop("op")](**request)


def prepare_onnxruntime(threads, request):
    """The exported model of a case in a session of its own; the export stays in the cache for the next time."""
    import onnxruntime
    import onnx_models

    path = onnx_models.cached_path(request)
    if not os.path.exists(path):
        # Apart, so that the memory of the export is not counted as that of the session.
        subprocess.run(
            [sys.executable, __file__, "export", json.dumps(request), path], check=True, stdout=subprocess.DEVNULL)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Its threads may wait actively within a run, but not while the others have their turn.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    inputs = onnx_models.inputs(request)
    return lambda: session.run(None, inputs)


def prepare_data(peer, threads, request):
    """The work of a peer of the data pipeline."""
    import data_peers
    import images

    operations = {**data_peers.OPERATIONS, **images.OPERATIONS}
    return operations[peer][request.pop("op")](threads, **request)


def peak_memory():
    """The most memory that was resident at once, in bytes."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))


def keep_answers():
    """Keeps standard output for our answers: returns it, and sends what peers print there to nowhere, in Python or past it."""
    answers = os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def serve(run, answers):
    """Answers requests until there are no more."""
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        repeats = int(line)
        start, processor_start = time.perf_counter(), time.process_time()
        for _ in range(repeats):
            run()
        elapsed, processor = time.perf_counter() - start, time.process_time() - processor_start
        answer = {
            "seconds": elapsed / repeats, "processor_seconds": processor / repeats,
            "peak_memory_bytes": peak_memory(),
        }
        print(json.dumps(answer), file=answers, flush=True)


def main(arguments):
    if arguments == ["versions"]:
        print(json.dumps(versions()))
    elif arguments[0] == "export":
        import onnx_models

        onnx_models.export(json.loads(arguments[1]), arguments[2])
    else:
        peer, threads, request = arguments[0], int(arguments[1]), json.loads(arguments[2])
        answers = keep_answers()
        prepare = {"pytorch": prepare_pytorch, "onnxruntime": prepare_onnxruntime}.get(peer)
        try:
            serve(prepare(threads, request) if prepare else prepare_data(peer, threads, request), answers)
        except Exception as error:
            print(json.dumps({"failure": f"{type(error).__name__}: {error}"}), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
