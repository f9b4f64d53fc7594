internal import Runtime
internal import Shards
private import Synchronization

/// The files of a cache: records of embeddings in TFRecord shards, found by their address.
///
/// Any number of threads and processes read; each process that adds does so to a file of its own, locked meanwhile. Records
/// are found by their headers, without reading the numbers; these are verified whenever they are read. A record that is
/// damaged, or cut off by a kill, is as good as absent: it is remarked, computed again and added once more.
package final class EmbeddingStore: Sendable {
    package let folder: String

    /// Bytes from which on a file is not added to any more.
    private static let fullBytes = 1 << 30

    private struct Entry {
        let file: RandomAccessFile
        let range: Range<Int>
        let encoder: String
    }

    /// The file that this process adds to, and the same for reading.
    private struct OpenFile {
        let records: RecordAppender
        let file: RandomAccessFile

        var isFull: Bool { records.index.fileBytes >= EmbeddingStore.fullBytes }
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var appender: OpenFile?
        var isClosed = false
        var remarks: [String] = []
    }

    private let state: Mutex<State>

    /// Opens a folder's cache; the folder is made when the first entry is added.
    ///
    /// - Throws: `FileError` or `ShardError` when files that are there cannot be read.
    package init(folder: String) throws {
        self.folder = folder
        var state = State()
        for name in FileSystem.exists(folder) ? try FileSystem.list(folder) : [] where Self.number(of: name) != nil {
            let file = try RandomAccessFile(path: FileSystem.join(folder, name))
            let scan = try RecordScan(file)
            if let damage = scan.damage { state.remarks.append(Self.remark(damage, file: file, whole: scan.index)) }
            for record in 0..<scan.index.count {
                let range = scan.index.range(of: record)
                let head = try RecordScan.read(file, range.prefix(EmbeddingRecord.headBytes))
                guard let (key, encoder) = Self.address(head) else { continue }
                state.entries[key] = Entry(file: file, range: range, encoder: encoder)
            }
        }
        self.state = Mutex(state)
    }

    /// How many entries there are of an encoder's frozen part; see ``EmbeddingKey``.
    func count(of encoder: String) -> Int {
        state.withLock { state in state.entries.values.count { $0.encoder == encoder } }
    }

    /// Whether entries can still be added; false once that has failed.
    package var isWritable: Bool { state.withLock { !$0.isClosed } }

    /// What became known since the last call and somebody should be told: damage, and a full disk.
    package func takeRemarks() -> [String] {
        state.withLock { state in
            defer { state.remarks = [] }
            return state.remarks
        }
    }

    /// Reads an entry.
    ///
    /// - Returns: what `body` makes of its payload; nil when there is none, or none that is sound.
    func read<Result>(
        _ key: EmbeddingKey, _ body: (UnsafeRawBufferPointer) throws(ShardError) -> Result
    ) -> Result? {
        guard let entry = state.withLock({ $0.entries[key.digest] }) else { return nil }
        do throws(ShardError) {
            let bytes = try RecordScan.read(entry.file, entry.range)
            return try bytes.withBytes { frame throws(ShardError) in
                guard try RecordFraming.recordBytes(in: frame, at: 0) == frame.count else {
                    throw ShardError(.checksum, "the record is of another length")
                }
                return try body(try RecordFraming.payload(of: frame))
            }
        } catch {
            let place = "\(entry.file.path), byte \(entry.range.lowerBound)"
            state.withLock { state in
                state.entries[key.digest] = nil
                state.remarks.append("\(place): \(error.message); the embedding is computed again")
            }
            return nil
        }
    }

    /// Adds an entry. When that fails, as on a full disk, it is remarked, and nothing more is added.
    ///
    /// - Returns: whether it is there now.
    @discardableResult
    func add(_ record: EmbeddingRecord, format: CacheFormat) -> Bool {
        let payload = record.payload(format: format)
        return state.withLock { state in
            if state.isClosed { return false }
            do {
                let open = try appender(&state)
                let range = try open.records.append(payload)
                state.entries[record.key.digest] = Entry(file: open.file, range: range, encoder: record.key.encoder)
                return true
            } catch {
                state.isClosed = true
                state.appender = nil
                state.remarks.append("the cache is not added to any more: \(error)")
                return false
            }
        }
    }

    // MARK: Files

    /// The file in progress, or the next one that nobody else adds to.
    private func appender(_ state: inout State) throws -> OpenFile {
        if let open = state.appender, !open.isFull { return open }
        state.appender = nil
        try FileSystem.createDirectory(folder)
        var number = try FileSystem.list(folder).compactMap(Self.number).max() ?? 0
        while true {
            if let open = try Self.open(FileSystem.join(folder, Self.name(number))), !open.isFull {
                state.appender = open
                return open
            }
            number += 1
        }
    }

    /// Opens a file to add to it; nil when somebody else does, and for a damaged file, which stays as it is.
    private static func open(_ path: String) throws -> OpenFile? {
        do {
            guard let records = try RecordAppender(path: path) else { return nil }
            return OpenFile(records: records, file: try RandomAccessFile(path: path))
        } catch let error as ShardError {
            if error.code == .checksum { return nil }
            throw error
        }
    }

    private static let (prefix, suffix) = ("embeddings-", ".tfrecord")

    private static func name(_ number: Int) -> String {
        let digits = String(number)
        return prefix + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + suffix
    }

    /// The number of one of the cache's files; nil for others, which are let alone.
    private static func number(of name: String) -> Int? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix),
            let number = Int(name.dropFirst(prefix.count).dropLast(suffix.count)), (0..<1_000_000).contains(number)
        else { return nil }
        return self.name(number) == name ? number : nil
    }

    /// What the beginning of a record says of its address; nil for records of something else.
    private static func address(_ head: [UInt8]) -> (key: String, encoder: String)? {
        head.withUnsafeBytes { bytes in
            guard bytes.count > RecordFraming.headerBytes,
                let view = try? ExampleView(
                    UnsafeRawBufferPointer(rebasing: bytes[RecordFraming.headerBytes...]), isPart: true),
                let key = try? view.text(EmbeddingRecord.Key.key), key.utf8.count == 64,
                let encoder = try? view.text(EmbeddingRecord.Key.encoder)
            else { return nil }
            return (key, encoder)
        }
    }

    private static func remark(_ damage: ShardError, file: RandomAccessFile, whole: RecordIndex) -> String {
        let lost = file.count - whole.fileBytes
        return damage.code == .truncated
            ? "\(file.path): a record at its end was never finished (\(lost) bytes); it is left out"
            : "\(file.path): \(damage.message); its last \(lost) bytes are left out, and what they held is computed again"
    }
}
