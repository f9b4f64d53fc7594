internal import Shards

/// The events of TensorBoard's files, as `tensorflow.Event` messages.
///
/// Source of the field numbers: tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto and
/// tensor.proto.
package enum TensorBoardEvent {
    /// What a file begins with.
    static let fileVersion = "brain.Event:2"

    private enum Field {
        static let wallTime: UInt8 = 1
        static let step: UInt8 = 2
        static let fileVersion: UInt8 = 3
        static let summary: UInt8 = 5
        static let sessionLog: UInt8 = 7
        // Of a summary and its values.
        static let value: UInt8 = 1
        static let tag: UInt8 = 1
        static let simpleValue: UInt8 = 2
        static let image: UInt8 = 4
        static let tensor: UInt8 = 8
        static let metadata: UInt8 = 9
    }

    /// The first event of a file.
    static func version(time: Double) -> [UInt8] {
        var writer = WireWriter()
        writer.double(field: Field.wallTime, time)
        writer.text(field: Field.fileVersion, fileVersion)
        return writer.bytes
    }

    /// A session begins: readers forget what they know of this step and later ones.
    static func sessionStart(step: Int, time: Double) -> [UInt8] {
        event(step: step, time: time) { writer in
            // Status START.
            writer.message(field: Field.sessionLog) { $0.integer(field: 1, 1) }
        }
    }

    /// All metrics of a line.
    static func scalars(_ line: TrackedLine) -> [UInt8] {
        summary(step: line.step, time: line.time) { writer in
            for metric in line.metrics {
                writer.message(field: Field.value) { value in
                    value.text(field: Field.tag, metric.name)
                    value.float(field: Field.simpleValue, Float(metric.value))
                }
            }
        }
    }

    /// A PNG.
    static func image(_ picture: TrackedPicture, at line: TrackedLine) -> [UInt8] {
        summary(step: line.step, time: line.time) { writer in
            writer.message(field: Field.value) { value in
                value.text(field: Field.tag, "samples/" + picture.name)
                value.message(field: Field.image) { image in
                    image.integer(field: 1, picture.height)
                    image.integer(field: 2, picture.width)
                    // Colour space 3: RGB.
                    image.integer(field: 3, 3)
                    image.data(field: 4, picture.png)
                }
            }
        }
    }

    /// A text, which the page of texts renders as Markdown.
    static func text(_ text: String, tag: String, step: Int, time: Double) -> [UInt8] {
        summary(step: step, time: time) { writer in
            writer.message(field: Field.value) { value in
                value.text(field: Field.tag, tag + "/text_summary")
                value.message(field: Field.metadata) { $0.message(field: 1) { $0.text(field: 1, "text") } }
                value.message(field: Field.tensor) { tensor in
                    // Type DT_STRING, shape [1].
                    tensor.integer(field: 1, 7)
                    tensor.message(field: 2) { $0.message(field: 2) { $0.integer(field: 1, 1) } }
                    tensor.text(field: 8, text)
                }
            }
        }
    }

    private static func summary(step: Int, time: Double, _ write: (inout WireWriter) -> Void) -> [UInt8] {
        event(step: step, time: time) { $0.message(field: Field.summary, write) }
    }

    private static func event(step: Int, time: Double, _ write: (inout WireWriter) -> Void) -> [UInt8] {
        var writer = WireWriter()
        writer.double(field: Field.wallTime, time)
        writer.integer(field: Field.step, step)
        write(&writer)
        return writer.bytes
    }

    // MARK: Reading

    /// What decides whether an event is still true in a resumed run: its step, and the names of its values.
    ///
    /// - Throws: `ShardError` for bytes that are no message.
    static func outline(of event: UnsafeRawBufferPointer) throws(ShardError) -> (step: Int, tags: [String]) {
        var reader = WireReader(event)
        var step = 0
        var tags: [String] = []
        while let (number, type) = try reader.field() {
            switch (number, type) {
            case (UInt64(Field.step), .varint):
                step = Int(Int64(bitPattern: try reader.varint()))
            case (UInt64(Field.summary), .delimited):
                var summary = try reader.message()
                while let (number, type) = try summary.field() {
                    guard number == UInt64(Field.value), type == .delimited else {
                        try summary.skip(type)
                        continue
                    }
                    var value = try summary.message()
                    while let (number, type) = try value.field() {
                        if number == UInt64(Field.tag), type == .delimited {
                            tags.append(String(decoding: try value.delimited(), as: UTF8.self))
                        } else {
                            try value.skip(type)
                        }
                    }
                }
            default: try reader.skip(type)
            }
        }
        return (step, tags)
    }
}
