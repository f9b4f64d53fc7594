private import Foundation
internal import Runtime

extension RGBImage {
    /// Blurred by a Gaussian of deviation `sigma` in pixels, cut off at `size` pixels; borders are mirrored.
    /// - Parameters:
    ///   - sigma: above 0.
    ///   - size: odd; nil for one that reaches three and a half deviations.
    package func gaussianBlurred(sigma: Double, size: Int? = nil) -> RGBImage {
        let size = size ?? 2 * max(1, Int((3.5 * sigma).rounded())) + 1
        precondition(sigma > 0 && size % 2 == 1, "sigma \(sigma) must be above 0 and size \(size) odd")
        let reach = size / 2
        let bell = (-reach...reach).map { Foundation.exp(-Double($0 * $0) / (2 * sigma * sigma)) }
        let sum = bell.reduce(0, +)
        return filtered(by: bell.map { $0 / sum })
    }

    /// Blurred by the mean of `size` x `size` pixels; borders are mirrored.
    /// - Parameter size: odd.
    package func boxBlurred(size: Int) -> RGBImage {
        precondition(size % 2 == 1 && size > 0, "a box of \(size) pixels has no middle")
        return filtered(by: [Double](repeating: 1 / Double(size), count: size))
    }

    /// Filtered along both axes.
    private func filtered(by filter: [Double]) -> RGBImage {
        if filter.count == 1 { return self }
        return filtered(
            rows: AxisTaps(filter: filter, length: height), columns: AxisTaps(filter: filter, length: width))
    }

    /// The weighted mean of shifted copies of the image; borders are mirrored.
    /// - Parameter taps: of each copy: which source pixel, counted from a pixel's own place, and its weight; the weights
    ///   sum to 1.
    package func filtered(taps: [(row: Int, column: Int, weight: Double)]) -> RGBImage {
        let reach = taps.map { max(abs($0.row), abs($0.column)) }.max() ?? 0
        // With a border of its own around it, each copy is the image shifted, without a look at the edges.
        let padded = mirrored(by: reach)
        let weights = taps.map { Int32(($0.weight * 65_536).rounded()) }
        let offsets = taps.map { (($0.row + reach) * padded.width + $0.column + reach) * 3 }
        let rowBytes = width * 3
        let filtered = Self.filled(rows: height, rowBytes: rowBytes) { rows, out in
            padded.pixels.withUnsafeBufferPointer { source in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: rowBytes) { sums in
                    for row in rows {
                        sums.initialize(repeating: 1 << 15)
                        for (weight, offset) in zip(weights, offsets) {
                            let line = source.baseAddress.unsafelyUnwrapped + row * padded.width * 3 + offset
                            for index in 0..<rowBytes { sums[index] &+= Int32(line[index]) &* weight }
                        }
                        let target = out + row * rowBytes
                        for index in 0..<rowBytes { target[index] = UInt8(max(0, min(255, sums[index] >> 16))) }
                    }
                }
            }
        }
        return RGBImage(height: height, width: width, pixels: filtered)
    }

    /// The image with `border` more pixels on each side, mirrored at the middles of the outermost pixels.
    func mirrored(by border: Int) -> RGBImage {
        if border == 0 { return self }
        let (outHeight, outWidth) = (height + 2 * border, width + 2 * border)
        let columns = (0..<outWidth).map { 3 * AxisTaps.reflected($0 - border, length: width) }
        let pixels = Self.filled(rows: outHeight, rowBytes: outWidth * 3) { rows, out in
            for row in rows {
                let line = AxisTaps.reflected(row - border, length: height) * width * 3
                var target = out + row * outWidth * 3
                for column in columns {
                    target[0] = self.pixels[line + column]
                    target[1] = self.pixels[line + column + 1]
                    target[2] = self.pixels[line + column + 2]
                    target += 3
                }
            }
        }
        return RGBImage(height: outHeight, width: outWidth, pixels: pixels)
    }
}
