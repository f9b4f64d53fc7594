private import Foundation

/// Blocks of files far away, the latest used of them, up to so many bytes.
///
/// Two threads that want the same block fetch it once. A failed fetch leaves nothing behind.
///
/// `@unchecked Sendable`: everything that changes is touched only with `condition` locked.
final class BlockCache: @unchecked Sendable {
    /// A block of a file.
    struct Key: Hashable {
        let file: Int
        let index: Int
    }

    private struct Entry {
        let bytes: [UInt8]
        var lastUse: UInt64
    }

    /// Bytes of a block; a file's last one may be shorter.
    let blockBytes: Int
    /// The most bytes that are kept.
    let capacity: Int
    private let condition = NSCondition()
    private var entries: [Key: Entry] = [:]
    private var pending: Set<Key> = []
    private var uses: UInt64 = 0
    private var heldBytes = 0

    init(blockBytes: Int, capacity: Int) {
        precondition(blockBytes >= 1 && capacity >= blockBytes, "blocks of \(blockBytes) bytes in \(capacity)")
        self.blockBytes = blockBytes
        self.capacity = capacity
    }

    /// A block: the one that is kept, or what `fetch` brings.
    func block(_ key: Key, fetch: () throws(ShardError) -> [UInt8]) throws(ShardError) -> [UInt8] {
        condition.lock()
        while true {
            if let entry = entries[key] {
                uses += 1
                entries[key]?.lastUse = uses
                condition.unlock()
                return entry.bytes
            }
            if pending.insert(key).inserted { break }
            condition.wait()
        }
        condition.unlock()
        let outcome = Result { () throws(ShardError) in try fetch() }
        condition.lock()
        pending.remove(key)
        if case .success(let bytes) = outcome { keep(bytes, as: key) }
        condition.broadcast()
        condition.unlock()
        return try outcome.get()
    }

    /// How many bytes are kept now.
    var keptBytes: Int {
        condition.lock()
        defer { condition.unlock() }
        return heldBytes
    }

    private func keep(_ bytes: [UInt8], as key: Key) {
        uses += 1
        entries[key] = Entry(bytes: bytes, lastUse: uses)
        heldBytes += bytes.count
        while heldBytes > capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
            heldBytes -= oldest.value.bytes.count
        }
    }
}
