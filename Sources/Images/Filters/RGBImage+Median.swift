internal import KernelABI
internal import Kernels
internal import Runtime

extension RGBImage {
    /// Each sample the median of the `size` x `size` samples around it; borders repeat the outermost pixels.
    ///
    /// Squares of 3 and 5 pixels are put in order by comparisons alone, larger ones are searched bit by bit, many samples at
    /// once.
    /// - Parameter size: odd, at most 15.
    package func medianFiltered(size: Int) -> RGBImage {
        precondition(size % 2 == 1 && (1...15).contains(size), "a median of \(size) pixels")
        if size == 1 { return self }
        let medianLine = Kernels.table.pixels.medianLine
        let reach = size / 2
        let rowBytes = width * 3
        let stride = rowBytes + 6 * reach + Self.medianSlack
        let filtered = Self.filled(rows: height, rowBytes: rowBytes) { rows, out in
            // The lines that the rows look at, with a border of their own, and what the kernel wants.
            let lines = rows.count + 2 * reach
            withUnsafeTemporaryAllocation(of: Int8.self, capacity: (lines + 5) * stride) { memory in
                let base = memory.baseAddress.unsafelyUnwrapped
                // What stands behind a line is read and thrown away.
                for line in 1...lines + 5 {
                    (base + line * stride - Self.medianSlack).initialize(repeating: 0, count: Self.medianSlack)
                }
                pixels.withUnsafeBufferPointer { source in
                    for line in 0..<lines {
                        let row = min(height - 1, max(0, rows.lowerBound + line - reach))
                        spread(
                            source.baseAddress.unsafelyUnwrapped + row * rowBytes, border: reach,
                            into: base + line * stride)
                    }
                }
                for row in rows {
                    medianLine(
                        base + (row - rows.lowerBound) * stride, stride, size, rowBytes, base + lines * stride,
                        out + row * rowBytes)
                }
            }
        }
        return RGBImage(height: height, width: width, pixels: filtered)
    }

    /// Bytes behind a line that the kernel may touch.
    private static let medianSlack = 128

    /// A row's samples less 128, its outermost pixels repeated on both sides.
    private func spread(_ row: UnsafePointer<UInt8>, border: Int, into line: UnsafeMutablePointer<Int8>) {
        let inner = line + 3 * border
        let count = width * 3
        for index in 0..<count { inner[index] = Int8(bitPattern: row[index] ^ 128) }
        for index in 0..<3 * border {
            line[index] = inner[index % 3]
            inner[count + index] = inner[count - 3 + index % 3]
        }
    }
}
