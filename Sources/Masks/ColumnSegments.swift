/// The foreground of a mask, cut at column borders: for each column, or block of equal full columns, its row ranges.
///
/// Columns without foreground are left out. Size and cost follow the number of runs, not of pixels.
struct ColumnSegments {
    /// One column, or several neighbouring ones that are full from top to bottom.
    struct Group {
        var columns: Range<Int>
        /// Where the group's row ranges stand in ``ColumnSegments/rows``.
        var segments: Range<Int>
    }

    private(set) var groups: [Group] = []
    private(set) var rows: [Range<Int>] = []

    init(_ mask: RLE) {
        guard !mask.isEmpty else { return }
        let h = mask.height
        groups.reserveCapacity(mask.counts.count)
        rows.reserveCapacity(mask.counts.count)
        var position = 0
        for index in stride(from: 1, to: mask.counts.count, by: 2) {
            position += Int(mask.counts[index - 1])
            let end = position + Int(mask.counts[index])
            add(position..<end, height: h)
            position = end
        }
    }

    /// Cuts a run into the rest of its first column, full columns, and the head of its last one.
    private mutating func add(_ run: Range<Int>, height: Int) {
        var (column, row) = run.lowerBound.quotientAndRemainder(dividingBy: height)
        let (lastColumn, lastRow) = (run.upperBound - 1).quotientAndRemainder(dividingBy: height)
        if row > 0 {
            append(column..<column + 1, row..<(column == lastColumn ? lastRow + 1 : height))
            if column == lastColumn { return }
            column += 1
            row = 0
        }
        let fullEnd = lastRow == height - 1 ? lastColumn + 1 : lastColumn
        if column < fullEnd { append(column..<fullEnd, 0..<height) }
        if fullEnd == lastColumn { append(lastColumn..<lastColumn + 1, 0..<lastRow + 1) }
    }

    private mutating func append(_ columns: Range<Int>, _ range: Range<Int>) {
        if let last = groups.indices.last, groups[last].columns == columns {
            groups[last].segments = groups[last].segments.lowerBound..<rows.count + 1
        } else {
            groups.append(Group(columns: columns, segments: rows.count..<rows.count + 1))
        }
        rows.append(range)
    }
}
