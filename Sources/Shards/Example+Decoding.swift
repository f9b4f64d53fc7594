private import Runtime

extension Example {
    /// Reads a message as protobuf does: numbers packed or not, unknown fields skipped, a later value of a key or
    /// another kind of list replaces the earlier one.
    ///
    /// - Throws: `ShardError.example` with the byte offset in `payload`.
    package init(decoding payload: UnsafeRawBufferPointer) throws(ShardError) {
        self.init()
        var message = WireReader(payload)
        while let field = try message.field() {
            guard field.number == ExampleField.features, field.type == .delimited else {
                try message.skip(field.type)
                continue
            }
            var list = try message.message()
            while let field = try list.field() {
                guard field.number == ExampleField.entry, field.type == .delimited else {
                    try list.skip(field.type)
                    continue
                }
                var entry = try list.message()
                try addEntry(&entry)
            }
        }
    }

    private mutating func addEntry(_ entry: inout WireReader) throws(ShardError) {
        var key = ""
        var lists = FeatureLists()
        while let field = try entry.field() {
            switch (field.number, field.type) {
            case (UInt64(ExampleField.key), .delimited):
                let name = try entry.delimited()
                guard let text = String(validating: name, as: UTF8.self) else {
                    throw entry.failure("a key is not UTF-8")
                }
                key = text
            case (UInt64(ExampleField.value), .delimited):
                var message = try entry.message()
                try lists.merge(&message)
            default:
                try entry.skip(field.type)
            }
        }
        features[key] = lists.feature
    }
}

/// The lists of one feature while it is read; kept apart so that each grows in place and a hostile record of many
/// one-value lists stays linear.
private struct FeatureLists {
    /// The kind of list seen last, which is the one that counts.
    private var last: UInt8?
    private var bytes: [[UInt8]] = []
    private var floats: [Float] = []
    private var integers: [Int64] = []

    var feature: Example.Feature? {
        switch last {
        case ExampleField.bytesList: .bytes(bytes)
        case ExampleField.floatList: .floats(floats)
        case ExampleField.integerList: .integers(integers)
        default: nil
        }
    }

    mutating func merge(_ message: inout WireReader) throws(ShardError) {
        while let field = try message.field() {
            guard field.type == .delimited, (1...3).contains(field.number) else {
                try message.skip(field.type)
                continue
            }
            let kind = UInt8(field.number)
            if kind != last {
                (bytes, floats, integers) = ([], [], [])
                last = kind
            }
            var list = try message.message()
            switch kind {
            case ExampleField.bytesList: try readBytes(&list)
            case ExampleField.floatList: try readFloats(&list)
            default: try readIntegers(&list)
            }
        }
    }

    private mutating func readBytes(_ list: inout WireReader) throws(ShardError) {
        while let field = try list.field() {
            guard field.number == ExampleField.values, field.type == .delimited else {
                try list.skip(field.type)
                continue
            }
            bytes.append(Array(try list.delimited()))
        }
    }

    private mutating func readFloats(_ list: inout WireReader) throws(ShardError) {
        while let field = try list.field() {
            switch (field.number, field.type) {
            case (UInt64(ExampleField.values), .delimited):
                var packed = try list.message()
                while !packed.isAtEnd { floats.append(Float(bitPattern: try packed.fixed32())) }
            case (UInt64(ExampleField.values), .fixed32):
                floats.append(Float(bitPattern: try list.fixed32()))
            default:
                try list.skip(field.type)
            }
        }
    }

    private mutating func readIntegers(_ list: inout WireReader) throws(ShardError) {
        while let field = try list.field() {
            switch (field.number, field.type) {
            case (UInt64(ExampleField.values), .delimited):
                var packed = try list.message()
                while !packed.isAtEnd { integers.append(Int64(bitPattern: try packed.varint())) }
            case (UInt64(ExampleField.values), .varint):
                integers.append(Int64(bitPattern: try list.varint()))
            default:
                try list.skip(field.type)
            }
        }
    }
}
