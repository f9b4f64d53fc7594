"""Writes pillow_rgb.tsv: what Pillow makes of every PNG and JPEG of the corpora in ../shared/data.

Columns: path below ../shared/data, OK or FAIL, mode, width, height, sha256 of convert("RGB") as raw bytes.
16-bit gray is hashed by its high byte (our stated deviation: Pillow clips).
Run: python make_pillow_rgb.py ../shared/data pillow_rgb.tsv   (made with Pillow 13.0.0, libjpeg-turbo 3.2.0)
"""
import hashlib, os, sys, warnings
import numpy as np
import PIL
from PIL import Image

FOLDERS = ["pngsuite", "image-png-tests", "image-rs-tests", "pillow-images", "jpeg-decoder-tests",
           "jpeg-fuzz-seeds", "exif-orientation"]
root, out = sys.argv[1:]
warnings.simplefilter("ignore")
rows = []
for folder in FOLDERS:
    for where, _, names in os.walk(os.path.join(root, folder), followlinks=True):
        for name in names:
            path = os.path.join(where, name)
            with open(path, "rb") as file:
                head = file.read(8)
            if not (head == b"\x89PNG\r\n\x1a\n" or head[:3] == b"\xff\xd8\xff"):
                continue
            row = [os.path.relpath(path, root)]
            try:
                image = Image.open(path, formats=["PNG", "JPEG"])
                image.load()
                if image.mode == "I;16":
                    gray = (np.asarray(image) >> 8).astype(np.uint8)
                    rgb = np.repeat(gray[:, :, None], 3, axis=2).tobytes()
                else:
                    rgb = image.convert("RGB").tobytes()
                row += ["OK", image.mode, str(image.width), str(image.height), hashlib.sha256(rgb).hexdigest()]
            except Exception as error:
                row += ["FAIL", type(error).__name__, "", "", ""]
            rows.append("\t".join(row))
rows.sort()
with open(out, "w") as file:
    file.write("# Pillow %s\n" % PIL.__version__)
    file.write("\n".join(rows) + "\n")
