"""Writes small label TIFFs of many kinds with Pillow (libtiff) and tifffile.

Python 3.11, Pillow 13.0.0, tifffile 2026.3.3, numpy. Run in this directory: python make-fixtures.py
The pixel at (row, column) of channel c is (31 * row + 7 * column + 50 * c) modulo the number in the file's name.
"""
import numpy as np
import tifffile
from PIL import Image

H, W = 23, 17


def values(modulus, dtype, channels=1):
    r, c, k = np.indices((H, W, channels))
    v = ((31 * r + 7 * c + 50 * k) % modulus).astype(dtype)
    return v[..., 0] if channels == 1 else v


def pillow(name, array, mode=None, **options):
    image = Image.fromarray(array) if mode is None else Image.fromarray(array, mode)
    image.save(name, **options)


for compression in ["raw", "tiff_lzw", "packbits", "tiff_adobe_deflate"]:
    label = compression.replace("tiff_", "").replace("adobe_", "")
    pillow(f"{label}-u8-251.tif", values(251, np.uint8), compression=compression)
    pillow(f"{label}-u16-60013.tif", values(60013, np.uint16), compression=compression)
Image.fromarray(values(2, np.uint8).astype(bool)).save("bilevel-u1-2.tif", compression="raw")
Image.fromarray(values(2, np.uint8).astype(bool)).save("bilevel-packbits-u1-2.tif", compression="packbits")
palette = Image.fromarray(values(5, np.uint8), "P")
palette.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 8, 7] + [0] * 753)
palette.save("palette-u8-5.tif", compression="tiff_lzw")
pillow("rgb-u8-251.tif", values(251, np.uint8, 3), compression="tiff_lzw")
pillow("predicted-u8-251.tif", values(251, np.uint8), compression="tiff_lzw", tiffinfo={317: 2})
pillow("predicted-u16-60013.tif", values(60013, np.uint16), compression="tiff_adobe_deflate", tiffinfo={317: 2})
tifffile.imwrite("tiled-u16-60013.tif", values(60013, np.uint16), tile=(16, 16), compression="zlib")
tifffile.imwrite("strips-u16-60013.tif", values(60013, np.uint16), rowsperstrip=5, compression="zlib")
tifffile.imwrite("bigendian-u16-60013.tif", values(60013, np.uint16), byteorder=">")
tifffile.imwrite("wide-u32-60013.tif", values(60013, np.uint32), photometric="minisblack")
tifffile.imwrite("planar-u8-251.tif", np.moveaxis(values(251, np.uint8, 3), -1, 0), photometric="rgb", planarconfig="separate")
tifffile.imwrite("white-u8-251.tif", values(251, np.uint8), photometric="miniswhite")
# A long run and a long ramp, so that LZW's table fills and is cleared.
noise = (np.arange(200 * 160, dtype=np.uint64) * 2654435761 % 4294967296 >> 24).astype(np.uint8).reshape(200, 160)
pillow("lzw-full-table.tif", noise, compression="tiff_lzw")
# BigTIFF.
tifffile.imwrite("big-u8-251.tif", values(251, np.uint8), bigtiff=True)
tifffile.imwrite("big-bigendian-u16-60013.tif", values(60013, np.uint16), bigtiff=True, byteorder=">", rowsperstrip=4)
tifffile.imwrite("rgb-big-u16-60013.tif", values(60013, np.uint16, 3), bigtiff=True, tile=(16, 16), compression="zlib", predictor=True)
# Images: with alpha, and turned.
tifffile.imwrite("alpha-rgb-u8-251.tif", values(251, np.uint8, 4), photometric="rgb", extrasamples=["unassalpha"])
tifffile.imwrite("alpha-gray-u16-60013.tif", values(60013, np.uint16, 2), photometric="minisblack", planarconfig="contig", extrasamples=["unassalpha"])
tifffile.imwrite("turned-u16-60013.tif", values(60013, np.uint16), extratags=[(274, 3, 1, 6, True)])
tifffile.imwrite("turned-rgb-u8-251.tif", values(251, np.uint8, 3), photometric="rgb", extratags=[(274, 3, 1, 8, True)])
# No image, though labels could be read of it.
tifffile.imwrite("cmyk-u8-251.tif", values(251, np.uint8, 4), photometric="separated")
# Refused.
tifffile.imwrite("refused-pages.tif", np.stack([values(251, np.uint8)] * 2), photometric="minisblack")
tifffile.imwrite("refused-float.tif", values(251, np.float32))
tifffile.imwrite("refused-large.tif", np.full((2, 2), 70000, np.uint32))
