/// The values nearest to zero among many, without sorting.
enum LowestMagnitudes {
    /// Indices of the `count` values of lowest magnitude, rising; of equal ones the first. What is not a number counts as
    /// infinite.
    static func indices(_ values: UnsafeBufferPointer<Float>, count: Int) -> [Int] {
        precondition(count >= 0 && count <= values.count, "\(count) of \(values.count) values")
        // The bits of magnitudes are in the order of magnitudes: two counts by halves of the bits find the limit.
        func bits(_ value: Float) -> UInt32 { value.bitPattern & 0x7fff_ffff }
        var high = [Int](repeating: 0, count: 1 << 15)
        for value in values { high[Int(bits(value) >> 16)] += 1 }
        var (rest, top) = (count, 0)
        while top < high.count - 1, rest > high[top] {
            rest -= high[top]
            top += 1
        }
        var low = [Int](repeating: 0, count: 1 << 16)
        for value in values where Int(bits(value) >> 16) == top { low[Int(bits(value) & 0xffff)] += 1 }
        var bottom = 0
        while bottom < low.count - 1, rest > low[bottom] {
            rest -= low[bottom]
            bottom += 1
        }
        let limit = UInt32(top) << 16 | UInt32(bottom)
        var indices: [Int] = []
        indices.reserveCapacity(count)
        for (index, value) in values.enumerated() {
            let bits = bits(value)
            if bits < limit {
                indices.append(index)
            } else if bits == limit, rest > 0 {
                indices.append(index)
                rest -= 1
            }
        }
        return indices
    }
}
