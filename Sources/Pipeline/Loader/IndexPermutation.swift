internal import Runtime

/// A permutation of 0 ..< count, each place computed when it is asked for: of a large one nothing is kept but its keys.
///
/// Small ones are tables. Large ones are a balanced Feistel network over the next power of four, walked until it comes back
/// below `count`. Source: Black, Rogaway, "Ciphers with Arbitrary Finite Domains", CT-RSA 2002.
struct IndexPermutation: Sendable {
    private enum Form {
        case table([Int])
        /// Bits of each half, and the key of each round.
        case network(bits: Int, keys: [UInt64])
    }

    private let count: Int
    private let form: Form

    /// Up to so many places a table costs little, and every permutation is as likely as any other.
    static let largestTable = 1 << 16
    private static let rounds = 8

    /// - Parameters:
    ///   - count: 0 or more.
    ///   - random: drawn from for the permutation.
    init(count: Int, random: inout CounterRandom) {
        precondition(count >= 0, "a permutation of \(count)")
        self.count = count
        if count <= Self.largestTable {
            form = .table(random.permutation(count))
        } else {
            let needed = Int.bitWidth - (count - 1).leadingZeroBitCount
            form = .network(bits: (needed + 1) / 2, keys: (0..<Self.rounds).map { _ in random.next() })
        }
    }

    /// Where the permutation takes a place.
    subscript(place: Int) -> Int {
        precondition((0..<count).contains(place), "place \(place) of \(count)")
        switch form {
        case .table(let table): return table[place]
        case .network(let bits, let keys):
            let mask = (UInt64(1) << UInt64(bits)) - 1
            var value = UInt64(place)
            repeat {
                var (left, right) = (value >> UInt64(bits), value & mask)
                for key in keys { (left, right) = (right, left ^ (Self.mix(right ^ key) & mask)) }
                value = left << UInt64(bits) | right
            } while value >= UInt64(count)
            return Int(value)
        }
    }

    /// SplitMix64's finaliser: every bit of the word moves about half of the result's.
    private static func mix(_ word: UInt64) -> UInt64 {
        var z = word
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
