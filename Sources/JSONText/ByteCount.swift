/// Counts one byte value in a text.
enum ByteCount {
    /// How often `byte` occurs in `count` bytes from `start`.
    ///
    /// Eight bytes at a time: a byte that equals has its top bit set in `equal`, and up to 255 such bits are added up in
    /// each byte of `sums` before they are put together.
    static func of(_ byte: UInt8, in start: UnsafePointer<UInt8>, count: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let low: UInt64 = 0x7f7f_7f7f_7f7f_7f7f
        let pattern = ones &* UInt64(byte)
        var total = 0
        var index = 0
        while index &+ 8 <= count {
            var sums: UInt64 = 0
            let stop = min(count &- 7, index &+ 255 &* 8)
            while index < stop {
                let word = UnsafeRawPointer(start + index).loadUnaligned(as: UInt64.self) ^ pattern
                let equal = ~(((word & low) &+ low) | word | low)
                sums &+= equal >> 7
                index &+= 8
            }
            let pairs = (sums & 0x00ff_00ff_00ff_00ff) &+ (sums >> 8 & 0x00ff_00ff_00ff_00ff)
            total &+= Int((pairs &* 0x0001_0001_0001_0001) >> 48)
        }
        while index < count {
            if start[index] == byte { total &+= 1 }
            index &+= 1
        }
        return total
    }
}
