/// Makes run lengths of a mask that comes row by row, without a bitmap of it: only pixels that differ from the one above
/// are kept.
///
/// The rows may be a window of a larger mask, which is background around it.
package struct RowwiseEncoder {
    /// A pixel that differs from the one above it; above the first row is background.
    private struct Change {
        var row: UInt32
        var column: UInt32
    }

    private let width: Int
    private var above: [UInt8]
    /// From top to bottom, from left to right.
    private var changes: [Change] = []
    private var rowCount = 0
    private var firstRow: Int?
    private var lastRow = 0

    /// - Parameter width: pixels of a row.
    package init(width: Int) {
        precondition(width >= 0, "rows of \(width) pixels")
        self.width = width
        above = [UInt8](repeating: 0, count: width)
    }

    /// Adds the next row: `width` bytes, each 0 or 1.
    package mutating func add(_ row: UnsafePointer<UInt8>) {
        let line = UInt32(truncatingIfNeeded: rowCount)
        var isAny: UInt64 = 0
        above.withUnsafeMutableBufferPointer { buffer in
            guard let above = buffer.baseAddress else { return }
            var column = 0
            while column + 8 <= width {
                let word = UnsafeRawPointer(row + column).loadUnaligned(as: UInt64.self).littleEndian
                var differences = word ^ UnsafeRawPointer(above + column).loadUnaligned(as: UInt64.self).littleEndian
                isAny |= word
                while differences != 0 {
                    let offset = differences.trailingZeroBitCount >> 3
                    changes.append(Change(row: line, column: UInt32(truncatingIfNeeded: column + offset)))
                    differences &= differences - 1
                }
                column += 8
            }
            while column < width {
                isAny |= UInt64(row[column])
                if row[column] != above[column] {
                    changes.append(Change(row: line, column: UInt32(truncatingIfNeeded: column)))
                }
                column += 1
            }
            above.update(from: row, count: width)
        }
        if isAny != 0 {
            if firstRow == nil { firstRow = rowCount }
            lastRow = rowCount
        }
        rowCount += 1
    }

    /// The rows and columns of the window that the foreground touches; nil for an empty mask.
    package var bounds: (rows: Range<Int>, columns: Range<Int>)? {
        guard let firstRow else { return nil }
        var (left, right) = (UInt32.max, UInt32.min)
        for change in changes {
            left = min(left, change.column)
            right = max(right, change.column)
        }
        return (firstRow..<lastRow + 1, Int(left)..<Int(right) + 1)
    }

    /// The mask as a window of a larger one.
    ///
    /// - Parameters:
    ///   - height: of the whole mask; `height * width` is at most 2^32 - 1.
    ///   - width: likewise.
    ///   - top: row of the window's first row.
    ///   - left: column of the window's first column.
    package func rle(height: Int, width: Int, top: Int = 0, left: Int = 0) -> RLE {
        precondition(
            top >= 0 && left >= 0 && top + rowCount <= height && left + self.width <= width
                && height * width <= RLE.maximumPixels,
            "\(rowCount) x \(self.width) at (\(top), \(left)) is no window of \(height) x \(width) pixels")
        // Sorted by column; the order of the rows within each stays.
        var ends = [Int](repeating: 0, count: self.width)
        for change in changes { ends[Int(change.column)] += 1 }
        var total = 0
        for column in ends.indices {
            let count = ends[column]
            ends[column] = total
            total += count
        }
        let rows = [UInt32](unsafeUninitializedCapacity: total) { rows, count in
            for change in changes {
                let column = Int(change.column)
                rows[ends[column]] = change.row
                ends[column] += 1
            }
            count = total
        }
        var toggles = ToggleList(capacity: total)
        var index = 0
        for (column, end) in ends.enumerated() {
            let base = (left + column) * height + top
            let isOpen = (end - index) & 1 == 1
            while index < end {
                toggles.toggle(at: base + Int(rows[index]))
                index += 1
            }
            if isOpen { toggles.toggle(at: base + rowCount) }
        }
        return RLE(height: height, width: width, canonical: toggles.counts(pixels: height * width))
    }
}
