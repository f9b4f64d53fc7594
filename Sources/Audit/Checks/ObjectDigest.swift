internal import Masks

/// 64-bit digests of what was drawn. Equal things have equal digests; different ones practically never.
enum ObjectDigest {
    static func of(_ mask: RLE) -> UInt64 {
        var hash = mix(UInt64(mask.height) << 32 ^ UInt64(mask.width) ^ 0x6d61_736b)
        for count in mask.counts { hash = mix(hash ^ UInt64(count)) }
        return hash
    }

    static func of(_ box: Box) -> UInt64 {
        var hash: UInt64 = 0x626f_78
        for value in [box.x, box.y, box.width, box.height] { hash = mix(hash ^ value.bitPattern) }
        return hash
    }

    static func of(_ text: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0x7465_7874
        for byte in text { hash = mix(hash ^ UInt64(byte)) }
        return hash
    }

    /// The digest of something in a place, such as an object in an image.
    static func combined(_ digest: UInt64, with place: Int) -> UInt64 {
        mix(digest ^ mix(UInt64(truncatingIfNeeded: place)))
    }

    /// SplitMix64's step: a bijection that spreads every bit.
    @inline(__always)
    private static func mix(_ word: UInt64) -> UInt64 {
        var z = word &+ 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
