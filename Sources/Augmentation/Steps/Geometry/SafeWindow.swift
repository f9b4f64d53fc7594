internal import Masks
internal import Runtime

/// A random window that keeps all objects, or nearly.
enum SafeWindow {
    static let erosion = ParameterSpecification(
        "erosion_rate", .number(0...1), 0,
        "How much of the box around all objects may be cut off, in parts of it; without objects, how much of the image."
    )

    /// - Parameters:
    ///   - masks: of the frame.
    ///   - erosion: 0...1.
    static func draw(
        height: Int, width: Int, masks: [RLE], erosion: Double, random: inout CounterRandom
    ) -> (row: Int, column: Int, height: Int, width: Int) {
        // Four draws whatever there is.
        let (first, second, third, fourth) = (random.uniform(), random.uniform(), random.uniform(), random.uniform())
        let boxes = masks.compactMap(\.bounds)
        guard let rows = union(boxes.map(\.rows)), let columns = union(boxes.map(\.columns)) else {
            let least = max(1, Int(Double(height) * (1 - erosion)))
            let tall = min(height, least + Int(first * Double(height - least + 1)))
            let wide = max(1, min(width, tall * width / height))
            return (
                Int(third * Double(height - tall + 1)), Int(fourth * Double(width - wide + 1)), tall, wide
            )
        }
        func axis(_ kept: Range<Int>, _ length: Int, _ low: Double, _ high: Double) -> Range<Int> {
            let cut = erosion * Double(kept.count)
            let from = Int(Double(kept.lowerBound) + cut / 2)
            let to = min(length, max(from + 1, Int((Double(kept.upperBound) - cut / 2).rounded(.up))))
            // Rounded away from what is kept.
            let start = Int(low * Double(from + 1))
            let end = to + Int(high * Double(length - to + 1))
            return min(start, from)..<min(length, end)
        }
        let tall = axis(rows, height, first, second)
        let wide = axis(columns, width, third, fourth)
        return (tall.lowerBound, wide.lowerBound, tall.count, wide.count)
    }

    private static func union(_ ranges: [Range<Int>]) -> Range<Int>? {
        guard let low = ranges.map(\.lowerBound).min(), let high = ranges.map(\.upperBound).max() else { return nil }
        return low..<high
    }
}
