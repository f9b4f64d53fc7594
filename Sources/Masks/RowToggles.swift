/// For each row of a mask, the columns at which it changes between background and foreground: the runs of the
/// transposed mask, computed from differences of neighbouring columns.
struct RowToggles {
    /// Columns, row after row, ascending in each row.
    private(set) var columns: [UInt32] = []
    /// Where each row's part of ``columns`` ends.
    private(set) var ends: [Int]

    /// A range of rows in which the mask changes just before a column.
    private struct Change {
        var column: UInt32
        var rows: Range<Int>
    }

    /// - Parameter limit: gives up (nil) when the rows change more often than this in all.
    init?(_ mask: RLE, limit: Int = .max) {
        let changes = Self.changes(ColumnSegments(mask), width: mask.width)
        ends = [Int](repeating: 0, count: mask.height + 1)
        for change in changes {
            ends[change.rows.lowerBound] += 1
            ends[change.rows.upperBound] -= 1
        }
        var open = 0
        var total = 0
        for row in ends.indices {
            open += ends[row]
            ends[row] = total
            total += open
        }
        guard total <= limit else { return nil }
        ends.withUnsafeMutableBufferPointer { ends in
            columns = [UInt32](unsafeUninitializedCapacity: total) { columns, count in
                for change in changes {
                    for row in change.rows {
                        columns[ends[row]] = change.column
                        ends[row] += 1
                    }
                }
                count = total
            }
        }
        ends.removeLast()
    }

    /// All changes from left to right.
    private static func changes(_ segments: ColumnSegments, width: Int) -> [Change] {
        var changes: [Change] = []
        changes.reserveCapacity(2 * segments.rows.count)
        let none = segments.rows[..<0]
        var previous = none
        var end = 0
        for group in segments.groups {
            if group.columns.lowerBound > end {
                appendDifference(previous, none, at: end, to: &changes)
                previous = none
            }
            let rows = segments.rows[group.segments]
            appendDifference(previous, rows, at: group.columns.lowerBound, to: &changes)
            previous = rows
            end = group.columns.upperBound
        }
        if end < width { appendDifference(previous, none, at: end, to: &changes) }
        return changes
    }

    /// The rows that belong to exactly one of two ascending lists of disjoint ranges.
    @inline(__always)
    private static func appendDifference(
        _ a: ArraySlice<Range<Int>>, _ b: ArraySlice<Range<Int>>, at column: Int, to changes: inout [Change]
    ) {
        var indexA = 2 * a.startIndex
        var indexB = 2 * b.startIndex
        let endA = 2 * a.endIndex
        let endB = 2 * b.endIndex
        func border(_ ranges: ArraySlice<Range<Int>>, _ index: Int) -> Int {
            index & 1 == 0 ? ranges[index >> 1].lowerBound : ranges[index >> 1].upperBound
        }
        var start = -1
        while indexA < endA || indexB < endB {
            let nextA = indexA < endA ? border(a, indexA) : Int.max
            let nextB = indexB < endB ? border(b, indexB) : Int.max
            let row = min(nextA, nextB)
            if nextA == row { indexA += 1 }
            if nextB == row { indexB += 1 }
            if nextA == nextB { continue }
            if start < 0 {
                start = row
            } else {
                if start < row { changes.append(Change(column: UInt32(column), rows: start..<row)) }
                start = -1
            }
        }
    }
}
