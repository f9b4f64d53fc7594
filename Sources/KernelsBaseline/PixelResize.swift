internal import KernelABI

/// One half, so that dropping the fraction of 22 bits rounds.
private let half: Int32 = 1 << 21

/// Weights are rounded one by one, so many of them can add up to a little over 1.
@inline(always) private func byte(_ sum: Int32) -> UInt8 {
    let value = sum &>> 22
    return UInt8(truncatingIfNeeded: value > 255 ? 255 : value)
}

/// Brings the pixels of one tap side by side: four bytes are stored of three, the next pixel over the last of them.
@inline(always) private func gather(
    _ source: ByteInput, _ starts: UnsafePointer<Int32>, _ tap: Int, _ count: Int, _ target: ByteOutput
) {
    let from = UnsafeRawPointer(source + 3 &* tap)
    let to = UnsafeMutableRawPointer(target)
    for position in 0..<count {
        let word = (from + 3 &* Int(starts[position])).loadUnaligned(as: UInt32.self)
        to.storeBytes(of: word, toByteOffset: 3 &* position, as: UInt32.self)
    }
}

@inline(never) func resampleLine(
    _ source: ByteInput, _ starts: UnsafePointer<Int32>, _ weights: UnsafePointer<Int32>, _ taps: Int, _ count: Int,
    _ scratch: ByteOutput, _ sums: UnsafeMutablePointer<Int32>, _ output: ByteOutput
) {
    let bytes = 3 &* count
    if taps <= 2 {
        // What enlarges has no more taps: both at once, without sums in memory.
        let second = scratch + (bytes &+ 4)
        gather(source, starts, 0, count, scratch)
        gather(source, starts, taps &- 1, count, second)
        if taps == 1 {
            for index in 0..<bytes { output[index] = byte(half &+ Int32(scratch[index]) &* weights[index]) }
            return
        }
        let others = weights + bytes
        for index in 0..<bytes {
            let sum = Int32(scratch[index]) &* weights[index] &+ Int32(second[index]) &* others[index]
            output[index] = byte(half &+ sum)
        }
        return
    }
    for index in 0..<bytes { sums[index] = half }
    for tap in 0..<taps {
        gather(source, starts, tap, count, scratch)
        let shares = weights + tap &* bytes
        for index in 0..<bytes { sums[index] = sums[index] &+ Int32(scratch[index]) &* shares[index] }
    }
    for index in 0..<bytes { output[index] = byte(sums[index]) }
}

@inline(never) func blendByteLines(
    _ source: ByteInput, _ stride: Int, _ weights: UnsafePointer<Int32>, _ lines: Int, _ count: Int,
    _ output: ByteOutput
) {
    switch lines {
    case 1:
        let first = weights[0]
        for column in 0..<count { output[column] = byte(half &+ Int32(source[column]) &* first) }
    case 2:
        let (first, second) = (weights[0], weights[1])
        let below = source + stride
        for column in 0..<count {
            output[column] = byte(half &+ Int32(source[column]) &* first &+ Int32(below[column]) &* second)
        }
    default:
        // In pieces whose sums stay in the nearest cache.
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 512) { buffer in
            let sums = buffer.baseAddress.unsafelyUnwrapped
            var start = 0
            while start < count {
                let length = count &- start < 512 ? count &- start : 512
                for column in 0..<length { sums[column] = half }
                for line in 0..<lines {
                    let weight = weights[line]
                    let offset = line &* stride &+ start
                    let row = source + offset
                    for column in 0..<length { sums[column] = sums[column] &+ Int32(row[column]) &* weight }
                }
                let target = output + start
                for column in 0..<length { target[column] = byte(sums[column]) }
                start &+= length
            }
        }
    }
}
