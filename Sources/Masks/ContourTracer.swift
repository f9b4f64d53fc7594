/// Walks along the cracks between foreground and background pixels, the foreground on the right hand.
struct ContourTracer {
    private let bitmap: Bitmap
    /// Pixels whose upper crack has been walked along.
    private var visited: [Bool]

    private struct Step {
        var x: Int
        var y: Int
        /// Direction in steps of a quarter turn: 0 right, 1 down, 2 left, 3 up.
        var direction: Int
    }

    init(_ bitmap: Bitmap) {
        self.bitmap = bitmap
        visited = [Bool](repeating: false, count: bitmap.pixels.count)
    }

    /// The outer contours, clockwise from their topmost left corner, corners only, in the order of those corners.
    ///
    /// - Parameter holes: receives the contours of holes, which run the other way round, in the same order.
    mutating func outerContours(holes: inout [[Double]]) -> [[Double]] {
        var contours: [[Double]] = []
        for row in 0..<bitmap.height {
            for column in 0..<bitmap.width {
                guard isForeground(row, column), !isForeground(row - 1, column),
                    !visited[row * bitmap.width + column]
                else { continue }
                let contour = trace(fromRow: row, column: column)
                if PolygonGeometry.signedArea(contour) > 0 { contours.append(contour) } else { holes.append(contour) }
            }
        }
        return contours
    }

    /// Follows one contour from the upper left corner of a pixel until it closes.
    private mutating func trace(fromRow row: Int, column: Int) -> [Double] {
        var corners: [Double] = [Double(column), Double(row)]
        var step = Step(x: column, y: row, direction: 0)
        while true {
            if step.direction == 0 { visited[step.y * bitmap.width + step.x] = true }
            switch step.direction {
            case 0: step.x += 1
            case 1: step.y += 1
            case 2: step.x -= 1
            default: step.y -= 1
            }
            let turn = turn(at: step)
            step.direction = (step.direction + turn) & 3
            let isBack = step.x == column && step.y == row && step.direction == 0
            if turn != 0 && !isBack { corners += [Double(step.x), Double(step.y)] }
            if isBack { return corners }
        }
    }

    /// Quarter turns at a corner: right unless the pixel ahead on the right is foreground, left if the one ahead on the
    /// left is, too. Pixels that touch at a corner only are thereby kept apart.
    private func turn(at step: Step) -> Int {
        let (x, y) = (step.x, step.y)
        let (right, left): (Bool, Bool) =
            switch step.direction {
            case 0: (isForeground(y, x), isForeground(y - 1, x))
            case 1: (isForeground(y, x - 1), isForeground(y, x))
            case 2: (isForeground(y - 1, x - 1), isForeground(y, x - 1))
            default: (isForeground(y - 1, x), isForeground(y - 1, x - 1))
            }
        return right ? (left ? 3 : 0) : 1
    }

    private func isForeground(_ row: Int, _ column: Int) -> Bool {
        row >= 0 && row < bitmap.height && column >= 0 && column < bitmap.width
            && bitmap.pixels[row * bitmap.width + column] != 0
    }
}

extension Bitmap {
    /// The outlines of the mask's 4-connected parts as COCO polygons: rings of x, y in turn, along the pixels' borders.
    ///
    /// The COCO rasteriser turns them back into exactly this mask if it has no holes: whole-number corners on pixel
    /// borders are where its sampling is exact. Holes cannot be expressed by COCO polygons; they come back filled, so
    /// a caller compares `RLE(height:width:polygons:)` with the mask and keeps the RLE where they differ.
    package func contourPolygons() -> [[Double]] {
        contours().outer
    }

    /// The outlines of the mask's 4-connected parts, clockwise, and of its holes, the other way round.
    ///
    /// Drawn by the COCO rasteriser and combined by the even-odd rule, they are exactly this mask.
    package func contours() -> (outer: [[Double]], holes: [[Double]]) {
        var tracer = ContourTracer(self)
        var holes: [[Double]] = []
        let outer = tracer.outerContours(holes: &holes)
        return (outer, holes)
    }
}
