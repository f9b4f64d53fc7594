/// Masks in another size, on runs.
extension RLE {
    /// The mask scaled to another size by nearest neighbour, pixel centres on pixel centres: row `r` of `height` shows row
    /// `floor((2 r + 1) H / (2 height))` of this mask's H, and columns likewise.
    ///
    /// A foreground thinner than a pixel of the result may vanish.
    ///
    /// - Parameters:
    ///   - height: of the result, at least 1; `height * width` is at most 2^32 - 1.
    ///   - width: likewise.
    package func resized(height newHeight: Int, width newWidth: Int) -> RLE {
        precondition(
            newHeight > 0 && newWidth > 0 && newHeight * newWidth <= Self.maximumPixels,
            "a mask of \(height) x \(width) cannot be scaled to \(newHeight) x \(newWidth)")
        if newHeight == height && newWidth == width { return self }
        var toggles = ToggleList(capacity: counts.count)
        guard height > 0, width > 0 else {
            return RLE(height: newHeight, width: newWidth, canonical: toggles.counts(pixels: newHeight * newWidth))
        }
        let segments = ColumnSegments(self)
        for group in segments.groups {
            let columns = Self.targets(of: group.columns, size: width, scaledTo: newWidth)
            guard !columns.isEmpty else { continue }
            let rows = segments.rows[group.segments].map { Self.targets(of: $0, size: height, scaledTo: newHeight) }
            for column in columns {
                for run in rows where !run.isEmpty {
                    toggles.add(column * newHeight + run.lowerBound..<column * newHeight + run.upperBound)
                }
            }
        }
        return RLE(height: newHeight, width: newWidth, canonical: toggles.counts(pixels: newHeight * newWidth))
    }

    /// The places of the scaled line that show one of `places` of a line of `size`.
    private static func targets(of places: Range<Int>, size: Int, scaledTo newSize: Int) -> Range<Int> {
        // (2 r + 1) size / (2 newSize) >= a  is  r >= (2 newSize a - size) / (2 size), rounded up.
        func first(_ a: Int) -> Int { max(0, (2 * newSize * a - size + 2 * size - 1) / (2 * size)) }
        let lower = min(first(places.lowerBound), newSize)
        return lower..<max(lower, min(first(places.upperBound), newSize))
    }
}
