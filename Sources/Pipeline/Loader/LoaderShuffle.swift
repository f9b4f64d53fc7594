/// In what order a loader takes the samples of an epoch.
package enum LoaderShuffle: Sendable, Hashable, CustomStringConvertible {
    /// The set's own order.
    case none
    /// A new permutation of all samples each epoch.
    case global
    /// Shards in a new order each epoch, and within it a permutation of each so many samples in a row: reads stay within a
    /// stretch of one shard after the other, as disks and networks like it.
    case window(Int)

    /// - Parameter text: `none`, `global` or `window=N`.
    package init?(_ text: String) {
        switch text {
        case "none": self = .none
        case "global": self = .global
        default:
            guard text.hasPrefix("window="), let count = Int(text.dropFirst("window=".count)),
                (2...1_000_000_000).contains(count)
            else { return nil }
            self = .window(count)
        }
    }

    package var description: String {
        switch self {
        case .none: "none"
        case .global: "global"
        case .window(let count): "window=\(count)"
        }
    }
}
