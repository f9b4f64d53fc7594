package import Runtime

/// How shards on a web server are read.
package struct RemoteReading: Sendable, Hashable {
    package var patience: HTTPPatience
    /// Bytes that are fetched at once where records are read one after the other.
    package var blockBytes: Int
    /// The most bytes that are kept of what was fetched ahead.
    package var cacheBytes: Int

    package init(
        patience: HTTPPatience = HTTPPatience(), blockBytes: Int = 2 << 20, cacheBytes: Int = 256 << 20
    ) {
        precondition(blockBytes >= 1 && cacheBytes >= blockBytes, "blocks of \(blockBytes) bytes in \(cacheBytes)")
        self.patience = patience
        self.blockBytes = blockBytes
        self.cacheBytes = cacheBytes
    }
}
