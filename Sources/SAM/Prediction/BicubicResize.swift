private import Foundation
private import Runtime

/// Bicubic resize of a picture with one channel, without antialiasing, as PyTorch's `interpolate(mode="bicubic")` with
/// `align_corners` false: the convolution kernel of Keys with a = -0.75, pixels outside those of the border.
struct BicubicResize {
    /// For each target position its four source positions and their weights.
    private struct Taps {
        var positions: [SIMD4<Int>] = []
        var weights: [SIMD4<Float>] = []

        init(source: Int, target: Int) {
            let scale = Float(source) / Float(target)
            for position in 0..<target {
                let place = (Float(position) + 0.5) * scale - 0.5
                let base = floorf(place)
                let first = Int(base) - 1
                positions.append(SIMD4(first, first + 1, first + 2, first + 3).clamped(to: 0, source - 1))
                weights.append(Self.weights(place - base))
            }
        }

        /// Source: Keys, "Cubic convolution interpolation for digital image processing", 1981.
        private static func weights(_ t: Float) -> SIMD4<Float> {
            let a: Float = -0.75
            func near(_ x: Float) -> Float { ((a + 2) * x - (a + 3)) * x * x + 1 }
            func far(_ x: Float) -> Float { ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
            return SIMD4(far(t + 1), near(t), near(1 - t), far(2 - t))
        }
    }

    private let sourceWidth: Int
    private let rows: Taps
    private let columns: Taps

    /// - Parameters:
    ///   - source: height and width, at least 1 each.
    ///   - target: likewise.
    init(source: (height: Int, width: Int), target: (height: Int, width: Int)) {
        sourceWidth = source.width
        rows = Taps(source: source.height, target: target.height)
        columns = Taps(source: source.width, target: target.width)
    }

    /// - Parameter picture: source height * width, row-major.
    /// - Returns: target height * width.
    func run(_ picture: [Float]) -> [Float] {
        let (height, width) = (rows.positions.count, columns.positions.count)
        return [Float](unsafeUninitializedCapacity: height * width) { buffer, count in
            if let base = buffer.baseAddress {
                let output = SharedBuffer(base, count: height * width)
                Workers.forEachChunk(of: height, grain: 16) { lines, _ in
                    // The four source lines are blended first, then interpolated across.
                    var line = [Float](repeating: 0, count: sourceWidth)
                    for y in lines {
                        let (places, weights) = (rows.positions[y], rows.weights[y])
                        for x in 0..<sourceWidth {
                            var sum: Float = 0
                            for tap in 0..<4 { sum += weights[tap] * picture[places[tap] * sourceWidth + x] }
                            line[x] = sum
                        }
                        for x in 0..<width {
                            let (places, weights) = (columns.positions[x], columns.weights[x])
                            var sum: Float = 0
                            for tap in 0..<4 { sum += weights[tap] * line[places[tap]] }
                            output.base[y * width + x] = sum
                        }
                    }
                }
            }
            count = height * width
        }
    }
}

extension SIMD4<Int> {
    fileprivate func clamped(to low: Int, _ high: Int) -> SIMD4<Int> {
        SIMD4(
            Swift.min(Swift.max(x, low), high), Swift.min(Swift.max(y, low), high),
            Swift.min(Swift.max(z, low), high), Swift.min(Swift.max(w, low), high))
    }
}
