/// 64-bit hashes, and which of them are near another.
///
/// The bits are cut into one band more than bits may differ: of two near hashes, at least one band is then equal, so only
/// hashes that share a band are compared.
package struct NearHashes {
    private let distance: Int
    private let bands: [Range<Int>]
    private var hashes: [UInt64] = []
    private var members: [[UInt64: [Int32]]]
    /// From this many bands on they are so short that all hashes are compared.
    private static let maximumBands = 16

    /// - Parameter distance: bits in which near hashes may differ, 0...64.
    package init(distance: Int) {
        self.distance = distance
        let count = distance + 1
        bands = count > Self.maximumBands ? [] : (0..<count).map { 64 * $0 / count..<64 * ($0 + 1) / count }
        members = Array(repeating: [:], count: bands.count)
    }

    /// The number of the first hash that is near, or nil.
    package func first(near hash: UInt64) -> Int? {
        guard !bands.isEmpty else { return hashes.firstIndex { ($0 ^ hash).nonzeroBitCount <= distance } }
        var best: Int32?
        for (band, bits) in bands.enumerated() {
            // Members are in ascending order.
            for member in members[band][Self.part(hash, bits)] ?? [] where member < best ?? .max {
                if (hashes[Int(member)] ^ hash).nonzeroBitCount <= distance {
                    best = member
                    break
                }
            }
        }
        return best.map(Int.init)
    }

    /// Adds a hash, whose number is how many were there before.
    package mutating func add(_ hash: UInt64) {
        for (band, bits) in bands.enumerated() {
            members[band][Self.part(hash, bits), default: []].append(Int32(hashes.count))
        }
        hashes.append(hash)
    }

    private static func part(_ hash: UInt64, _ bits: Range<Int>) -> UInt64 {
        hash >> UInt64(bits.lowerBound) & (bits.count == 64 ? .max : (1 << UInt64(bits.count)) - 1)
    }
}
