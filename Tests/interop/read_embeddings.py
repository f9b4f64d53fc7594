"""Reads a cache of embeddings with numpy alone: TFRecord framing by hand, Example with TensorFlow or tfrecord where there
is one, else with the few lines of wire format below.

    python read_embeddings.py cache/embeddings-00000.tfrecord
"""

import struct
import sys

import numpy


def varint(data, at):
    value, shift = 0, 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        assert tag & 7 == 2, "an Example holds nothing but messages and packed lists"
        length, at = varint(data, at)
        yield tag >> 3, data[at : at + length]
        at += length


def example(payload):
    values = {}
    for _, features in fields(payload):
        for _, entry in fields(features):
            (_, key), (_, feature) = fields(entry)
            for kind, items in fields(feature):
                if kind == 1:
                    values[key.decode()] = [value for _, value in fields(items)]
                elif kind == 3:
                    numbers = []
                    for _, packed in fields(items):
                        at = 0
                        while at < len(packed):
                            number, at = varint(packed, at)
                            numbers.append(number)
                    values[key.decode()] = numbers
    return values


data = open(sys.argv[1], "rb").read()
at = 0
while at < len(data):
    (length,) = struct.unpack_from("<Q", data, at)
    record = example(data[at + 12 : at + 12 + length])
    at += length + 16
    dtype = record["samdata/embedding/dtype"][0].decode()
    shape = tuple(record["samdata/embedding/shape"])
    values = numpy.frombuffer(record["samdata/embedding/values"][0], numpy.dtype(dtype).newbyteorder("<"))
    values = values.reshape(shape)
    is_finite = "finite" if numpy.isfinite(values).all() and values.any() else "not a number"
    print(record["image/source_id"][0].decode(), shape, dtype, is_finite)
