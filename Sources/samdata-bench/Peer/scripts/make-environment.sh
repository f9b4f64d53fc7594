#!/usr/bin/env bash
# Makes the Python environments that samdata-bench runs its peers in. Nothing else of samdata needs them.
#
#   make-environment.sh            into ${SAMDATA_BENCH_HOME:-${XDG_CACHE_HOME:-~/.cache}/samdata-bench}/venv and venv-datumaro
#
# PYTHON names the interpreter to make it with (default: python3). The versions are those that the committed thresholds
# were found with.
set -euo pipefail

# torchvision is what segment-anything imports; it has to fit torch.
torch=(torch==2.15.0 torchvision==0.29.2)
others=(albumentations==2.0.8 hotcoco==1.3.0 numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
    opencv-python-headless==5.0.0.93 pillow==13.0.0 pycocotools==2.0.11 segment-anything==1.0 tfrecord==1.14.6
    ultrafast-pycocotools==0.1.14)
# datumaro wants older releases of what the others share.
datumaro=(datumaro==1.13.12 tensorflow-cpu==2.21.0)
home=${SAMDATA_BENCH_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/samdata-bench}
python=${PYTHON:-python3}
pip=("$home/venv/bin/python" -m pip install --quiet --disable-pip-version-check)
datumaro_pip=("$home/venv-datumaro/bin/python" "${pip[@]:1}")

if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "The peers need Python 3.11 or newer with its venv module; '$python' is not that. Install it (Debian: apt-get install python3-venv), or name another with PYTHON=..." >&2
    exit 1
fi
mkdir -p "$home"
"$python" -m venv "$home/venv"
"$python" -m venv "$home/venv-datumaro"

# The build without CUDA is a tenth of the size; where PyTorch's own index cannot be reached, PyPI's does the same work.
if ! "${pip[@]}" "${torch[@]}" --index-url https://download.pytorch.org/whl/cpu --retries 1 --timeout 15 2>/dev/null; then
    echo "PyTorch's index of builds for CPUs does not answer; installing the larger build of PyPI." >&2
    "${pip[@]}" "${torch[@]}"
fi
"${pip[@]}" "${others[@]}"
"${datumaro_pip[@]}" "${datumaro[@]}"
for environment in venv venv-datumaro; do "$home/$environment/bin/python" "$(dirname "$0")/peer.py" versions; done
echo "The peers are in $home/venv and $home/venv-datumaro; samdata-bench finds them there."
