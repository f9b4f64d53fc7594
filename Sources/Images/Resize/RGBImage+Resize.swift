internal import Runtime

extension RGBImage {
    /// The image resampled with Pillow's BILINEAR filter, equal to Pillow's to the byte.
    ///
    /// Shrinking widens the filter (antialias). The image is filtered along one axis, rounded to bytes, then along the
    /// other; an axis that keeps its length is not filtered. The result does not depend on the worker count.
    ///
    /// The horizontal pass comes first, except where the height loses more than twice as many pixels as the width.
    /// That exception came with Pillow 13 (pull request 9549, matched by experiment); before it, such images (more
    /// than twice as tall as wide, for an even scale) come out up to one level different.
    /// - Parameters:
    ///   - width: at least 1.
    ///   - height: at least 1.
    package func resized(width: Int, height: Int) -> RGBImage {
        precondition(width > 0 && height > 0, "cannot resize to \(height) x \(width)")
        if self.height - height > max(0, 2 * (self.width - width)) {
            return resampledVertically(to: height).resampledHorizontally(to: width)
        }
        return resampledHorizontally(to: width).resampledVertically(to: height)
    }

    private func resampledHorizontally(to outWidth: Int) -> RGBImage {
        if outWidth == width { return self }
        let taps = BilinearTaps(input: width, output: outWidth)
        let resampled = Self.filled(rows: height, rowBytes: outWidth * 3) { rows, out in
            pixels.withUnsafeBufferPointer { source in
                for row in rows {
                    Self.resampleRow(
                        source.baseAddress.unsafelyUnwrapped + row * width * 3, taps, into: out + row * outWidth * 3)
                }
            }
        }
        return RGBImage(height: height, width: outWidth, pixels: resampled)
    }

    private func resampledVertically(to outHeight: Int) -> RGBImage {
        if outHeight == height { return self }
        let taps = BilinearTaps(input: height, output: outHeight)
        let rowBytes = width * 3
        let resampled = Self.filled(rows: outHeight, rowBytes: rowBytes) { rows, out in
            pixels.withUnsafeBufferPointer { source in
                withUnsafeTemporaryAllocation(of: Int32.self, capacity: rowBytes) { sums in
                    for row in rows {
                        Self.blendRows(
                            source.baseAddress.unsafelyUnwrapped + taps.starts[row] * rowBytes, rowBytes: rowBytes,
                            weights: taps.weights[row * taps.stride..<row * taps.stride + taps.counts[row]],
                            sums: sums.baseAddress.unsafelyUnwrapped, into: out + row * rowBytes)
                    }
                }
            }
        }
        return RGBImage(height: outHeight, width: width, pixels: resampled)
    }

    /// New pixels, filled in parallel, a few rows at a time.
    private static func filled(
        rows: Int, rowBytes: Int, _ fill: @Sendable (Range<Int>, UnsafeMutablePointer<UInt8>) -> Void
    ) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: rows * rowBytes) { buffer, count in
            guard let base = buffer.baseAddress else {
                preconditionFailure("\(rows) x \(rowBytes) bytes have no address")
            }
            let shared = SharedBuffer(base, count: buffer.count)
            // Chunks of about 64 KB: small enough to balance, large enough to pay for the call.
            Workers.forEachChunk(of: rows, grain: max(1, 65_536 / rowBytes)) { chunk, _ in fill(chunk, shared.base) }
            count = rows * rowBytes
        }
    }

    /// One output row of the horizontal pass; three running sums, one a channel.
    private static func resampleRow(
        _ source: UnsafePointer<UInt8>, _ taps: BilinearTaps, into out: UnsafeMutablePointer<UInt8>
    ) {
        taps.weights.withUnsafeBufferPointer { weights in
            for position in taps.starts.indices {
                var pixel = source + taps.starts[position] * 3
                let first = position * taps.stride
                var (red, green, blue) = (half, half, half)
                for tap in first..<first + taps.counts[position] {
                    let weight = weights[tap]
                    red &+= Int32(pixel[0]) &* weight
                    green &+= Int32(pixel[1]) &* weight
                    blue &+= Int32(pixel[2]) &* weight
                    pixel += 3
                }
                out[3 * position] = byte(red)
                out[3 * position + 1] = byte(green)
                out[3 * position + 2] = byte(blue)
            }
        }
    }

    /// One output row of the vertical pass: whole rows are weighed and added, a loop that vectorises.
    private static func blendRows(
        _ source: UnsafePointer<UInt8>, rowBytes: Int, weights: ArraySlice<Int32>,
        sums: UnsafeMutablePointer<Int32>, into out: UnsafeMutablePointer<UInt8>
    ) {
        sums.initialize(repeating: half, count: rowBytes)
        var row = source
        for weight in weights {
            for column in 0..<rowBytes { sums[column] &+= Int32(row[column]) &* weight }
            row += rowBytes
        }
        for column in 0..<rowBytes { out[column] = byte(sums[column]) }
    }

    /// One half, so that dropping the fraction rounds.
    private static let half = Int32(1) << (BilinearTaps.fractionBits - 1)

    @inline(__always)
    private static func byte(_ sum: Int32) -> UInt8 {
        // Weights are rounded one by one, so many of them can add up to a little over 1.
        UInt8(truncatingIfNeeded: min(255, sum &>> Int32(BilinearTaps.fractionBits)))
    }
}
