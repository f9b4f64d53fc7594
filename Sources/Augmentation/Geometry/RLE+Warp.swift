internal import Images
internal import Masks

extension RLE {
    /// The warped mask: each pixel is the source pixel that its place lies in. Only the part of the mask within its box is
    /// ever a bitmap, and only the part of the result that it can reach is looked at.
    ///
    /// - Parameters:
    ///   - warp: where the pixels come from.
    ///   - targets: rows and columns of the result outside of which there is nothing of the mask.
    ///   - rows: of the source that may be seen.
    ///   - columns: likewise.
    func warped(
        by warp: FrameWarp, within targets: (rows: Range<Int>, columns: Range<Int>), rows: Range<Int>,
        columns: Range<Int>
    ) -> RLE {
        guard let bounds else { return Self.empty(height: warp.height, width: warp.width) }
        let rows = bounds.rows.clamped(to: rows)
        let columns = bounds.columns.clamped(to: columns)
        if rows.isEmpty || columns.isEmpty || targets.rows.isEmpty || targets.columns.isEmpty {
            return Self.empty(height: warp.height, width: warp.width)
        }
        let source = cropped(rows: rows, columns: columns).bitmap()
        var encoder = RowwiseEncoder(width: targets.columns.count)
        var line = [UInt8](repeating: 0, count: targets.columns.count)
        source.pixels.withUnsafeBufferPointer { pixels in
            line.withUnsafeMutableBufferPointer { line in
                for row in targets.rows {
                    line.update(repeating: 0)
                    warp.forEachStretch(row: row, columns: targets.columns) { stretch in
                        Self.draw(
                            stretch, of: pixels, rows: rows, columns: columns,
                            into: line, from: stretch.columns.lowerBound - targets.columns.lowerBound)
                    }
                    if let base = line.baseAddress { encoder.add(UnsafePointer(base)) }
                }
            }
        }
        return encoder.rle(
            height: warp.height, width: warp.width, top: targets.rows.lowerBound, left: targets.columns.lowerBound)
    }

    /// A mask without foreground, of a size that masks have.
    static func empty(height: Int, width: Int) -> RLE {
        do {
            return try RLE(height: height, width: width)
        } catch {
            preconditionFailure("a frame of \(height) x \(width) pixels: \(error)")
        }
    }

    /// - Parameter pixels: the source's rows and columns, row-major.
    private static func draw(
        _ stretch: WarpStretch, of pixels: UnsafeBufferPointer<UInt8>, rows: Range<Int>, columns: Range<Int>,
        into line: UnsafeMutableBufferPointer<UInt8>, from first: Int
    ) {
        guard let fixed = stretch.fixed(bits: 32) else { return }
        let count = stretch.columns.count
        // From the middles of pixels to their edges, and from the source to the part of it that is here.
        let half = 1 << 31
        var x = fixed.x + half - columns.lowerBound << 32
        var y = fixed.y + half - rows.lowerBound << 32
        let across = WarpStretch.steps(place: x, step: fixed.dx, from: 0, to: columns.count << 32, count: count)
        let down = WarpStretch.steps(place: y, step: fixed.dy, from: 0, to: rows.count << 32, count: count)
        let steps = across.clamped(to: down)
        guard !steps.isEmpty, let source = pixels.baseAddress, let target = line.baseAddress else { return }
        x += steps.lowerBound * fixed.dx
        y += steps.lowerBound * fixed.dy
        let width = columns.count
        for step in steps {
            target[first + step] = source[(y >> 32) &* width &+ (x >> 32)]
            x &+= fixed.dx
            y &+= fixed.dy
        }
    }
}
