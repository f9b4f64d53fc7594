private import JSONText
package import Runtime

/// Reads and writes safetensors files.
package enum SafeTensors {
    /// Reads a file; the tensors' bytes stay in the file, mapped, until they are asked for.
    ///
    /// - Throws: `FileError` when the file cannot be opened; `CheckpointError` when its content is wrong.
    package static func read(_ path: String) throws -> StateDict {
        let file = try MappedFile(path: path, access: .random)
        let header = try file.withBytes { bytes throws(CheckpointError) in try SafeTensorsHeader(bytes, path: path) }
        var state = StateDict()
        state.metadata = header.metadata
        for entry in header.entries {
            let tensor = StateTensor(
                shape: entry.shape, scalarType: entry.scalarType, file: file, range: entry.range)
            state.append(entry.name, tensor)
        }
        return state
    }

    /// Writes a file atomically: the same content gives the same bytes.
    ///
    /// Tensors keep their order, except that wider element types come first, so that each starts at a multiple of its
    /// element's size; metadata is sorted by key, and the header is padded with blanks to a multiple of 8 bytes.
    ///
    /// - Throws: `FileError.write`.
    package static func write(_ state: StateDict, to path: String) throws(FileError) {
        let order = state.entries.enumerated().sorted {
            ($1.element.tensor.scalarType.byteCount, $0.offset) < ($0.element.tensor.scalarType.byteCount, $1.offset)
        }.map(\.element)
        let header = encodeHeader(order, metadata: state.metadata)
        let writer = try AtomicFileWriter(path: path)
        try writer.write(withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) })
        try writer.write(header)
        for entry in order {
            let outcome: Result<Void, FileError> = entry.tensor.withBytes { bytes in
                do throws(FileError) {
                    return .success(try writer.write(bytes))
                } catch {
                    return .failure(error)
                }
            }
            try outcome.get()
            entry.tensor.releasePages()
        }
        try writer.commit()
    }

    private static func encodeHeader(_ entries: [StateDict.Entry], metadata: [String: String]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        if !metadata.isEmpty {
            writer.key("__metadata__")
            writer.beginObject()
            for (key, value) in metadata.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                writer.key(key)
                writer.string(value)
            }
            writer.endObject()
        }
        var offset = 0
        for entry in entries {
            writer.key(entry.name)
            writer.beginObject()
            writer.key("dtype")
            writer.string(entry.tensor.scalarType.rawValue)
            writer.key("shape")
            writer.beginArray()
            for length in entry.tensor.shape { writer.integer(length) }
            writer.endArray()
            writer.key("data_offsets")
            writer.beginArray()
            writer.integer(offset)
            offset += entry.tensor.byteCount
            writer.integer(offset)
            writer.endArray()
            writer.endObject()
        }
        writer.endObject()
        let padding = (8 - writer.bytes.count % 8) % 8
        return writer.bytes + [UInt8](repeating: UInt8(ascii: " "), count: padding)
    }
}
