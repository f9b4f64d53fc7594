private import Foundation
private import Runtime

extension RGBImage {
    /// The image resampled by cubic splines, after a Gaussian where it shrinks, and cut off to whole numbers.
    ///
    /// What scikit-image does in `resize(image, size, order=3, preserve_range=True, anti_aliasing=True)` and a cast to
    /// bytes: along each axis a Gaussian of deviation `max(0, (input / output - 1) / 2)`, cut off at four deviations; then
    /// the interpolating cubic B-spline at `(i + 0.5) input / output - 0.5`; borders mirrored at the centre of the last
    /// pixel; the result held within the range of the image's values. In double precision, so that a few pixels in a
    /// thousand differ by 1.
    ///
    /// - Parameters:
    ///   - width: at least 1.
    ///   - height: at least 1.
    package func splineResized(width: Int, height: Int) -> RGBImage {
        precondition(width > 0 && height > 0, "cannot resize to \(height) x \(width)")
        let (low, high) = valueRange
        // Every line of one axis, then of the other; lines lie apart by the channels or by a row.
        let across = SplineAxis(input: self.width, output: width)
        let down = SplineAxis(input: self.height, output: height)
        let wide = Self.filtered(
            pixels.map(Double.init), lines: self.height * 3, axis: across,
            source: { line in (start: line / 3 * self.width * 3 + line % 3, step: 3) },
            target: { line in (start: line / 3 * width * 3 + line % 3, step: 3) })
        let tall = Self.filtered(
            wide, lines: width * 3, axis: down, source: { line in (start: line, step: width * 3) },
            target: { line in (start: line, step: width * 3) })
        return RGBImage(
            height: height, width: width, pixels: tall.map { UInt8(min(max($0, Double(low)), Double(high))) })
    }

    private static func filtered(
        _ values: [Double], lines: Int, axis: SplineAxis, source: @Sendable (Int) -> (start: Int, step: Int),
        target: @Sendable (Int) -> (start: Int, step: Int)
    ) -> [Double] {
        [Double](unsafeUninitializedCapacity: lines * axis.output) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            let output = SharedBuffer(base, count: lines * axis.output)
            Workers.forEachChunk(of: lines, grain: 16) { chunk, _ in
                for line in chunk {
                    let (from, to) = (source(line), target(line))
                    let samples = (0..<axis.input).map { values[from.start + $0 * from.step] }
                    for (index, value) in axis.resampled(samples).enumerated() {
                        output.base[to.start + index * to.step] = value
                    }
                }
            }
            count = lines * axis.output
        }
    }
}

/// The filters of one axis.
private struct SplineAxis: Sendable {
    let input: Int
    let output: Int
    /// Half of a symmetric Gaussian, from its middle on; empty where the axis does not shrink.
    private let gaussian: [Double]

    init(input: Int, output: Int) {
        self.input = input
        self.output = output
        let deviation = max(0, (Double(input) / Double(output) - 1) / 2)
        guard deviation > 1e-15 else {
            gaussian = []
            return
        }
        let radius = Int(4 * deviation + 0.5)
        let weights = (0...radius).map { exp(-0.5 * Double($0 * $0) / (deviation * deviation)) }
        let sum = weights[0] + 2 * weights.dropFirst().reduce(0, +)
        gaussian = weights.map { $0 / sum }
    }

    func resampled(_ samples: [Double]) -> [Double] {
        let coefficients = Self.coefficients(of: smoothed(samples))
        let scale = Double(input) / Double(output)
        return (0..<output).map { position in
            let place = (Double(position) + 0.5) * scale - 0.5
            let first = Int(place.rounded(.down)) - 1
            var sum = 0.0
            for tap in first..<first + 4 {
                let distance = abs(place - Double(tap))
                let weight =
                    distance < 1
                    ? (distance * distance * (distance - 2) * 3 + 4) / 6
                    : distance < 2 ? (2 - distance) * (2 - distance) * (2 - distance) / 6 : 0
                sum += weight * coefficients[mirrored(tap)]
            }
            return sum
        }
    }

    private func smoothed(_ samples: [Double]) -> [Double] {
        guard !gaussian.isEmpty else { return samples }
        return samples.indices.map { index in
            var sum = gaussian[0] * samples[index]
            for distance in 1..<max(1, gaussian.count) {
                sum += gaussian[distance] * (samples[mirrored(index - distance)] + samples[mirrored(index + distance)])
            }
            return sum
        }
    }

    /// The position inside that mirroring at the centres of the first and the last pixel leads to.
    private func mirrored(_ position: Int) -> Int {
        guard input > 1 else { return 0 }
        let period = 2 * (input - 1)
        let inside = ((position % period) + period) % period
        return inside < input ? inside : period - inside
    }

    /// The B-spline coefficients whose cubic spline goes through the samples, by the two recursive filters of Unser et al.,
    /// "B-spline signal processing", 1993, for mirrored borders.
    private static func coefficients(of samples: [Double]) -> [Double] {
        let count = samples.count
        guard count > 1 else { return samples }
        let pole = 3.0.squareRoot() - 2
        var values = samples.map { $0 * 6 }
        // The sum over the whole mirrored signal, whose period is twice its length less two.
        var power = pole
        var sum = values[0]
        for index in 1..<count - 1 {
            sum += values[index] * (power + pow(pole, Double(2 * count - 2 - index)))
            power *= pole
        }
        sum += values[count - 1] * power
        values[0] = sum / (1 - pow(pole, Double(2 * count - 2)))
        for index in 1..<count { values[index] += pole * values[index - 1] }
        values[count - 1] = pole / (pole * pole - 1) * (values[count - 1] + pole * values[count - 2])
        for index in stride(from: count - 2, through: 0, by: -1) {
            values[index] = pole * (values[index + 1] - values[index])
        }
        return values
    }
}
