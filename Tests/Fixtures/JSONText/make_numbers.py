"""Writes numbers.tsv: number texts with the bits of the nearest 64-bit float, and the shortest text of each.

Python 3.11's float() and repr() are correctly rounded (David Gay's algorithms). Run: python3 make_numbers.py
"""
import pathlib
import random
import struct

random.seed(20261124)
texts = [
    "0", "-0", "0.0", "-0.0", "1", "12", "12.0", "908400416500.0", "9007199254740993", "9007199254740993.0",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
    "18446744073709551615", "18446744073709551616", "9999999999999999999", "99999999999999999999",
    "2.2250738585072011e-308", "2.2250738585072014e-308", "5e-324", "2e-324", "1.7976931348623157e308", "1e22",
    "1e23", "8.5e22", "1e-22", "1e-23", "7.2057594037927933e16", "7.2057594037927933E+16",
    "0.000000000000000000000000000000000000000000000001", "123456789012345678901234567890.123456789",
    "1.00000000000000011102230246251565404236316680908203125",
    "1.00000000000000011102230246251565404236316680908203124",
    "1.00000000000000011102230246251565404236316680908203126",
    "702.1057499999998", "531.8071000000001", "0.1", "0.30000000000000004", "1e0", "1E5", "1e-5", "0e99", "0e-99",
]
for _ in range(150):  # coordinates as annotation tools write them
    texts.append(f"{random.uniform(-10, 5000):.{random.randint(1, 12)}f}")
for _ in range(150):  # floats printed in full
    texts.append(repr(random.uniform(0, 4096)))
for _ in range(200):  # up to 19 digits with the point anywhere, and exponents
    digits = str(random.randrange(1, 10 ** random.randint(1, 19)))
    point = random.randint(1, len(digits))
    text = digits[:point] + ("." + digits[point:] if point < len(digits) else "")
    if random.random() < 0.5:
        text += f"e{random.randint(-25, 25)}"
    texts.append(("-" if random.random() < 0.3 else "") + text)
for _ in range(100):  # half-way cases: exactly between two floats, and a digit beside it
    mantissa = random.randrange(2**52, 2**53)
    exponent = random.randint(1, 9)
    half = (2 * mantissa + 1) * 2 ** (exponent - 1)
    texts += [str(half), str(half + 1), str(half - 1)]
    texts += [f"{half // 10**6}.{half % 10**6:06d}e6"]
for _ in range(100):  # any bits at all
    value = struct.unpack("<d", struct.pack("<Q", random.getrandbits(64)))[0]
    if value == value and abs(value) != float("inf"):
        texts.append(repr(value))

lines = []
for text in texts:
    value = float(text)
    lines.append(f"{text}\t{struct.unpack('<Q', struct.pack('<d', value))[0]:016x}\t{value!r}\n")
pathlib.Path(__file__).with_name("numbers.tsv").write_text("".join(lines))
