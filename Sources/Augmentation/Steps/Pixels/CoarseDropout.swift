internal import Images
internal import Masks
internal import Runtime

/// Rectangles painted over.
struct CoarseDropout: AugmentationOperation {
    static let specification = StepSpecification(
        "CoarseDropout", .pixels, "Rectangles are painted over at random places.",
        [
            ParameterSpecification(
                "num_holes_range", .wholeInterval(1...1000, .fixed), [1, 2], "Number of rectangles."),
            ParameterSpecification(
                "hole_height_range", .interval(0.0001...16_384, .fixed), [0.1, 0.2],
                "Rows of a rectangle: below 1 in parts of the image's, else in pixels."),
            ParameterSpecification(
                "hole_width_range", .interval(0.0001...16_384, .fixed), [0.1, 0.2],
                "Columns of a rectangle: below 1 in parts of the image's, else in pixels."),
            ParameterSpecification("fill", .colour, 0, "Colour of the rectangles."),
            ParameterSpecification(
                "fill_mask", .integer(0...0), .null,
                "0 takes the rectangles away from masks as well; left out, masks stay."),
            .probability(0.5),
        ])

    private let count: DrawInterval
    private let height: DrawInterval
    private let width: DrawInterval
    private let fill: RGBColour
    private let coversMasks: Bool

    init(_ parameters: StepParameters) throws(AugmentationError) {
        count = parameters.interval("num_holes_range")
        height = parameters.interval("hole_height_range")
        width = parameters.interval("hole_width_range")
        fill = parameters.rgb("fill")
        coversMasks = parameters.has("fill_mask")
        for interval in [height, width] where interval.low < 1 && interval.high >= 1 {
            throw AugmentationError(
                .value,
                "CoarseDropout: a range of \(interval.low)...\(interval.high) mixes parts of the image and pixels; "
                    + "both ends below 1, or neither")
        }
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        state.settle()
        let (tall, wide) = (state.height, state.width)
        func length(_ interval: DrawInterval, _ whole: Int) -> Int {
            interval.high < 1
                ? Int(interval.draw(&random) * Double(whole)) : min(whole, interval.drawWhole(&random))
        }
        var holes: [(rows: Range<Int>, columns: Range<Int>)] = []
        for _ in 0..<count.drawWhole(&random) {
            let (rows, columns) = (length(height, tall), length(width, wide))
            let (top, left) = (random.index(below: tall - rows + 1), random.index(below: wide - columns + 1))
            holes.append((top..<top + rows, left..<left + columns))
        }
        state.changeImage { image in
            var image = image
            for hole in holes { image.fill(rows: hole.rows, columns: hole.columns, with: fill) }
            return image
        }
        if coversMasks, !state.entries.isEmpty {
            for hole in holes where !hole.rows.isEmpty && !hole.columns.isEmpty {
                state.cover(
                    RLE.rectangle(height: tall, width: wide, rows: hole.rows, columns: hole.columns),
                    minimumVisibility: 0)
            }
        }
    }
}

extension RLE {
    /// A mask of a rectangle, which must lie inside.
    fileprivate static func rectangle(height: Int, width: Int, rows: Range<Int>, columns: Range<Int>) -> RLE {
        RLE(
            Bitmap(
                height: rows.count, width: columns.count,
                pixels: [UInt8](repeating: 1, count: rows.count * columns.count))
        )
        .placed(height: height, width: width, top: rows.lowerBound, left: columns.lowerBound)
    }
}
