/// Counts one byte value in a text.
enum ByteCount {
    private typealias Block = SIMD16<UInt8>

    /// How often `byte` occurs in `count` bytes from `start`.
    ///
    /// Sixteen bytes at a time: a comparison gives 255, that is -1, for each byte that equals; up to 255 comparisons are
    /// subtracted in each lane before the lanes are put together.
    static func of(_ byte: UInt8, in start: UnsafePointer<UInt8>, count: Int) -> Int {
        let pattern = Block(repeating: byte)
        var total = 0
        var index = 0
        while index &+ 16 <= count {
            var sums = Block.zero
            let stop = min(count &- 15, index &+ 255 &* 16)
            while index < stop {
                let equal = UnsafeRawPointer(start + index).loadUnaligned(as: Block.self) .== pattern
                sums &-= unsafeBitCast(equal, to: Block.self)
                index &+= 16
            }
            for lane in sums.indices { total &+= Int(sums[lane]) }
        }
        while index < count {
            if start[index] == byte { total &+= 1 }
            index &+= 1
        }
        return total
    }
}
