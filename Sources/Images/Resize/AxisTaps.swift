/// The integer weights with which one axis of an image is filtered: for each output position a run of input positions.
///
/// Weights have 22 bits behind the point, as Pillow's do.
package struct AxisTaps: Sendable {
    /// Bits behind the binary point of a weight.
    static let fractionBits = 22

    /// First input position of each output position.
    private(set) var starts: [Int32] = []
    /// Number of taps of each output position, at least 1.
    private(set) var counts: [Int32] = []
    /// Weights, `stride` of them set aside for each output position.
    private(set) var weights: [Int32]
    let stride: Int

    /// Output positions.
    var count: Int { starts.count }

    /// The weights of Pillow's BILINEAR filter.
    ///
    /// For output position x: support = max(scale, 1), centre = origin + (x + 0.5) scale, taps from
    /// `max(low, int(centre - support + 0.5))` up to `min(high, int(centre + support + 0.5))`, each weighted by the
    /// triangle `1 - |(tap - centre + 0.5) / support|`, normalised to sum 1 and rounded to 22 bits.
    /// Source: Pillow 13.0.0, `src/libImaging/Resample.c`, `precompute_coeffs` and `normalize_coeffs_8bpc`.
    /// - Parameters:
    ///   - input: positions along the axis that may be read; not empty, at or above 0.
    ///   - origin: where the output's edge lies on the input's axis.
    ///   - scale: input positions per output position, above 0.
    ///   - output: positions after, at least 1; their centres lie in `input`.
    package init(input: Range<Int>, origin: Double, scale: Double, output: Int) {
        let support = max(scale, 1)
        stride = Int(support.rounded(.up)) * 2 + 1
        weights = [Int32](repeating: 0, count: output * stride)
        starts.reserveCapacity(output)
        counts.reserveCapacity(output)
        var triangle = [Double](repeating: 0, count: stride)
        let inverse = 1 / support
        for position in 0..<output {
            let centre = (Double(position) + 0.5) * scale + origin
            let start = min(input.upperBound - 1, max(input.lowerBound, Int(centre - support + 0.5)))
            let count = max(1, min(input.upperBound, Int(centre + support + 0.5)) - start)
            var sum = 0.0
            for tap in 0..<count {
                let distance = abs((Double(tap + start) - centre + 0.5) * inverse)
                triangle[tap] = distance < 1 ? 1 - distance : 0
                sum += triangle[tap]
            }
            if sum == 0 {
                triangle[0] = 1
                sum = 1
            }
            for tap in 0..<count {
                let share = triangle[tap] / sum
                weights[position * stride + tap] = Int32(0.5 + share * Double(1 << Self.fractionBits))
            }
            starts.append(Int32(start))
            counts.append(Int32(count))
        }
    }

    /// The weights of Pillow's BILINEAR filter for a whole axis of `input` positions brought to `output`.
    package init(input: Int, output: Int) {
        self.init(input: 0..<input, origin: 0, scale: Double(input) / Double(output), output: output)
    }

    /// A filter of an odd number of weights, centred on each position; what lies outside is mirrored at the middle of the
    /// first and the last position (OpenCV's BORDER_REFLECT_101).
    /// - Parameters:
    ///   - filter: sums to 1.
    ///   - length: positions along the axis, before and after.
    package init(filter: [Double], length: Int) {
        precondition(filter.count % 2 == 1 && length > 0, "a filter of \(filter.count) weights on \(length) positions")
        let reach = filter.count / 2
        stride = min(filter.count, length)
        weights = [Int32](repeating: 0, count: length * stride)
        starts.reserveCapacity(length)
        counts.reserveCapacity(length)
        var sums = [Double](repeating: 0, count: stride)
        for position in 0..<length {
            let start = min(max(0, position - reach), length - stride)
            for tap in sums.indices { sums[tap] = 0 }
            for (tap, weight) in filter.enumerated() {
                let place = Self.reflected(position + tap - reach, length: length) - start
                // A mirrored place lies within the reach of the position, so within the taps.
                sums[min(stride - 1, max(0, place))] += weight
            }
            for (tap, sum) in sums.enumerated() {
                weights[position * stride + tap] = Int32((sum * Double(1 << Self.fractionBits)).rounded())
            }
            starts.append(Int32(start))
            counts.append(Int32(stride))
        }
    }

    /// The most taps of any output position.
    var tapCount: Int { Int(counts.max() ?? 1) }

    /// The weights as lines across take them: [taps, 3 count], each three times, for each byte of a pixel; 0 where a
    /// position has fewer taps.
    var weightsAcross: [Int32] {
        let (taps, bytes) = (tapCount, 3 * count)
        var result = [Int32](repeating: 0, count: taps * bytes)
        for position in 0..<count {
            for tap in 0..<Int(counts[position]) {
                let weight = weights[position * stride + tap]
                for channel in 0..<3 { result[tap * bytes + 3 * position + channel] = weight }
            }
        }
        return result
    }

    /// A position outside of 0..<length mirrored into it, at the middles of the outermost positions.
    static func reflected(_ position: Int, length: Int) -> Int {
        if length == 1 { return 0 }
        let period = 2 * (length - 1)
        let place = ((position % period) + period) % period
        return place < length ? place : period - place
    }
}
