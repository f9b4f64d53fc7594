/// What the positions of a resampled axis are made of: for each of them some positions of the source, with weights.
package struct AxisSamples: Sendable {
    /// Where the samples of each position begin, and at the end their number.
    let starts: [Int]
    /// Of the source; -1 for the colour outside of it.
    let positions: [Int32]
    let weights: [Float]

    /// Positions of the result.
    package var count: Int { starts.count - 1 }
    /// Samples of all of them.
    package var sampleCount: Int { positions.count }

    /// An axis of which position `i` is the source's at `scale · (i + 1/2) + origin`, whole numbers being the edges of
    /// pixels.
    ///
    /// - Parameters:
    ///   - count: of the result.
    ///   - scale: source pixels from one position to the next, above 0.
    ///   - origin: where the result's edge lies in the source.
    ///   - length: of the source, at least 1.
    ///   - border: what lies outside of it.
    package init(
        count: Int, scale: Double, origin: Double, length: Int, interpolation: Interpolation, border: BorderMode
    ) {
        precondition(count >= 0 && length > 0 && scale > 0, "\(count) positions of \(length) at steps of \(scale)")
        var starts = [0]
        var positions: [Int32] = []
        var weights: [Float] = []
        func add(_ position: Int, _ weight: Double) {
            positions.append(Int32(border.position(position, length: length) ?? -1))
            weights.append(Float(weight))
        }
        for index in 0..<count {
            if interpolation == .area {
                let (low, high) = (origin + Double(index) * scale, origin + Double(index + 1) * scale)
                for (position, weight) in Self.cells(from: low, to: high, length: length) { add(position, weight) }
            } else {
                // A place that is on the edge between two pixels but for rounding counts as on it.
                let edge = interpolation == .nearest ? 1e-9 : 0
                let place = origin + (Double(index) + 0.5) * scale - 0.5 + edge
                let taps = interpolation.taps(at: Self.bounded(place, length))
                for (offset, weight) in taps.weights.enumerated() where weight != 0 { add(taps.first + offset, weight) }
            }
            starts.append(positions.count)
        }
        self.starts = starts
        self.positions = positions
        self.weights = weights
    }

    /// Positions that keep their pixels: `position(i)` of the source, nil for the colour.
    package init(_ sources: [Int?]) {
        starts = Array(0...sources.count)
        positions = sources.map { Int32($0 ?? -1) }
        weights = [Float](repeating: 1, count: sources.count)
    }

    /// The source position of each position of an axis that is made of single ones; -1 for the colour.
    package var singlePositions: [Int] {
        (0..<count).map { starts[$0] < starts[$0 + 1] ? Int(positions[starts[$0]]) : -1 }
    }

    /// Places further away than the source is long, many times over, are none that a picture shows.
    private static func bounded(_ place: Double, _ length: Int) -> Double {
        let limit = 1e6 + 16 * Double(length)
        return place.isFinite ? min(limit, max(-limit, place)) : limit
    }

    /// The pixels between two edges, with the share that each has of the stretch. What lies further out than the source is
    /// long is left out, so that no stretch has more than three times its pixels.
    private static func cells(from low: Double, to high: Double, length: Int) -> [(position: Int, weight: Double)] {
        let (first, last) = (max(low, -Double(length)), min(high, 2 * Double(length)))
        guard first < last else {
            return [(high <= 0 ? -length : 2 * length, 1)]
        }
        let span = last - first
        var cells: [(position: Int, weight: Double)] = []
        var position = Int(first.rounded(.down))
        while Double(position) < last {
            let part = min(last, Double(position + 1)) - max(first, Double(position))
            // Rounding alone makes a pixel part of a stretch that ends at its edge.
            if part > 1e-9 * max(1, span) { cells.append((position, part)) }
            position += 1
        }
        let sum = cells.reduce(0) { $0 + $1.weight }
        return cells.isEmpty ? [(Int(first.rounded(.down)), 1)] : cells.map { ($0.position, $0.weight / sum) }
    }
}
