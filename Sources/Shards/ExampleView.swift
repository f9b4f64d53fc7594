private import Runtime

/// An Example where it lies in memory: values are looked up without a copy of the others.
///
/// For records with one large value beside small ones. The bytes may be the beginning of a record alone; what lies
/// behind them is then not found. Valid as long as the bytes are.
package struct ExampleView {
    /// The lists' messages by key.
    private let entries: [String: WireReader]

    /// - Parameters:
    ///   - payload: of a record, or its beginning.
    ///   - isPart: whether bytes that end too early are no error.
    /// - Throws: `ShardError.example` with the byte offset in `payload`.
    package init(_ payload: UnsafeRawBufferPointer, isPart: Bool = false) throws(ShardError) {
        var entries: [String: WireReader] = [:]
        do throws(ShardError) {
            var message = WireReader(payload)
            while let field = try message.field() {
                guard field.number == ExampleField.features, field.type == .delimited else {
                    try message.skip(field.type)
                    continue
                }
                var list = try message.message(isPart: isPart)
                while let field = try list.field() {
                    guard field.number == ExampleField.entry, field.type == .delimited else {
                        try list.skip(field.type)
                        continue
                    }
                    var entry = try list.message()
                    if let (key, feature) = try Self.feature(&entry) { entries[key] = feature }
                }
            }
        } catch {
            if !isPart { throw error }
        }
        self.entries = entries
    }

    private static func feature(_ entry: inout WireReader) throws(ShardError) -> (key: String, list: WireReader)? {
        var key = ""
        var feature: WireReader?
        while let field = try entry.field() {
            switch (field.number, field.type) {
            case (UInt64(ExampleField.key), .delimited):
                guard let text = String(validating: try entry.delimited(), as: UTF8.self) else {
                    throw entry.failure("a key is not UTF-8")
                }
                key = text
            case (UInt64(ExampleField.value), .delimited): feature = try entry.message()
            default: try entry.skip(field.type)
            }
        }
        return feature.map { (key, $0) }
    }

    /// The values of a bytes list, in place; nil when the key is absent or holds another kind of list.
    package func bytes(_ key: String) throws(ShardError) -> [UnsafeRawBufferPointer]? {
        guard var list = try list(key, kind: ExampleField.bytesList) else { return nil }
        var values: [UnsafeRawBufferPointer] = []
        while let field = try list.field() {
            if field.number == ExampleField.values, field.type == .delimited {
                values.append(try list.delimited())
            } else {
                try list.skip(field.type)
            }
        }
        return values
    }

    /// The one value of a key as UTF-8 text, or nil.
    package func text(_ key: String) throws(ShardError) -> String? {
        guard let values = try bytes(key), values.count == 1 else { return nil }
        return String(validating: values[0], as: UTF8.self)
    }

    /// The values of a list of integers, at most `limit`; nil when the key is absent or holds another kind of list.
    package func integers(_ key: String, limit: Int = 64) throws(ShardError) -> [Int64]? {
        guard var list = try list(key, kind: ExampleField.integerList) else { return nil }
        var values: [Int64] = []
        while values.count < limit, let field = try list.field() {
            switch (field.number, field.type) {
            case (UInt64(ExampleField.values), .delimited):
                var packed = try list.message()
                while values.count < limit, !packed.isAtEnd { values.append(Int64(bitPattern: try packed.varint())) }
            case (UInt64(ExampleField.values), .varint): values.append(Int64(bitPattern: try list.varint()))
            default: try list.skip(field.type)
            }
        }
        return values
    }

    /// The last list of one kind in a key's feature.
    private func list(_ key: String, kind: UInt8) throws(ShardError) -> WireReader? {
        guard var feature = entries[key] else { return nil }
        var found: WireReader?
        while let field = try feature.field() {
            if field.number == UInt64(kind), field.type == .delimited {
                found = try feature.message()
            } else {
                try feature.skip(field.type)
            }
        }
        return found
    }
}
