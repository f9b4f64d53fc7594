/// Histograms of the tiles of a ``ContrastEqualiser``, and the tables that come of them.
enum TileHistogram {
    /// How often each value is in a tile, which may reach over the right and lower edge, where values are mirrored.
    ///
    /// - Parameter values: [height, width] bytes.
    static func counts(of values: [UInt8], height: Int, width: Int, rows: Range<Int>, columns: Range<Int>) -> [Int] {
        // Neighbours are often equal, and a count has to be stored before it can be loaded again: four take turns.
        var counts = [UInt32](repeating: 0, count: 4 * 256)
        let inside = min(columns.upperBound, width)
        counts.withUnsafeMutableBufferPointer { counts in
            values.withUnsafeBufferPointer { values in
                for row in rows {
                    let line = AxisTaps.reflected(row, length: height) * width
                    var column = columns.lowerBound
                    while column + 4 <= inside {
                        counts[Int(values[line + column])] &+= 1
                        counts[256 + Int(values[line + column + 1])] &+= 1
                        counts[512 + Int(values[line + column + 2])] &+= 1
                        counts[768 + Int(values[line + column + 3])] &+= 1
                        column += 4
                    }
                    while column < columns.upperBound {
                        counts[Int(values[line + AxisTaps.reflected(column, length: width)])] &+= 1
                        column += 1
                    }
                }
            }
        }
        return (0..<256).map { value in
            Int(counts[value]) + Int(counts[256 + value]) + Int(counts[512 + value]) + Int(counts[768 + value])
        }
    }

    /// Cuts the entries at the limit and spreads what is cut off: evenly, and the rest over entries evenly apart.
    static func clip(_ counts: inout [Int], limit: Int) {
        var excess = 0
        for value in counts.indices where counts[value] > limit {
            excess += counts[value] - limit
            counts[value] = limit
        }
        let share = excess / 256
        for value in counts.indices { counts[value] += share }
        var rest = excess - share * 256
        if rest == 0 { return }
        let step = max(1, 256 / rest)
        var value = 0
        while value < 256 && rest > 0 {
            counts[value] += 1
            rest -= 1
            value += step
        }
    }

    /// The running sum of the counts in parts of 255, rounded to even.
    ///
    /// - Parameters:
    ///   - area: pixels of the tile.
    ///   - table: room for 256 values.
    static func table(of counts: [Int], area: Int, into table: UnsafeMutablePointer<UInt8>) {
        var sum = 0
        for value in 0..<256 {
            sum += counts[value]
            let scaled = (Float(sum) * (255 / Float(area))).rounded(.toNearestOrEven)
            table[value] = UInt8(min(255, scaled))
        }
    }
}
