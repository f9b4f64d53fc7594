"""Writes resize.tsv: sha256 of Pillow's BILINEAR resize of a pseudo-random image.

The image's bytes are (x >> 16) & 255 of x = (1103515245 x + 12345) mod 2^31, from x = 1, row-major RGB.
Columns: height, width, new height, new width, sha256.
Run: python make_resize.py resize.tsv   (made with Pillow 13.0.0)
"""
import hashlib, sys
import PIL
from PIL import Image

CASES = [(1, 1, 1, 1), (1, 1, 5, 7), (1, 9, 1, 4), (9, 1, 4, 1), (5, 7, 1, 1), (2, 2, 3, 3), (3, 3, 2, 2),
         (7, 11, 13, 11), (7, 11, 7, 23), (17, 31, 16, 32), (31, 17, 64, 40), (64, 64, 64, 64), (97, 61, 33, 21),
         (97, 61, 96, 60), (100, 150, 683, 1024), (120, 90, 7, 200), (256, 320, 64, 80), (333, 217, 128, 83),
         (256, 256, 1, 256), (40, 4000, 10, 1024), (520, 696, 191, 256), (360, 360, 1024, 1024),
         # The order of the passes turns on these.
         (100, 60, 39, 30), (100, 60, 40, 30), (300, 100, 200, 66), (60, 20, 32, 6), (60, 20, 31, 6), (40, 40, 37, 39)]


def noise(count):
    out = bytearray(count)
    x = 1
    for i in range(count):
        x = (1103515245 * x + 12345) & 0x7FFFFFFF
        out[i] = (x >> 16) & 255
    return bytes(out)


with open(sys.argv[1], "w") as file:
    file.write("# Pillow %s\n" % PIL.__version__)
    for height, width, new_height, new_width in CASES:
        image = Image.frombytes("RGB", (width, height), noise(height * width * 3))
        resized = image.resize((new_width, new_height), Image.Resampling.BILINEAR)
        digest = hashlib.sha256(resized.tobytes()).hexdigest()
        file.write("\t".join(map(str, [height, width, new_height, new_width, digest])) + "\n")
