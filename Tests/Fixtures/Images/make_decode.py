"""Writes decode/: small PNG and JPEG files of every kind, and decode.tsv: what they hold.

PNGs are written here, chunk by chunk, so that every colour type, depth and interlacing is there and the stored values
are known; JPEGs are written by Pillow. Columns of decode.tsv: file, width, height, bits, colour, EXIF orientation,
sha256 of the stored values as little-endian 16-bit numbers (PNG), sha256 of Pillow's convert("RGB"), and for turned
images sha256 of ImageOps.exif_transpose. 16-bit gray is hashed by its high byte (our stated deviation: Pillow clips).
Run: python make_decode.py .   (made with Pillow 13.0.0, numpy 2.4.6, zlib 1.2.13)
"""
import hashlib, io, os, struct, sys, zlib
import numpy as np
import PIL
from PIL import Image, ImageOps

root = sys.argv[1]
os.makedirs(os.path.join(root, "decode"), exist_ok=True)
rng = np.random.default_rng(20261124)
rows = []
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
NAMES = {0: "gray", 2: "rgb", 3: "palette", 4: "gray+alpha", 6: "rgba"}
ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def scanlines(values, depth):
    """Filter type 0 rows of [height, width, channels] values."""
    out = b""
    for line in values.reshape(values.shape[0], -1):
        if depth == 16:
            packed = line.astype(">u2").tobytes()
        elif depth == 8:
            packed = line.astype(np.uint8).tobytes()
        else:
            bits = "".join(format(int(v), "0%db" % depth) for v in line)
            bits += "0" * (-len(bits) % 8)
            packed = bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
        out += b"\0" + packed
    return out


def png(values, kind, depth, interlaced=False, extra=b"", palette=None, transparency=b""):
    height, width = values.shape[:2]
    if interlaced:
        data = b"".join(scanlines(values[y::dy, x::dx], depth) for y, x, dy, dx in ADAM7
                        if values[y::dy, x::dx].size)
    else:
        data = scanlines(values, depth)
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, int(interlaced))
    body = chunk(b"IHDR", header) + extra
    if palette is not None:
        body += chunk(b"PLTE", palette.astype(np.uint8).tobytes())
    if transparency:
        body += chunk(b"tRNS", transparency)
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


def record(name, bits, colour, orientation, data, values=None):
    with open(os.path.join(root, "decode", name), "wb") as file:
        file.write(data)
    image = Image.open(io.BytesIO(data))
    image.load()
    if image.mode.startswith("I;16"):
        gray = (np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8)
        rgb = np.repeat(gray[:, :, None], 3, axis=2).tobytes()
    else:
        rgb = image.convert("RGB").tobytes()
    stored = hashlib.sha256(values.astype("<u2").tobytes()).hexdigest() if values is not None else ""
    upright = hashlib.sha256(ImageOps.exif_transpose(image).convert("RGB").tobytes()).hexdigest() if orientation > 1 else ""
    rows.append([name, image.width, image.height, bits, colour, orientation, stored, hashlib.sha256(rgb).hexdigest(), upright])


def exif(orientation, order, kind=3):
    value = {3: struct.pack(order + "HH", orientation, 0),
             4: struct.pack(order + "I", orientation)}[kind]
    entries = [struct.pack(order + "HHII", 0x010F, 2, 4, 0x41424300),
               struct.pack(order + "HHI", 0x0112, kind, 1) + value]
    tiff = (b"II" if order == "<" else b"MM") + struct.pack(order + "HIH", 42, 8, len(entries))
    return tiff + b"".join(entries) + struct.pack(order + "I", 0)


for kind, depths in {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}.items():
    for depth in depths:
        for interlaced in (False, True):
            top = 1 << depth
            values = rng.integers(0, top, (9, 13, CHANNELS[kind]))
            palette = rng.integers(0, 256, (min(top, 256), 3)) if kind == 3 else None
            # A gamma of 1 and a transparent colour must change nothing.
            extra = chunk(b"gAMA", struct.pack(">I", 100000))
            clear = {0: b"\0\1", 2: b"\0\1" * 3, 3: b"\0\x80"}.get(kind, b"")
            name = "%s-%d%s.png" % (NAMES[kind].replace("+", "-"), depth, "-interlaced" if interlaced else "")
            record(name, depth, NAMES[kind], 1, png(values, kind, depth, interlaced, extra, palette, clear), values)

for name, values in [("one.png", np.array([[[200]]])), ("wide.png", rng.integers(0, 256, (1, 40, 1))),
                     ("tall.png", rng.integers(0, 256, (40, 1, 1)))]:
    record(name, 8, "gray", 1, png(values, 0, 8, name == "wide.png"), values)
values = rng.integers(0, 256, (5, 4, 1))
short = rng.integers(0, 256, (10, 3))
record("palette-short.png", 8, "palette", 1, png(values, 3, 8, palette=short), values)
values = rng.integers(0, 256, (5, 4, 3))
record("exif-6.png", 8, "rgb", 6, png(values, 2, 8, extra=chunk(b"eXIf", exif(6, ">"))), values)
values = rng.integers(0, 256, (3, 5, 1))
record("bad-profile.png", 8, "gray", 1, png(values, 0, 8, extra=chunk(b"iCCP", b"x\0\0nonsense")), values)

y, x = np.mgrid[0:27, 0:38]
picture = np.stack([(x * 6) % 256, (y * 9 + x) % 256, 128 + 100 * np.sin(x / 3.0) * np.cos(y / 4.0)], 2)
picture = Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def jpeg(image, **options):
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


record("rgb-444.jpg", 8, "rgb", 1, jpeg(picture, quality=90, subsampling=0))
record("rgb-422.jpg", 8, "rgb", 1, jpeg(picture, quality=85, subsampling=1))
record("rgb-420.jpg", 8, "rgb", 1, jpeg(picture, quality=75, subsampling=2))
record("progressive.jpg", 8, "rgb", 1, jpeg(picture, quality=80, progressive=True))
record("restarts.jpg", 8, "rgb", 1, jpeg(picture, quality=80, restart_marker_blocks=2))
record("gray.jpg", 8, "gray", 1, jpeg(picture.convert("L"), quality=80))
record("gray-progressive.jpg", 8, "gray", 1, jpeg(picture.convert("L"), quality=80, progressive=True))
cmyk = Image.merge("CMYK", picture.split() + (picture.split()[0].rotate(180),))
data = jpeg(cmyk, quality=90)
record("cmyk.jpg", 8, "cmyk", 1, data)
at = data.index(b"Adobe") + 11
record("ycck.jpg", 8, "ycck", 1, data[:at] + b"\x02" + data[at + 1:])
record("stored-as-rgb.jpg", 8, "rgb", 1, jpeg(picture, quality=90, keep_rgb=True))
for orientation in range(1, 9):
    order, kind = ("<", 3) if orientation % 2 else (">", 3 if orientation % 4 else 4)
    small = picture.resize((6, 4))
    record("exif-%d.jpg" % orientation, 8, "rgb", orientation,
           jpeg(small, quality=90, exif=b"Exif\0\0" + exif(orientation, order, kind)))

with open(os.path.join(root, "decode.tsv"), "w") as file:
    file.write("# Pillow %s\n" % PIL.__version__)
    for row in rows:
        file.write("\t".join(map(str, row)) + "\n")
