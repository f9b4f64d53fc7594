"""Writes the fixtures beside this file with TensorFlow's own writer and protobuf's serialiser.

Run with Python 3.11, tensorflow-cpu 2.21 (protobuf from its requirements):  python3 write_fixtures.py
"""

import os
import struct

import tensorflow as tf

HERE = os.path.dirname(os.path.abspath(__file__))


def feature(**lists):
    return tf.train.Feature(**lists)


def example():
    return tf.train.Example(features=tf.train.Features(feature={
        "bytes": feature(bytes_list=tf.train.BytesList(value=[b"\x01\x00\x00", b"", "ä".encode()])),
        "floats": feature(float_list=tf.train.FloatList(value=[0, -1.5, 3.4028234663852886e38, float("inf")])),
        "integers": feature(int64_list=tf.train.Int64List(value=[0, 1, -1, 127, 128, 2**63 - 1, -(2**63)])),
        "no bytes": feature(bytes_list=tf.train.BytesList()),
        "no floats": feature(float_list=tf.train.FloatList()),
        "no integers": feature(int64_list=tf.train.Int64List()),
    }))


def varint(value):
    value &= 2**64 - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def message(field, content):
    return varint(field << 3 | 2) + varint(len(content)) + content


def unpacked(proto):
    """The same message with every number in a field of its own, as proto2 writers do."""
    entries = b""
    for key, value in proto.features.feature.items():
        kind = value.WhichOneof("kind")
        if kind == "bytes_list":
            body = message(1, b"".join(message(1, v) for v in value.bytes_list.value))
        elif kind == "float_list":
            body = message(2, b"".join(b"\x0d" + struct.pack("<f", v) for v in value.float_list.value))
        else:
            body = message(3, b"".join(b"\x08" + varint(v) for v in value.int64_list.value))
        entries += message(1, message(1, key.encode()) + message(2, body))
    data = message(1, entries)
    assert tf.train.Example.FromString(data) == proto
    return data


def main():
    proto = example()
    with open(os.path.join(HERE, "example.pb"), "wb") as file:
        file.write(proto.SerializeToString(deterministic=True))
    with open(os.path.join(HERE, "example-unpacked.pb"), "wb") as file:
        file.write(unpacked(proto))
    with tf.io.TFRecordWriter(os.path.join(HERE, "three.tfrecord")) as writer:
        for payload in (b"", b"one", bytes(range(256)) * 40):
            writer.write(payload)


if __name__ == "__main__":
    main()
