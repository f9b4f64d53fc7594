/// The connected parts of a mask.
package struct ConnectedComponents: Sendable {
    package let height: Int
    package let width: Int
    /// Row-major; 0 is background, parts are numbered from 1 in the order of their first pixel.
    package let labels: [Int32]
    /// Pixels of each part: part `label` has `areas[label - 1]`.
    package let areas: [Int]

    /// The number of parts.
    package var count: Int { areas.count }

    /// The label of the part with the most pixels, the first of several; nil for an empty mask.
    package var largest: Int? {
        guard let most = areas.max(), let index = areas.firstIndex(of: most) else { return nil }
        return index + 1
    }

    /// The mask of one part.
    ///
    /// - Parameter label: 1...``count``.
    package func mask(of label: Int) -> Bitmap {
        precondition((1...max(1, count)).contains(label), "part \(label) of \(count)")
        let wanted = Int32(label)
        return Bitmap(height: height, width: width, pixels: labels.map { $0 == wanted ? 1 : 0 })
    }
}

extension Bitmap {
    /// Splits the mask into connected parts: runs of rows, joined by union-find where they touch.
    ///
    /// - Parameter eightConnected: pixels that touch at a corner belong together, too.
    /// - Complexity: O(pixels).
    package func connectedComponents(eightConnected: Bool) -> ConnectedComponents {
        let runs = rowRuns()
        var sets = DisjointSets(count: runs.count)
        // A run touches those of the row above whose columns overlap its own, at corners one further.
        let reach = eightConnected ? 1 : 0
        var above = 0
        for (index, run) in runs.enumerated() {
            while above < index
                && (runs[above].row < run.row - 1
                    || (runs[above].row == run.row - 1
                        && runs[above].columns.upperBound + reach <= run.columns.lowerBound))
            {
                above += 1
            }
            var other = above
            while other < index && runs[other].row == run.row - 1
                && runs[other].columns.lowerBound < run.columns.upperBound + reach
            {
                sets.join(other, index)
                other += 1
            }
        }
        return numbered(runs, &sets)
    }

    private func numbered(_ runs: [RowRun], _ sets: inout DisjointSets) -> ConnectedComponents {
        var labels = [Int32](repeating: 0, count: height * width)
        var areas: [Int] = []
        var labelOfRoot = [Int32](repeating: 0, count: runs.count)
        for (index, run) in runs.enumerated() {
            let root = sets.root(of: index)
            if labelOfRoot[root] == 0 {
                areas.append(0)
                labelOfRoot[root] = Int32(areas.count)
            }
            let label = labelOfRoot[root]
            areas[Int(label) - 1] += run.columns.count
            let start = run.row * width
            for column in run.columns { labels[start + column] = label }
        }
        return ConnectedComponents(height: height, width: width, labels: labels, areas: areas)
    }

    /// One horizontal run of foreground.
    private struct RowRun {
        var row: Int
        var columns: Range<Int>
    }

    private func rowRuns() -> [RowRun] {
        var runs: [RowRun] = []
        pixels.withUnsafeBufferPointer { pixels in
            for row in 0..<height {
                let start = row * width
                var column = 0
                while column < width {
                    if pixels[start + column] == 0 {
                        column += 1
                        continue
                    }
                    let first = column
                    while column < width && pixels[start + column] != 0 { column += 1 }
                    runs.append(RowRun(row: row, columns: first..<column))
                }
            }
        }
        return runs
    }
}
