internal import Images
internal import Masks
internal import Runtime

/// Carries a move out, on pixels and on masks.
///
/// Along the axes, masks stay runs and pixels are copied or filtered as Pillow does; any other move samples between
/// pixels, after a filter where it shrinks.
struct FrameResampling {
    let move: FrameMove
    let displacement: DisplacementField?
    /// The move, where it keeps the axes.
    let aligned: AxisAlignedMap?
    /// The way back; nil where the move flattens the frame, which then shows nothing.
    let inverse: ProjectiveMatrix?

    init(_ move: FrameMove, displacement: DisplacementField?) {
        self.move = move
        self.displacement = displacement
        aligned = displacement == nil ? move.matrix.axisAligned : nil
        inverse = move.matrix.inverse
    }

    /// The moved image.
    func image(_ image: RGBImage) -> RGBImage {
        let window = move.window
        if window.rows.isEmpty || window.columns.isEmpty { return blank }
        if case .explicit(let interpolation) = move.choice { return sampled(image, window, interpolation) }
        if move.extendsEdges { return extended(image, window) }
        return aligned.map { self.image(image, along: $0, window) } ?? warped(image, window)
    }

    /// The moved masks.
    func masks(_ masks: [RLE]) -> [RLE] {
        let window = move.window
        if window.rows.isEmpty || window.columns.isEmpty {
            return masks.map { _ in RLE.empty(height: move.height, width: move.width) }
        }
        var moved = masks
        moved.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let result = buffer  // each chunk writes its own
            Workers.forEachChunk(of: masks.count, grain: 1) { indices, _ in
                for index in indices {
                    let mask = masks[index]
                    result[index] =
                        move.extendsEdges
                        ? extended(mask, window)
                        : aligned.map { self.mask(mask, along: $0, window) } ?? warped(mask, window)
                }
            }
        }
        return moved
    }

    var blank: RGBImage { RGBImage(height: move.height, width: move.width, filling: move.fill) }

    // MARK: Along the axes

    /// The two axes, and the target positions that show something.
    private func axes(
        _ map: AxisAlignedMap, _ window: (rows: Range<Int>, columns: Range<Int>)
    ) -> (x: AxisMap, y: AxisMap, columns: Range<Int>, rows: Range<Int>) {
        let (x, y) = map.axes(rows: window.rows, columns: window.columns)
        func visible(_ range: ClosedRange<Double>, _ whole: Range<Int>, _ mirrors: Bool) -> (low: Double, high: Double)
        {
            mirrors
                ? (Double(whole.upperBound) - range.upperBound, Double(whole.upperBound) - range.lowerBound)
                : (range.lowerBound - Double(whole.lowerBound), range.upperBound - Double(whole.lowerBound))
        }
        let across = visible(move.columns, window.columns, map.symmetry.mirrorsColumns)
        let down = visible(move.rows, window.rows, map.symmetry.mirrorsRows)
        let swaps = map.symmetry.swapsAxes
        return (
            x, y, x.targets(limit: move.width, visible: swaps ? down : across),
            y.targets(limit: move.height, visible: swaps ? across : down)
        )
    }

    func image(
        _ image: RGBImage, along map: AxisAlignedMap, _ window: (rows: Range<Int>, columns: Range<Int>)
    ) -> RGBImage {
        let axes = axes(map, window)
        if axes.columns.isEmpty || axes.rows.isEmpty { return blank }
        var seen = image
        if window.rows.count < image.height || window.columns.count < image.width {
            seen = image.cropped(
                row: window.rows.lowerBound, column: window.columns.lowerBound, height: window.rows.count,
                width: window.columns.count)
        }
        if axes.x.isExact && axes.y.isExact {
            seen = exact(seen, map.symmetry, axes)
        } else {
            seen = map.symmetry(seen).filtered(rows: axes.y.taps(axes.rows), columns: axes.x.taps(axes.columns))
        }
        if seen.height == move.height && seen.width == move.width { return seen }
        return seen.placed(
            height: move.height, width: move.width, row: axes.rows.lowerBound, column: axes.columns.lowerBound,
            fill: move.fill)
    }

    /// The pixels that the target positions show, which are the source's own.
    private func exact(
        _ image: RGBImage, _ symmetry: DihedralTransform,
        _ axes: (x: AxisMap, y: AxisMap, columns: Range<Int>, rows: Range<Int>)
    ) -> RGBImage {
        let turned = symmetry(image)
        if axes.rows.count == turned.height && axes.columns.count == turned.width { return turned }
        return turned.cropped(
            row: axes.rows.lowerBound - axes.y.wholeShift, column: axes.columns.lowerBound - axes.x.wholeShift,
            height: axes.rows.count, width: axes.columns.count)
    }

    private func mask(
        _ mask: RLE, along map: AxisAlignedMap, _ window: (rows: Range<Int>, columns: Range<Int>)
    ) -> RLE {
        let axes = axes(map, window)
        if mask.isEmpty || axes.columns.isEmpty || axes.rows.isEmpty {
            return RLE.empty(height: move.height, width: move.width)
        }
        var seen = mask
        if window.rows.count < mask.height || window.columns.count < mask.width {
            seen = mask.cropped(rows: window.rows, columns: window.columns)
        }
        seen = map.symmetry(seen)
        guard axes.x.isExact && axes.y.isExact else {
            return seen.resampled(
                rows: axes.y.nearest(axes.rows, count: move.height),
                columns: axes.x.nearest(axes.columns, count: move.width))
        }
        if axes.rows.count < seen.height || axes.columns.count < seen.width {
            let (down, across) = (axes.y.wholeShift, axes.x.wholeShift)
            seen = seen.cropped(
                rows: axes.rows.lowerBound - down..<axes.rows.upperBound - down,
                columns: axes.columns.lowerBound - across..<axes.columns.upperBound - across)
        }
        if seen.height == move.height && seen.width == move.width { return seen }
        return seen.placed(
            height: move.height, width: move.width, top: axes.rows.lowerBound, left: axes.columns.lowerBound)
    }

    // MARK: Any other way

    /// A move that makes an axis shorter than this share of its length filters before it samples.
    private static let sharpest = 0.6

    private func warped(_ image: RGBImage, _ window: (rows: Range<Int>, columns: Range<Int>)) -> RGBImage {
        guard let inverse else { return blank }
        let (source, back, window) = filtered(image, back: inverse, window)
        let warp = FrameWarp(height: move.height, width: move.width, inverse: back, displacement: displacement)
        return source.warped(by: warp, rows: window.rows, columns: window.columns, fill: move.fill)
    }

    /// The image made smaller where the move shrinks it, with the way back and the window in it.
    func filtered(
        _ image: RGBImage, back: ProjectiveMatrix, _ window: (rows: Range<Int>, columns: Range<Int>)
    ) -> (image: RGBImage, back: ProjectiveMatrix, window: (rows: Range<Int>, columns: Range<Int>)) {
        let factors = move.matrix.axisFactors(atX: Double(image.width) / 2, y: Double(image.height) / 2)
        let width = Self.shrunk(image.width, by: factors.x)
        let height = Self.shrunk(image.height, by: factors.y)
        guard width < image.width || height < image.height else { return (image, back, window) }
        let (across, down) = (Double(width) / Double(image.width), Double(height) / Double(image.height))
        func scaled(_ range: Range<Int>, _ factor: Double, _ limit: Int) -> Range<Int> {
            let low = min(limit - 1, Int((Double(range.lowerBound) * factor).rounded(.down)))
            return low..<max(low + 1, min(limit, Int((Double(range.upperBound) * factor).rounded(.up))))
        }
        return (
            image.resized(width: width, height: height), back.followed(by: .scale(x: across, y: down)),
            (scaled(window.rows, down, height), scaled(window.columns, across, width))
        )
    }

    private static func shrunk(_ length: Int, by factor: Double) -> Int {
        guard factor.isFinite, factor < sharpest else { return length }
        return max(1, min(length, Int((Double(length) * factor).rounded(.up))))
    }

    private func warped(_ mask: RLE, _ window: (rows: Range<Int>, columns: Range<Int>)) -> RLE {
        guard let inverse, let bounds = mask.bounds else { return RLE.empty(height: move.height, width: move.width) }
        let warp = FrameWarp(height: move.height, width: move.width, inverse: inverse, displacement: displacement)
        let targets = reach(
            rows: bounds.rows.clamped(to: window.rows), columns: bounds.columns.clamped(to: window.columns))
        return mask.warped(by: warp, within: targets, rows: window.rows, columns: window.columns)
    }

    /// Rows and columns of the new frame that can show something of a window of the source.
    private func reach(rows: Range<Int>, columns: Range<Int>) -> (rows: Range<Int>, columns: Range<Int>) {
        if rows.isEmpty || columns.isEmpty { return (0..<0, 0..<0) }
        var (left, right, top, bottom) = (Double.infinity, -Double.infinity, Double.infinity, -Double.infinity)
        for x in [columns.lowerBound, columns.upperBound] {
            for y in [rows.lowerBound, rows.upperBound] {
                let place = move.matrix(Double(x), Double(y))
                // A corner behind the horizon: the window may show anywhere.
                guard place.x.isFinite, place.y.isFinite else { return (0..<move.height, 0..<move.width) }
                (left, right) = (min(left, place.x), max(right, place.x))
                (top, bottom) = (min(top, place.y), max(bottom, place.y))
            }
        }
        let margin = 1 + (displacement?.reach ?? 0)
        func whole(_ low: Double, _ high: Double, _ limit: Int) -> Range<Int> {
            let first = Int(min(Double(limit), max(0, (low - margin).rounded(.down))))
            return first..<max(first, Int(min(Double(limit), max(0, (high + margin).rounded(.up)))))
        }
        return (whole(top, bottom, move.height), whole(left, right, move.width))
    }
}
