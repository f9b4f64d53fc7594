private import Foundation

/// What a random draw is for; draws for different purposes never share a stream.
package struct RandomPurpose: Sendable, Hashable {
    package let value: UInt64
    package init(_ name: StaticString) {
        // FNV-1a over the name: stable between runs and machines, unlike `Hasher`.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        name.withUTF8Buffer { for byte in $0 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 } }
        value = hash
    }
}

/// Counter-based random numbers: Philox 4x32-10 keyed by (seed, epoch, sample, purpose).
///
/// The n-th draw is a pure function of key and n, so augmentation and prompts are the same whatever the thread, rank
/// or order. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
package struct CounterRandom: RandomNumberGenerator, Sendable {
    private let key: (UInt32, UInt32)
    private let stream: (UInt32, UInt32)
    private var counter: UInt64 = 0
    private var pending: UInt64?

    /// - Parameters:
    ///   - seed: the run's seed.
    ///   - epoch: pass over the data, from 0.
    ///   - sample: id of the sample (or step) that the draw belongs to.
    ///   - purpose: what the draw is for.
    package init(seed: UInt64, epoch: UInt64 = 0, sample: UInt64 = 0, purpose: RandomPurpose) {
        // The four words are mixed to 64 bits of key and 64 bits of stream; SplitMix64's finaliser is a bijection,
        // so keys that differ in one word only never collide.
        let keyWord = Self.mix(Self.mix(seed) ^ purpose.value)
        let streamWord = Self.mix(Self.mix(epoch &+ 0x9e37_79b9_7f4a_7c15) ^ sample)
        key = (UInt32(truncatingIfNeeded: keyWord), UInt32(truncatingIfNeeded: keyWord >> 32))
        stream = (UInt32(truncatingIfNeeded: streamWord), UInt32(truncatingIfNeeded: streamWord >> 32))
    }

    private static func mix(_ word: UInt64) -> UInt64 {
        var z = word
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Philox 4x32 with ten rounds.
    package static func philox(
        counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        var (c0, c1, c2, c3) = counter
        var (k0, k1) = key
        for _ in 0..<10 {
            let a = UInt64(c0) * 0xd251_1f53
            let b = UInt64(c2) * 0xcd9e_8d57
            (c0, c1, c2, c3) = (
                UInt32(b >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: b), UInt32(a >> 32) ^ c3 ^ k1,
                UInt32(truncatingIfNeeded: a)
            )
            k0 = k0 &+ 0x9e37_79b9
            k1 = k1 &+ 0xbb67_ae85
        }
        return (c0, c1, c2, c3)
    }

    package mutating func next() -> UInt64 {
        if let word = pending {
            pending = nil
            return word
        }
        let block = Self.philox(
            counter: (UInt32(truncatingIfNeeded: counter), UInt32(counter >> 32), stream.0, stream.1), key: key)
        counter += 1
        pending = UInt64(block.2) | UInt64(block.3) << 32
        return UInt64(block.0) | UInt64(block.1) << 32
    }

    /// A uniform number in 0 ..< 1 with 53 random bits.
    package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A uniform number in `range`.
    package mutating func uniform(_ range: Range<Double>) -> Double {
        range.lowerBound + uniform() * (range.upperBound - range.lowerBound)
    }

    /// A uniform integer in `0..<bound`; `bound` at least 1.
    package mutating func index(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    /// A number from the normal distribution (mean 0, deviation 1), by Box and Muller.
    package mutating func normal() -> Double {
        let radius = (-2 * Foundation.log(1 - uniform())).squareRoot()
        return radius * Foundation.cos(2 * .pi * uniform())
    }

    /// A permutation of `0..<count`, by Fisher and Yates.
    package mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        order.shuffle(using: &self)
        return order
    }
}
