internal import KernelABI
internal import Kernels
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
        return filtered(
            rows: height == self.height ? nil : AxisTaps(input: self.height, output: height),
            columns: width == self.width ? nil : AxisTaps(input: self.width, output: width))
    }

    /// The image filtered along its axes, one after the other, rounded to bytes in between; nil leaves an axis as it is.
    ///
    /// The order of the two is that of ``resized(width:height:)``.
    package func filtered(rows: AxisTaps?, columns: AxisTaps?) -> RGBImage {
        guard let rows else { return columns.map { filteredAcross($0, rows: 0..<height) } ?? self }
        guard let columns else { return filteredDown(rows) }
        if height - rows.count > max(0, 2 * (width - columns.count)) {
            return filteredDown(rows).filteredAcross(columns, rows: 0..<rows.count)
        }
        // Only the lines that the second pass looks at.
        let needed = rows.inputs
        return filteredAcross(columns, rows: needed).filteredDown(rows, from: needed.lowerBound)
    }

    private func filteredAcross(_ taps: AxisTaps, rows: Range<Int>) -> RGBImage {
        let rowBytes = width * 3
        let kernels = Kernels.table.pixels
        let (tapCount, outBytes) = (taps.tapCount, taps.count * 3)
        let weights = taps.weightsAcross
        // The kernel reads beyond the last pixel, as far as there are taps: there must be something.
        let margin = 3 * tapCount + 4
        let filtered = Self.filled(rows: rows.count, rowBytes: outBytes) { chunk, out in
            pixels.withUnsafeBufferPointer { source in
                withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * (outBytes + 4) + rowBytes + margin) {
                    bytes in
                    withUnsafeTemporaryAllocation(of: Int32.self, capacity: outBytes) { sums in
                        let scratch = bytes.baseAddress.unsafelyUnwrapped
                        let copy = scratch + 2 * (outBytes + 4)
                        for line in chunk {
                            let start = (rows.lowerBound + line) * rowBytes
                            var row = source.baseAddress.unsafelyUnwrapped + start
                            if start + rowBytes + margin > source.count {
                                copy.update(from: row, count: rowBytes)
                                (copy + rowBytes).update(repeating: 0, count: margin)
                                row = UnsafePointer(copy)
                            }
                            taps.run(
                                kernels, across: row, weights: weights, taps: tapCount, scratch: scratch,
                                sums: sums.baseAddress.unsafelyUnwrapped, into: out + line * outBytes)
                        }
                    }
                }
            }
        }
        return RGBImage(height: rows.count, width: taps.count, pixels: filtered)
    }

    /// - Parameter first: the row of the taps' axis that is this image's first.
    private func filteredDown(_ taps: AxisTaps, from first: Int = 0) -> RGBImage {
        let rowBytes = width * 3
        let kernels = Kernels.table.pixels
        let filtered = Self.filled(rows: taps.count, rowBytes: rowBytes) { rows, out in
            pixels.withUnsafeBufferPointer { source in
                for row in rows {
                    taps.run(
                        kernels, line: row, down: source.baseAddress.unsafelyUnwrapped, from: first,
                        rowBytes: rowBytes, into: out + row * rowBytes)
                }
            }
        }
        return RGBImage(height: taps.count, width: width, pixels: filtered)
    }

    /// New pixels, filled in parallel, a few rows at a time.
    static func filled(
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
}

extension AxisTaps {
    /// The input positions that any output position looks at.
    fileprivate var inputs: Range<Int> {
        var (low, high) = (Int32.max, Int32.min)
        for (start, count) in zip(starts, counts) {
            low = min(low, start)
            high = max(high, start + count)
        }
        return Int(low)..<Int(high)
    }

    /// Filters one line across.
    fileprivate func run(
        _ kernels: PixelKernels, across source: UnsafePointer<UInt8>, weights: [Int32], taps: Int,
        scratch: ByteOutput, sums: UnsafeMutablePointer<Int32>, into out: ByteOutput
    ) {
        starts.withUnsafeBufferPointer { starts in
            weights.withUnsafeBufferPointer { weights in
                kernels.resampleLine(
                    source, starts.baseAddress.unsafelyUnwrapped, weights.baseAddress.unsafelyUnwrapped, taps, count,
                    scratch, sums, out)
            }
        }
    }

    /// Computes one line of the filter downwards.
    fileprivate func run(
        _ kernels: PixelKernels, line: Int, down source: UnsafePointer<UInt8>, from first: Int, rowBytes: Int,
        into out: ByteOutput
    ) {
        weights.withUnsafeBufferPointer { weights in
            kernels.blendLines(
                source + (Int(starts[line]) - first) * rowBytes, rowBytes,
                weights.baseAddress.unsafelyUnwrapped + line * stride, Int(counts[line]), rowBytes, out)
        }
    }
}
