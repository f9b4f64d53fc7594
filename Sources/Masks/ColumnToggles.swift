/// For each column of a bitmap, the rows at which it changes between background and foreground, found by comparing
/// neighbouring rows eight pixels at a time.
struct ColumnToggles {
    /// Rows, column after column, ascending in each column.
    private let rows: [UInt32]
    /// Where each column's part of ``rows`` ends.
    private let ends: [Int]

    init(_ bitmap: Bitmap) {
        let width = bitmap.width
        var ends = [Int](repeating: 0, count: width)
        rows = bitmap.pixels.withUnsafeBytes { pixels in
            ends.withUnsafeMutableBufferPointer { ends in
                Self.forEachChange(pixels, height: bitmap.height, width: width) { _, column in ends[column] += 1 }
                var total = 0
                for column in 0..<width {
                    let count = ends[column]
                    ends[column] = total
                    total += count
                }
                return [UInt32](unsafeUninitializedCapacity: total) { rows, count in
                    Self.forEachChange(pixels, height: bitmap.height, width: width) { row, column in
                        rows[ends[column]] = UInt32(truncatingIfNeeded: row)
                        ends[column] += 1
                    }
                    count = total
                }
            }
        }
        self.ends = ends
    }

    /// The changes in column-major order; a run that reaches a column's foot goes on at the next one's head.
    func toggleList(height: Int) -> ToggleList {
        var toggles = ToggleList(capacity: rows.count)
        var index = 0
        for (column, end) in ends.enumerated() {
            let base = column * height
            let isOpen = (end - index) & 1 == 1
            while index < end {
                toggles.toggle(at: base + Int(rows[index]))
                index += 1
            }
            if isOpen { toggles.toggle(at: base + height) }
        }
        return toggles
    }

    /// Calls `body(row, column)` for each pixel that differs from the one above it, from top to bottom.
    @inline(__always)
    private static func forEachChange(
        _ pixels: UnsafeRawBufferPointer, height: Int, width: Int, _ body: (Int, Int) -> Void
    ) {
        guard let base = pixels.baseAddress else { return }
        for row in 0..<height {
            let here = base + row * width
            let above = row == 0 ? nil : here - width
            var column = 0
            while column + 8 <= width {
                var differences = here.loadUnaligned(fromByteOffset: column, as: UInt64.self).littleEndian
                if let above {
                    differences ^= above.loadUnaligned(fromByteOffset: column, as: UInt64.self).littleEndian
                }
                while differences != 0 {
                    body(row, column + differences.trailingZeroBitCount >> 3)
                    differences &= differences - 1
                }
                column += 8
            }
            while column < width {
                let value = here.load(fromByteOffset: column, as: UInt8.self)
                let other = above?.load(fromByteOffset: column, as: UInt8.self) ?? 0
                if value != other { body(row, column) }
                column += 1
            }
        }
    }
}
