/// Windows of masks, and masks as windows of larger ones, on runs.
extension RLE {
    /// A window of the mask.
    package func cropped(rows: Range<Int>, columns: Range<Int>) -> RLE {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= height && columns.lowerBound >= 0
                && columns.upperBound <= width, "window of rows \(rows), columns \(columns) of \(height) x \(width)")
        var toggles = ToggleList()
        forEachColumnRun { column, run in
            let run = run.clamped(to: rows)
            guard columns.contains(column), !run.isEmpty else { return }
            let base = (column - columns.lowerBound) * rows.count - rows.lowerBound
            toggles.add(base + run.lowerBound..<base + run.upperBound)
        }
        return RLE(
            height: rows.count, width: columns.count, canonical: toggles.counts(pixels: rows.count * columns.count))
    }

    /// The mask as a window of a larger one, which is background around it.
    ///
    /// - Parameters:
    ///   - height: of the larger mask; `height * width` is at most 2^32 - 1.
    ///   - width: likewise.
    ///   - top: row of the window's first row.
    ///   - left: column of the window's first column.
    package func placed(height: Int, width: Int, top: Int, left: Int) -> RLE {
        precondition(
            top >= 0 && left >= 0 && top + self.height <= height && left + self.width <= width
                && height * width <= Self.maximumPixels,
            "\(self.height) x \(self.width) at (\(top), \(left)) is no window of \(height) x \(width) pixels")
        var toggles = ToggleList(capacity: counts.count)
        forEachColumnRun { column, run in
            let base = (left + column) * height + top
            toggles.add(base + run.lowerBound..<base + run.upperBound)
        }
        return RLE(height: height, width: width, canonical: toggles.counts(pixels: height * width))
    }

    /// Calls `body` with each column's runs of foreground, from left to right and from top to bottom.
    private func forEachColumnRun(_ body: (_ column: Int, _ rows: Range<Int>) -> Void) {
        let segments = ColumnSegments(self)
        for group in segments.groups {
            for column in group.columns {
                for rows in segments.rows[group.segments] { body(column, rows) }
            }
        }
    }
}
