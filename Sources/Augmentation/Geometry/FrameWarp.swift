internal import Images

/// Where the pixels of a moved frame come from: each is displaced, where there is a displacement, and then taken back by
/// the inverse of the frame's matrix.
struct FrameWarp: PixelWarp {
    let height: Int
    let width: Int
    /// From the result to the source.
    let inverse: ProjectiveMatrix
    /// Of points of the result.
    let displacement: DisplacementField?

    /// A projective map is taken for straight where it leaves the line by less than this, in pixels.
    private static let straightness = 0.02

    /// Pieces begin at the same columns whatever part of the row is asked for: a mask, of which a part is looked at, is bent
    /// exactly as its picture.
    func forEachStretch(row: Int, columns: Range<Int>, _ body: (WarpStretch) -> Void) {
        if columns.isEmpty { return }
        if displacement == nil && inverse.isAffine {
            let first = place(row, columns.lowerBound)
            body(WarpStretch(columns: columns, x: first.x, y: first.y, dx: inverse.a, dy: inverse.d))
            return
        }
        guard let displacement else {
            straighten(row, 0..<width, place(row, 0), place(row, width), within: columns, body)
            return
        }
        let length = min(8, displacement.spacing)
        var start = columns.lowerBound / length * length
        var here = place(row, start)
        while start < columns.upperBound {
            let stop = min(width, start + length)
            let next = place(row, stop)
            body(Self.stretch(start..<stop, here, next).clamped(to: columns))
            (start, here) = (stop, next)
        }
    }

    /// Halves a part of a row until each piece is straight, or short.
    ///
    /// - Parameter wanted: columns of which the pieces are passed on.
    private func straighten(
        _ row: Int, _ columns: Range<Int>, _ first: (x: Double, y: Double), _ end: (x: Double, y: Double),
        within wanted: Range<Int>, _ body: (WarpStretch) -> Void
    ) {
        guard columns.overlaps(wanted) else { return }
        let middle = columns.lowerBound + columns.count / 2
        if columns.count > 8 {
            let share = Double(middle - columns.lowerBound) / Double(columns.count)
            let half = place(row, middle)
            let offX = abs(first.x + (end.x - first.x) * share - half.x)
            let offY = abs(first.y + (end.y - first.y) * share - half.y)
            // What is not a number is not straight.
            if !(offX < Self.straightness && offY < Self.straightness) {
                straighten(row, columns.lowerBound..<middle, first, half, within: wanted, body)
                straighten(row, middle..<columns.upperBound, half, end, within: wanted, body)
                return
            }
        }
        body(Self.stretch(columns, first, end).clamped(to: wanted))
    }

    private static func stretch(
        _ columns: Range<Int>, _ first: (x: Double, y: Double), _ end: (x: Double, y: Double)
    ) -> WarpStretch {
        let count = Double(columns.count)
        return WarpStretch(
            columns: columns, x: first.x, y: first.y, dx: (end.x - first.x) / count, dy: (end.y - first.y) / count)
    }

    /// The source place of a pixel of the result; whole numbers are the middles of source pixels.
    private func place(_ row: Int, _ column: Int) -> (x: Double, y: Double) {
        var (x, y) = (Double(column) + 0.5, Double(row) + 0.5)
        if let displacement {
            let shift = displacement(x, y)
            (x, y) = (x + shift.x, y + shift.y)
        }
        let source = inverse(x, y)
        return (source.x - 0.5, source.y - 0.5)
    }
}
