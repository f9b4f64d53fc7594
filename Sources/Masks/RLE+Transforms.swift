/// Flips and rotations on runs, without pixels.
extension RLE {
    /// The mask mirrored left to right.
    package func flippedHorizontally() -> RLE {
        let segments = ColumnSegments(self)
        var toggles = ToggleList(capacity: counts.count + 2)
        for group in segments.groups.reversed() {
            let first = width - group.columns.upperBound
            if group.columns.count > 1 {
                toggles.add(first * height..<(first + group.columns.count) * height)
            } else {
                for rows in segments.rows[group.segments] {
                    toggles.add(first * height + rows.lowerBound..<first * height + rows.upperBound)
                }
            }
        }
        return RLE(height: height, width: width, canonical: toggles.counts(pixels: pixelCount))
    }

    /// The mask turned by 180 degrees: its runs in reverse.
    package func rotated180() -> RLE {
        var toggles = ToggleList(capacity: counts.count + 1)
        // An even number of runs ends with foreground, with which the turned mask then begins.
        if counts.count.isMultiple(of: 2) { toggles.toggle(at: 0) }
        var position = 0
        for count in counts.reversed() {
            position += Int(count)
            toggles.toggle(at: position)
        }
        return RLE(height: height, width: width, canonical: toggles.counts(pixels: pixelCount))
    }

    /// The mask mirrored top to bottom.
    package func flippedVertically() -> RLE { rotated180().flippedHorizontally() }

    /// The mask with rows and columns exchanged.
    package func transposed() -> RLE {
        // Without a limit the list is always made.
        guard let rows = RowToggles(self) else { preconditionFailure("row changes of a mask were not computed") }
        var toggles = ToggleList(capacity: rows.columns.count)
        var index = 0
        for row in 0..<height {
            let base = row * width
            let end = rows.ends[row]
            let isOpen = (end - index) & 1 == 1
            while index < end {
                toggles.toggle(at: base + Int(rows.columns[index]))
                index += 1
            }
            if isOpen { toggles.toggle(at: base + width) }
        }
        return RLE(height: width, width: height, canonical: toggles.counts(pixels: pixelCount))
    }
}
