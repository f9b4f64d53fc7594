internal import Runtime

extension RGBImage {
    /// Each sample the median of the `size` x `size` samples around it; borders repeat the outermost pixels.
    /// - Parameter size: odd, at most 15.
    package func medianFiltered(size: Int) -> RGBImage {
        precondition(size % 2 == 1 && (1...15).contains(size), "a median of \(size) pixels")
        if size == 1 { return self }
        let reach = size / 2
        let middle = size * size / 2
        let filtered = Self.filled(rows: height, rowBytes: width * 3) { rows, out in
            pixels.withUnsafeBufferPointer { source in
                withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 256) { counts in
                    for row in rows {
                        let lines = (row - reach...row + reach).map { min(height - 1, max(0, $0)) * width }
                        for channel in 0..<3 {
                            medians(
                                source, lines: lines, channel: channel, reach: reach, middle: middle, counts: counts,
                                into: out + row * width * 3)
                        }
                    }
                }
            }
        }
        return RGBImage(height: height, width: width, pixels: filtered)
    }

    /// One channel of one row: a histogram of the window is kept up to date along the row, and with it the median and the
    /// number of samples below it (Huang, Yang and Tang, 1979).
    private func medians(
        _ source: UnsafeBufferPointer<UInt8>, lines: [Int], channel: Int, reach: Int, middle: Int,
        counts: UnsafeMutableBufferPointer<UInt16>, into out: UnsafeMutablePointer<UInt8>
    ) {
        counts.initialize(repeating: 0)
        func place(_ column: Int) -> Int { 3 * min(width - 1, max(0, column)) + channel }
        for column in -reach...reach {
            for line in lines { counts[Int(source[3 * line + place(column)])] += 1 }
        }
        var median = 0
        var below = 0
        for column in 0..<width {
            if column > 0 {
                let (gone, come) = (place(column - reach - 1), place(column + reach))
                for line in lines {
                    let old = Int(source[3 * line + gone])
                    let new = Int(source[3 * line + come])
                    counts[old] -= 1
                    counts[new] += 1
                    if old < median { below -= 1 }
                    if new < median { below += 1 }
                }
            }
            while below > middle {
                median -= 1
                below -= Int(counts[median])
            }
            while below + Int(counts[median]) <= middle {
                below += Int(counts[median])
                median += 1
            }
            out[3 * column + channel] = UInt8(median)
        }
    }
}
