internal import Runtime

extension RGBImage {
    /// The image resampled along its axes.
    ///
    /// Weighted sums are made in single precision, down the columns first, and rounded once; the result depends neither on
    /// the worker count nor on the machine.
    /// - Parameters:
    ///   - rows: what each row of the result is made of.
    ///   - columns: what each column is.
    ///   - fill: the colour outside.
    package func sampled(rows: AxisSamples, columns: AxisSamples, fill: RGBColour) -> RGBImage {
        let outWidth = columns.count
        let colour = [Float(fill.red), Float(fill.green), Float(fill.blue)]
        let sampled = Self.filled(rows: rows.count, rowBytes: outWidth * 3) { chunk, out in
            var line = [Float](repeating: 0, count: width * 3)
            pixels.withUnsafeBufferPointer { source in
                for row in chunk {
                    let samples = rows.starts[row]..<rows.starts[row + 1]
                    // What the colour outside adds to every pixel of the line.
                    let outside = samples.reduce(Float(0)) { $0 + (rows.positions[$1] < 0 ? rows.weights[$1] : 0) }
                    line.withUnsafeMutableBufferPointer { line in
                        for index in line.indices { line[index] = outside * colour[index % 3] }
                        for sample in samples where rows.positions[sample] >= 0 {
                            let weight = rows.weights[sample]
                            let start = Int(rows.positions[sample]) * width * 3
                            for index in line.indices { line[index] += weight * Float(source[start + index]) }
                        }
                        let target = out + row * outWidth * 3
                        for column in 0..<outWidth {
                            var (red, green, blue) = (Float(0), Float(0), Float(0))
                            for sample in columns.starts[column]..<columns.starts[column + 1] {
                                let weight = columns.weights[sample]
                                let position = Int(columns.positions[sample]) * 3
                                red += weight * (position < 0 ? colour[0] : line[position])
                                green += weight * (position < 0 ? colour[1] : line[position + 1])
                                blue += weight * (position < 0 ? colour[2] : line[position + 2])
                            }
                            target[3 * column] = Self.level(red)
                            target[3 * column + 1] = Self.level(green)
                            target[3 * column + 2] = Self.level(blue)
                        }
                    }
                }
            }
        }
        return RGBImage(height: rows.count, width: outWidth, pixels: sampled)
    }

    /// The warped image, each pixel made of those around its place.
    ///
    /// Shares of a pixel are rounded to 1/1024.
    /// - Parameters:
    ///   - warp: where the pixels come from.
    ///   - rows: of the source that may be looked at; not empty. What lies outside of them is the border's.
    ///   - columns: likewise.
    ///   - fill: the colour of a constant border.
    package func sampled(
        by warp: some PixelWarp, rows: Range<Int>, columns: Range<Int>, interpolation: Interpolation,
        border: BorderMode, fill: RGBColour
    ) -> RGBImage {
        precondition(
            rows.lowerBound >= 0 && rows.upperBound <= height && columns.lowerBound >= 0
                && columns.upperBound <= width && !rows.isEmpty && !columns.isEmpty,
            "rows \(rows), columns \(columns) of \(height) x \(width) pixels")
        let outWidth = warp.width
        let table = PlaceSampler.table(interpolation)
        let sampled = Self.filled(rows: warp.height, rowBytes: outWidth * 3) { chunk, out in
            pixels.withUnsafeBufferPointer { source in
                let sampler = PlaceSampler(
                    source: source, width: width, rows: rows, columns: columns, interpolation: interpolation,
                    table: table, border: border, fill: fill)
                for row in chunk {
                    let line = out + row * outWidth * 3
                    warp.forEachStretch(row: row, columns: 0..<outWidth) { stretch in
                        for step in 0..<stretch.columns.count {
                            let colour = sampler.colour(
                                x: stretch.x + Double(step) * stretch.dx, y: stretch.y + Double(step) * stretch.dy)
                            let target = line + 3 * (stretch.columns.lowerBound + step)
                            target[0] = Self.level(colour.red)
                            target[1] = Self.level(colour.green)
                            target[2] = Self.level(colour.blue)
                        }
                    }
                }
            }
        }
        return RGBImage(height: warp.height, width: outWidth, pixels: sampled)
    }

    /// The nearest level of 8 bits.
    private static func level(_ value: Float) -> UInt8 { UInt8(min(255, max(0, value + 0.5))) }
}
