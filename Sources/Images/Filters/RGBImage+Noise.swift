private import Foundation
internal import Runtime

extension RGBImage {
    /// The image with noise of a normal distribution added, each row from a stream of its own.
    ///
    /// Samples are drawn in steps of 1/65536 of probability, so that none lies beyond 4.3 deviations.
    /// - Parameters:
    ///   - mean: in parts of full scale, -1...1.
    ///   - deviation: in parts of full scale, 0...1.
    ///   - perChannel: whether each channel has noise of its own, or all three the same.
    ///   - seed: of the streams.
    package func addingNoise(mean: Double, deviation: Double, perChannel: Bool, seed: UInt64) -> RGBImage {
        let table = Self.normalQuantiles.map { Int16((255 * (mean + deviation * Double($0))).rounded()) }
        let rowBytes = width * 3
        let noisy = Self.filled(rows: height, rowBytes: rowBytes) { rows, out in
            pixels.withUnsafeBufferPointer { source in
                table.withUnsafeBufferPointer { table in
                    for row in rows {
                        var random = CounterRandom(seed: seed, sample: UInt64(row), purpose: RandomPurpose("noise"))
                        var word: UInt64 = 0
                        var shift: Int16 = 0
                        for index in 0..<rowBytes {
                            let draw = perChannel ? index : index / 3
                            if perChannel || index % 3 == 0 {
                                if draw & 3 == 0 { word = random.next() }
                                shift = table[Int(word & 0xffff)]
                                word >>= 16
                            }
                            let value = Int16(source[row * rowBytes + index]) + shift
                            out[row * rowBytes + index] = UInt8(max(0, min(255, value)))
                        }
                    }
                }
            }
        }
        return RGBImage(height: height, width: width, pixels: noisy)
    }

    /// The standard normal distribution at the middles of 65536 equal parts of probability.
    private static let normalQuantiles: [Float] = {
        let count = 65_536
        var result = [Float](repeating: 0, count: count)
        // The distribution is symmetric; Newton's method from each quantile to the next.
        var x = 0.0
        for index in count / 2..<count {
            let wanted = (Double(index) + 0.5) / Double(count)
            for _ in 0..<4 {
                let error = 0.5 * Foundation.erfc(-x / 2.0.squareRoot()) - wanted
                let density = Foundation.exp(-x * x / 2) / (2 * Double.pi).squareRoot()
                x -= error / density
            }
            result[index] = Float(x)
            result[count - 1 - index] = Float(-x)
        }
        return result
    }()
}
