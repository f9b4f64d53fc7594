/// Along one row, the minimum over all columns i of (x - i)^2 + g(i)^2: the second pass of the distance transform.
struct ParabolaEnvelope {
    private let borderCounts: Bool
    /// Columns whose parabola is lowest somewhere, from left to right.
    private var centres: [Int]
    /// Where each of them becomes the lowest.
    private var starts: [Int]

    init(width: Int, borderCounts: Bool) {
        self.borderCounts = borderCounts
        centres = [Int](repeating: 0, count: width)
        starts = [Int](repeating: 0, count: width)
    }

    /// - Parameters:
    ///   - result: squared distances of the row; `Bitmap.unreachable` when no column has a target.
    ///   - vertical: g, the distance inside each column, -1 for a column without a target.
    mutating func fill(_ result: UnsafeMutableBufferPointer<Int>, from vertical: UnsafeBufferPointer<Int32>) {
        let width = vertical.count
        var last = -1
        for column in 0..<width where vertical[column] >= 0 {
            let square = Int(vertical[column]) * Int(vertical[column])
            while last >= 0 {
                let centre = centres[last]
                let depth = Int(vertical[centre]) * Int(vertical[centre])
                let at = starts[last]
                let old = (at - centre) * (at - centre) + depth
                let new = (at - column) * (at - column) + square
                if old <= new { break }
                last -= 1
            }
            if last < 0 {
                last = 0
                centres[0] = column
                starts[0] = 0
                continue
            }
            let centre = centres[last]
            let depth = Int(vertical[centre]) * Int(vertical[centre])
            // The first whole x at which the new parabola is strictly lower.
            let start = (column * column - centre * centre + square - depth) / (2 * (column - centre)) + 1
            if start < width {
                last += 1
                centres[last] = column
                starts[last] = start
            }
        }
        guard last >= 0 else {
            result.update(repeating: Bitmap.unreachable)
            return
        }
        for x in (0..<width).reversed() {
            while last > 0 && starts[last] > x { last -= 1 }
            let centre = centres[last]
            let depth = Int(vertical[centre])
            let square = (x - centre) * (x - centre) + depth * depth
            result[x] = borderCounts ? min(square, borderSquare(x, width)) : square
        }
    }

    /// The squared distance to the first pixel outside the row.
    private func borderSquare(_ x: Int, _ width: Int) -> Int {
        let distance = min(x + 1, width - x)
        return distance * distance
    }
}
