internal import Images
internal import Masks

/// Moves with an interpolation or a border that a step names.
extension FrameResampling {
    /// The moved image by a stated interpolation, without a filter before it, as OpenCV does.
    func sampled(
        _ image: RGBImage, _ window: (rows: Range<Int>, columns: Range<Int>), _ interpolation: Interpolation
    ) -> RGBImage {
        if let aligned {
            // Pixels that move as they are are the same by every interpolation.
            if !move.extendsEdges, isExact(aligned, window) { return self.image(image, along: aligned, window) }
            let seen = Self.seen(image, window, aligned.symmetry)
            let axes = samples(aligned, window, interpolation)
            return seen.sampled(rows: axes.rows, columns: axes.columns, fill: move.fill)
        }
        guard let inverse else { return blank }
        let warp = FrameWarp(height: move.height, width: move.width, inverse: inverse, displacement: displacement)
        if interpolation == .linear, !move.extendsEdges {
            // What steps do that are not told otherwise, without the filter.
            return image.warped(by: warp, rows: window.rows, columns: window.columns, fill: move.fill)
        }
        return image.sampled(
            by: warp, rows: window.rows, columns: window.columns, interpolation: interpolation, border: move.outside,
            fill: move.fill)
    }

    /// The moved image with its edges extended: pixels as they are where each goes to a pixel, else a blend of four, after a
    /// filter where the move shrinks.
    func extended(_ image: RGBImage, _ window: (rows: Range<Int>, columns: Range<Int>)) -> RGBImage {
        if let aligned, isExact(aligned, window) { return sampled(image, window, .nearest) }
        guard let inverse else { return blank }
        let (source, back, window) = filtered(image, back: inverse, window)
        let warp = FrameWarp(height: move.height, width: move.width, inverse: back, displacement: displacement)
        return source.sampled(
            by: warp, rows: window.rows, columns: window.columns, interpolation: .linear, border: move.outside,
            fill: move.fill)
    }

    /// The moved mask where edges are extended: each pixel is the source pixel that its place lies in.
    func extended(_ mask: RLE, _ window: (rows: Range<Int>, columns: Range<Int>)) -> RLE {
        if mask.isEmpty { return RLE.empty(height: move.height, width: move.width) }
        let source = mask.cropped(rows: window.rows, columns: window.columns)
        if let aligned {
            let seen = aligned.symmetry(source).bitmap()
            let axes = samples(aligned, window, .nearest)
            let (rows, columns) = (axes.rows.singlePositions, axes.columns.singlePositions)
            return RLE(
                Bitmap(height: move.height, width: move.width) { target in
                    for (row, from) in rows.enumerated() where from >= 0 {
                        for (column, place) in columns.enumerated() where place >= 0 {
                            target[row * move.width + column] = seen.pixels[from * seen.width + place]
                        }
                    }
                })
        }
        guard let inverse else { return RLE.empty(height: move.height, width: move.width) }
        let bitmap = source.bitmap()
        let warp = FrameWarp(height: move.height, width: move.width, inverse: inverse, displacement: displacement)
        let border = move.outside
        func position(_ place: Double, _ range: Range<Int>) -> Int? {
            guard abs(place) < 1e8 else { return nil }
            return border.position(Int((place + 0.5).rounded(.down)) - range.lowerBound, length: range.count)
        }
        return RLE(
            Bitmap(height: move.height, width: move.width) { target in
                for row in 0..<move.height {
                    warp.forEachStretch(row: row, columns: 0..<move.width) { stretch in
                        for step in 0..<stretch.columns.count {
                            let x = position(stretch.x + Double(step) * stretch.dx, window.columns)
                            let y = position(stretch.y + Double(step) * stretch.dy, window.rows)
                            guard let x, let y else { continue }
                            target[row * move.width + stretch.columns.lowerBound + step] =
                                bitmap.pixels[y * bitmap.width + x]
                        }
                    }
                }
            })
    }

    /// The part of the image that may be seen, turned.
    private static func seen(
        _ image: RGBImage, _ window: (rows: Range<Int>, columns: Range<Int>), _ symmetry: DihedralTransform
    ) -> RGBImage {
        let isWhole = window.rows.count == image.height && window.columns.count == image.width
        return symmetry(
            isWhole
                ? image
                : image.cropped(
                    row: window.rows.lowerBound, column: window.columns.lowerBound, height: window.rows.count,
                    width: window.columns.count))
    }

    private func isExact(_ map: AxisAlignedMap, _ window: (rows: Range<Int>, columns: Range<Int>)) -> Bool {
        let axes = map.axes(rows: window.rows, columns: window.columns)
        return axes.x.isExact && axes.y.isExact
    }

    /// What rows and columns of the new frame are made of, in the seen and turned part of the source.
    private func samples(
        _ map: AxisAlignedMap, _ window: (rows: Range<Int>, columns: Range<Int>), _ interpolation: Interpolation
    ) -> (rows: AxisSamples, columns: AxisSamples) {
        let axes = map.axes(rows: window.rows, columns: window.columns)
        func samples(_ axis: AxisMap, _ count: Int) -> AxisSamples {
            if axis.isExact {
                return AxisSamples(
                    (0..<count).map { move.outside.position($0 - axis.wholeShift, length: axis.length) })
            }
            return AxisSamples(
                count: count, scale: 1 / axis.scale, origin: -axis.shift / axis.scale, length: axis.length,
                interpolation: interpolation, border: move.outside)
        }
        return (samples(axes.y, move.height), samples(axes.x, move.width))
    }
}
