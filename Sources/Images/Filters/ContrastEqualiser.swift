/// Contrast-limited adaptive histogram equalisation (CLAHE) of one channel.
///
/// The channel is cut into tiles of one size (mirrored at the right and lower edge where it does not divide). Of each
/// tile's histogram what exceeds the limit is spread evenly; its running sum is the tile's table, and each pixel's value
/// is interpolated between the tables of the four nearest tiles. As OpenCV's `createCLAHE`; K. Zuiderveld, "Contrast
/// limited adaptive histogram equalization", Graphics Gems IV, 1994.
package struct ContrastEqualiser {
    private let rows: Int
    private let columns: Int
    private let tileHeight: Int
    private let tileWidth: Int
    /// [rows, columns, 256]
    private let tables: [UInt8]

    /// - Parameters:
    ///   - values: [height, width] bytes.
    ///   - clipLimit: of a histogram's entries, in means of them; at least 1.
    ///   - rows: of tiles.
    ///   - columns: of tiles.
    package init(_ values: [UInt8], height: Int, width: Int, clipLimit: Double, rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
        // As OpenCV has it: one axis that does not divide makes both grow to the next multiple.
        let divides = height % rows == 0 && width % columns == 0
        let tall = divides ? height / rows : (height + rows - height % rows) / rows
        let wide = divides ? width / columns : (width + columns - width % columns) / columns
        tileHeight = tall
        tileWidth = wide
        let area = tall * wide
        let limit = max(1, Int(clipLimit * Double(area) / 256))
        var tables = [UInt8](repeating: 0, count: rows * columns * 256)
        var counts = [Int](repeating: 0, count: 256)
        for tile in 0..<rows * columns {
            for value in counts.indices { counts[value] = 0 }
            let (top, left) = (tile / columns * tall, tile % columns * wide)
            for row in top..<top + tall {
                let line = AxisTaps.reflected(row, length: height) * width
                for column in left..<left + wide {
                    counts[Int(values[line + AxisTaps.reflected(column, length: width)])] += 1
                }
            }
            Self.clip(&counts, limit: limit)
            var sum = 0
            for value in 0..<256 {
                sum += counts[value]
                let scaled = (Float(sum) * (255 / Float(area))).rounded(.toNearestOrEven)
                tables[tile * 256 + value] = UInt8(min(255, scaled))
            }
        }
        self.tables = tables
    }

    /// Cuts the entries at the limit and spreads what is cut off: evenly, and the rest over entries evenly apart.
    private static func clip(_ counts: inout [Int], limit: Int) {
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

    /// What a value at a place becomes.
    package func value(_ value: UInt8, row: Int, column: Int) -> UInt8 {
        // Times the inverse, as OpenCV has it: a quotient rounds otherwise.
        let down = Float(row) * (1 / Float(tileHeight)) - 0.5
        let across = Float(column) * (1 / Float(tileWidth)) - 0.5
        let (top, left) = (Int(down.rounded(.down)), Int(across.rounded(.down)))
        let (shareY, shareX) = (down - Float(top), across - Float(left))
        func entry(_ row: Int, _ column: Int) -> Float {
            let tile = min(rows - 1, max(0, row)) * columns + min(columns - 1, max(0, column))
            return Float(tables[tile * 256 + Int(value)])
        }
        let upper = entry(top, left) * (1 - shareX) + entry(top, left + 1) * shareX
        let lower = entry(top + 1, left) * (1 - shareX) + entry(top + 1, left + 1) * shareX
        return UInt8(min(255, max(0, (upper * (1 - shareY) + lower * shareY).rounded(.toNearestOrEven))))
    }
}

extension RGBImage {
    /// The image with its lightness (L* of CIE L*a*b*) equalised tile by tile, hue and chroma kept.
    /// - Parameters:
    ///   - clipLimit: of a histogram's entries, in means of them; at least 1.
    ///   - rows: of tiles, at least 1.
    ///   - columns: of tiles, at least 1.
    package func contrastEqualised(clipLimit: Double, rows: Int, columns: Int) -> RGBImage {
        precondition(rows > 0 && columns > 0 && clipLimit >= 1, "\(rows) x \(columns) tiles, limit \(clipLimit)")
        let lightness = Lightness()
        let values = (0..<height * width).map {
            lightness.value(pixels[3 * $0], pixels[3 * $0 + 1], pixels[3 * $0 + 2])
        }
        let equaliser = ContrastEqualiser(
            values, height: height, width: width, clipLimit: clipLimit, rows: rows, columns: columns)
        let equalised = Self.filled(rows: height, rowBytes: width * 3) { rows, out in
            for pixel in rows.lowerBound * width..<rows.upperBound * width {
                let old = values[pixel]
                let new = equaliser.value(old, row: pixel / width, column: pixel % width)
                let (red, green, blue) = lightness.colour(
                    pixels[3 * pixel], pixels[3 * pixel + 1], pixels[3 * pixel + 2], change: Int(new) - Int(old))
                out[3 * pixel] = red
                out[3 * pixel + 1] = green
                out[3 * pixel + 2] = blue
            }
        }
        return RGBImage(height: height, width: width, pixels: equalised)
    }
}
