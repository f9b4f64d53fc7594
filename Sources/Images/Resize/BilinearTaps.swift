/// The integer weights with which one axis of an image is resampled, as Pillow computes them.
///
/// For output position x with `scale = input / output`: support = max(scale, 1), centre = (x + 0.5) scale, taps from
/// `max(0, int(centre - support + 0.5))` up to `min(input, int(centre + support + 0.5))`, each weighted by the triangle
/// `1 - |(tap - centre + 0.5) / support|`, normalised to sum 1 and rounded to 22 bits.
/// Source: Pillow 13.0.0, `src/libImaging/Resample.c`, `precompute_coeffs` and `normalize_coeffs_8bpc`.
struct BilinearTaps: Sendable {
    /// Bits behind the binary point of a weight.
    static let fractionBits = 22

    /// First input position of each output position.
    let starts: [Int]
    /// Number of taps of each output position, at least 1.
    let counts: [Int]
    /// Weights, `stride` of them set aside for each output position.
    let weights: [Int32]
    let stride: Int

    /// - Parameters:
    ///   - input: positions along the axis before, at least 1.
    ///   - output: positions after, at least 1.
    init(input: Int, output: Int) {
        let scale = Double(input) / Double(output)
        let support = max(scale, 1)
        stride = Int(support.rounded(.up)) * 2 + 1
        var starts: [Int] = []
        var counts: [Int] = []
        var weights = [Int32](repeating: 0, count: output * stride)
        starts.reserveCapacity(output)
        counts.reserveCapacity(output)
        var triangle = [Double](repeating: 0, count: stride)
        let inverse = 1 / support
        for position in 0..<output {
            let centre = (Double(position) + 0.5) * scale
            let start = max(0, Int(centre - support + 0.5))
            let count = min(input, Int(centre + support + 0.5)) - start
            var sum = 0.0
            for tap in 0..<count {
                let distance = abs((Double(tap + start) - centre + 0.5) * inverse)
                triangle[tap] = distance < 1 ? 1 - distance : 0
                sum += triangle[tap]
            }
            for tap in 0..<count {
                let share = sum == 0 ? triangle[tap] : triangle[tap] / sum
                weights[position * stride + tap] = Int32(0.5 + share * Double(1 << Self.fractionBits))
            }
            starts.append(start)
            counts.append(count)
        }
        self.starts = starts
        self.counts = counts
        self.weights = weights
    }
}
