/// Masks brought to other sizes, on runs.
extension RLE {
    /// The mask resampled along its axes: pixel (r, c) of the result is pixel (rows[r], columns[c]) of this mask.
    ///
    /// - Parameters:
    ///   - rows: of the source, ascending (a row may come several times), with -1 for background before and after them.
    ///   - columns: likewise.
    package func resampled(rows: [Int], columns: [Int]) -> RLE {
        precondition(
            rows.count * columns.count <= Self.maximumPixels && rows.allSatisfy { $0 < height }
                && columns.allSatisfy { $0 < width }, "\(rows.count) x \(columns.count) pixels of \(height) x \(width)")
        let outHeight = rows.count
        let outWidth = columns.count
        let firsts = Self.firstPositions(rows, length: height)
        let segments = ColumnSegments(self)
        var toggles = ToggleList(capacity: counts.count)
        var group = 0
        for (target, column) in columns.enumerated() where column >= 0 {
            while group < segments.groups.count && segments.groups[group].columns.upperBound <= column { group += 1 }
            guard group < segments.groups.count else { break }
            guard segments.groups[group].columns.contains(column) else { continue }
            for run in segments.rows[segments.groups[group].segments] {
                let base = target * outHeight
                toggles.add(base + firsts[run.lowerBound]..<base + firsts[run.upperBound])
            }
        }
        return RLE(height: outHeight, width: outWidth, canonical: toggles.counts(pixels: outHeight * outWidth))
    }

    /// For each source position 0...length, the first output position that shows it or one after it.
    private static func firstPositions(_ positions: [Int], length: Int) -> [Int] {
        var result = [Int](repeating: 0, count: length + 1)
        var index = positions.firstIndex { $0 >= 0 } ?? positions.count
        for source in 0...length {
            while index < positions.count && positions[index] >= 0 && positions[index] < source { index += 1 }
            result[source] = index
        }
        return result
    }

    /// The pixels that belong to this mask and not to the other.
    ///
    /// - Throws: `MaskError.size` when the sizes differ.
    package func subtracting(_ other: RLE) throws(MaskError) -> RLE {
        // a without b is a exclusive-or (a and b).
        try Self.symmetricDifference([self, try Self.intersection([self, other])])
    }
}
