/// Euclidean distances where rows and columns are not equally far apart.
extension Bitmap {
    /// The distance of every pixel to the nearest foreground pixel, row-major; infinite everywhere when the mask is empty.
    ///
    /// Source: Felzenszwalb and Huttenlocher, "Distance transforms of sampled functions", 2012.
    ///
    /// - Parameters:
    ///   - rowSpacing: from one row to the next, more than 0, in any unit.
    ///   - columnSpacing: from one column to the next, in the same unit.
    package func distancesToForeground(rowSpacing: Double, columnSpacing: Double) -> [Double] {
        precondition(
            rowSpacing > 0 && columnSpacing > 0 && rowSpacing.isFinite && columnSpacing.isFinite,
            "spacing of \(rowSpacing) x \(columnSpacing)")
        if rowSpacing == columnSpacing {
            return squaredDistancesToForeground().map {
                $0 == Self.unreachable ? .infinity : rowSpacing * Double($0).squareRoot()
            }
        }
        let vertical = verticalDistances(to: 1, borderCounts: false)
        var distances = [Double](repeating: .infinity, count: vertical.count)
        for row in 0..<height {
            let span = row * width..<(row + 1) * width
            let squares = vertical[span].map { steps -> Double in
                steps < 0 ? .infinity : (Double(steps) * rowSpacing) * (Double(steps) * rowSpacing)
            }
            Self.lowerEnvelope(of: squares, spacing: columnSpacing) { column, square in
                distances[span.lowerBound + column] = square.squareRoot()
            }
        }
        return distances
    }

    /// For each column x the minimum over all columns i of `spacing² (x - i)² + squares[i]`.
    private static func lowerEnvelope(of squares: [Double], spacing: Double, _ body: (Int, Double) -> Void) {
        /// A parabola that is the lowest from `start` on.
        struct Part {
            var centre: Int
            var start: Double
        }
        let scale = spacing * spacing
        var parts: [Part] = []
        for column in squares.indices where squares[column].isFinite {
            var start = -Double.infinity
            while let last = parts.last {
                let (a, b) = (Double(last.centre), Double(column))
                start = (squares[column] - squares[last.centre] + scale * (b * b - a * a)) / (2 * scale * (b - a))
                if start > last.start { break }
                parts.removeLast()
                start = -.infinity
            }
            parts.append(Part(centre: column, start: start))
        }
        guard !parts.isEmpty else { return }
        var index = 0
        for column in squares.indices {
            while index + 1 < parts.count && parts[index + 1].start <= Double(column) { index += 1 }
            let steps = Double(column - parts[index].centre)
            body(column, scale * steps * steps + squares[parts[index].centre])
        }
    }
}
