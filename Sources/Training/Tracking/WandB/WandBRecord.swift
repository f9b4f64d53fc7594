internal import JSONText
internal import Shards

/// The records of W&B's offline files, as `wandb_internal.Record` messages.
///
/// Source of the field numbers: wandb/proto/wandb_internal.proto of wandb 0.31.
package enum WandBRecord {
    /// A name and a value as JSON; a name's `/` has no meaning here.
    typealias Item = (key: String, value: JSONValue)

    /// The oldest program that may read the file.
    static let oldestReader = "0.70.0"

    // Of a record.
    private static let number: UInt8 = 1
    private static let history: UInt8 = 2
    private static let summary: UInt8 = 3
    private static let files: UInt8 = 6
    private static let metric: UInt8 = 12
    private static let run: UInt8 = 17
    private static let exit: UInt8 = 18
    private static let header: UInt8 = 21

    /// The first record of a file.
    static func header(number: Int) -> [UInt8] {
        record(number, header) { writer in
            writer.message(field: 1) { version in
                version.text(field: 1, "samdata")
                version.text(field: 2, oldestReader)
            }
        }
    }

    /// What is known of the run when it begins.
    ///
    /// - Parameter firstRow: number of the first row of history that the file will have.
    static func run(
        _ run: TrackedRun, id: String, firstRow: Int, number: Int
    ) -> [UInt8] {
        record(number, Self.run) { writer in
            writer.text(field: 1, id)
            writer.text(field: 3, run.experiment)
            writer.message(field: 4) { config in
                for (key, value) in run.parameters {
                    config.message(field: 1) { item in
                        item.text(field: 1, key)
                        item.text(field: 16, JSONValue(parameter: value).text())
                    }
                }
            }
            writer.text(field: 8, run.name)
            writer.text(field: 13, TrackedName.machine)
            if firstRow > 0 { writer.integer(field: 14, firstRow) }
            writer.message(field: 17) { time in
                let seconds = run.startTime.rounded(.down)
                time.integer(field: 1, Int(seconds))
                time.integer(field: 2, Int((run.startTime - seconds) * 1e9))
            }
            if firstRow > 0 { writer.integer(field: 18, 1) }
        }
    }

    /// Metrics whose names fit a pattern are drawn over another metric.
    static func axis(of pattern: String, over name: String, number: Int) -> [UInt8] {
        record(number, metric) { writer in
            writer.text(field: 2, pattern)
            writer.text(field: 4, name)
            writer.message(field: 6) { options in
                options.integer(field: 1, 1)
                options.integer(field: 3, 1)
            }
        }
    }

    /// A row of history.
    static func history(_ items: [Item], row: Int, number: Int) -> [UInt8] {
        record(number, history) { writer in
            for item in items { append(item, field: 1, nameField: 2, to: &writer) }
            writer.message(field: 2) { $0.integer(field: 1, row) }
        }
    }

    /// The newest values.
    static func summary(_ items: [Item], number: Int) -> [UInt8] {
        record(number, summary) { writer in
            for item in items { append(item, field: 1, nameField: 1, to: &writer) }
        }
    }

    /// Files that belong to the run, by their names below its `files`.
    static func files(_ paths: [String], number: Int) -> [UInt8] {
        record(number, files) { writer in
            for path in paths { writer.message(field: 1) { $0.text(field: 1, path) } }
        }
    }

    /// The run is over.
    static func exit(code: Int, seconds: Int, number: Int) -> [UInt8] {
        record(number, exit) { writer in
            writer.integer(field: 1, code)
            writer.integer(field: 2, seconds)
        }
    }

    private static func record(_ number: Int, _ field: UInt8, _ write: (inout WireWriter) -> Void) -> [UInt8] {
        var writer = WireWriter()
        writer.integer(field: Self.number, number)
        writer.message(field: field, write)
        return writer.bytes
    }

    private static func append(_ item: Item, field: UInt8, nameField: UInt8, to writer: inout WireWriter) {
        writer.message(field: field) { part in
            part.text(field: nameField, item.key)
            part.text(field: 16, item.value.text())
        }
    }

    // MARK: Reading

    /// What a row of history says of itself: its number, its metrics' names, and the step that they belong to.
    ///
    /// - Returns: nil for a record that is no row of history.
    /// - Throws: `ShardError` for bytes that are no message.
    static func outline(
        of record: UnsafeRawBufferPointer
    ) throws(ShardError) -> (row: Int, step: Int, names: [String])? {
        var reader = WireReader(record)
        while let (number, type) = try reader.field() {
            guard number == UInt64(history), type == .delimited else {
                try reader.skip(type)
                continue
            }
            var message = try reader.message()
            var outline = (row: 0, step: 0, names: [String]())
            while let (number, type) = try message.field() {
                switch (number, type) {
                case (1, .delimited):
                    var item = try message.message()
                    let (name, value) = try text(of: &item)
                    outline.names.append(name)
                    if name == WandBTracker.stepName { outline.step = Int(value) ?? 0 }
                case (2, .delimited):
                    var step = try message.message()
                    while let (_, type) = try step.field() {
                        if type == .varint {
                            outline.row = Int(Int64(bitPattern: try step.varint()))
                        } else {
                            try step.skip(type)
                        }
                    }
                default: try message.skip(type)
                }
            }
            return outline
        }
        return nil
    }

    private static func text(of item: inout WireReader) throws(ShardError) -> (name: String, value: String) {
        var (name, value) = ("", "")
        while let (number, type) = try item.field() {
            switch (number, type) {
            case (1, .delimited), (2, .delimited): name = String(decoding: try item.delimited(), as: UTF8.self)
            case (16, .delimited): value = String(decoding: try item.delimited(), as: UTF8.self)
            default: try item.skip(type)
            }
        }
        return (name, value)
    }
}

extension JSONValue {
    /// The value of a configuration's key: a number, truth or nothing where it is one, otherwise a text.
    init(parameter text: String) {
        if let value = Int64(text) {
            self = .integer(value)
        } else if let value = Double(text), value.isFinite {
            self = .number(value)
        } else {
            self =
                switch text {
                case "true": .bool(true)
                case "false": .bool(false)
                case "null": .null
                default: .string(text)
                }
        }
    }
}
