private import Foundation
internal import Runtime

/// A smooth random displacement of each point of a frame: what an elastic deformation moves pixels by.
///
/// Known at the nodes of a grid and interpolated between them.
struct DisplacementField: Sendable {
    /// Pixels between nodes.
    let spacing: Int
    /// Nodes.
    private let rows: Int
    private let columns: Int
    /// [rows, columns], in pixels.
    private let x: [Float]
    private let y: [Float]

    /// White noise of which the largest is about `alpha`, smoothed by a Gaussian of deviation `sigma` pixels, as albumentations
    /// has it.
    ///
    /// The noise of a grid of spacing s that is smoothed by sigma / s has the spread that noise of every pixel would have
    /// if it is 1 / s of it (what is smoothed over is s squared times less).
    /// - Parameters:
    ///   - alpha: pixels, before smoothing: the bound of uniform noise, and what normal noise reaches in the frame, in the
    ///     middle of cases.
    ///   - sigma: pixels, above 0.
    ///   - isUniform: noise drawn evenly from -1...1 rather than normally.
    ///   - sharesAxes: both axes are displaced alike.
    init(
        height: Int, width: Int, alpha: Double, sigma: Double, isUniform: Bool, sharesAxes: Bool,
        random: inout CounterRandom
    ) {
        spacing = Self.spacing(sigma: sigma)
        let deviation = sigma / Double(spacing)
        let (rows, columns) = (height / spacing + 2, width / spacing + 2)
        let reach = min(max(1, Int((3.5 * deviation).rounded())), 64)
        let bell = (-reach...reach).map { Float(Foundation.exp(-Double($0 * $0) / (2 * deviation * deviation))) }
        let sum = bell.reduce(0, +)
        let filter = bell.map { $0 / sum }
        let count = height * width * (sharesAxes ? 1 : 2)
        let amount = Float(alpha / Double(spacing) / (isUniform ? 1 : Self.largestNormal(of: count)))
        func axis(_ random: inout CounterRandom) -> [Float] {
            let (tall, wide) = (rows + 2 * reach, columns + 2 * reach)
            var noise = [Float](repeating: 0, count: tall * wide)
            for index in noise.indices {
                noise[index] = amount * Float(isUniform ? random.uniform(-1..<1) : random.normal())
            }
            return Self.smoothed(noise, width: wide, rows: rows, columns: columns, filter: filter)
        }
        let first = axis(&random)
        x = first
        y = sharesAxes ? first : axis(&random)
        (self.rows, self.columns) = (rows, columns)
    }

    /// What the largest of some normal numbers, signs aside, is below as often as above.
    private static func largestNormal(of count: Int) -> Double {
        // All are below m with the probability (1 - erfc(m / sqrt 2))^count.
        let rare = -Foundation.expm1(-Foundation.log(2) / Double(max(1, count)))
        var (low, high) = (0.0, 40.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if Foundation.erfc(middle / 2.0.squareRoot()) > rare { low = middle } else { high = middle }
        }
        return low
    }

    /// Pixels from one node to the next.
    static func spacing(sigma: Double) -> Int { max(1, Int(sigma / 4)) }

    /// The middle part of noise that has a border as wide as the filter reaches.
    private static func smoothed(_ noise: [Float], width: Int, rows: Int, columns: Int, filter: [Float]) -> [Float] {
        let tall = noise.count / width
        var across = [Float](repeating: 0, count: tall * columns)
        for row in 0..<tall {
            for column in 0..<columns {
                var sum: Float = 0
                for (tap, weight) in filter.enumerated() { sum += weight * noise[row * width + column + tap] }
                across[row * columns + column] = sum
            }
        }
        var result = [Float](repeating: 0, count: rows * columns)
        for row in 0..<rows {
            for (tap, weight) in filter.enumerated() {
                for column in 0..<columns {
                    result[row * columns + column] += weight * across[(row + tap) * columns + column]
                }
            }
        }
        return result
    }

    /// The displacement at a point of the frame, in pixels; points outside have that of the nearest edge.
    func callAsFunction(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
        let across = min(Double(columns - 1), max(0, x / Double(spacing)))
        let down = min(Double(rows - 1), max(0, y / Double(spacing)))
        let (column, row) = (min(columns - 2, Int(across)), min(rows - 2, Int(down)))
        let (shareX, shareY) = (across - Double(column), down - Double(row))
        func value(_ nodes: [Float]) -> Double {
            let first = row * columns + column
            let upper = Double(nodes[first]) * (1 - shareX) + Double(nodes[first + 1]) * shareX
            let lower = Double(nodes[first + columns]) * (1 - shareX) + Double(nodes[first + columns + 1]) * shareX
            return upper * (1 - shareY) + lower * shareY
        }
        return (value(self.x), value(self.y))
    }

    /// The largest displacement along either axis, in pixels.
    var reach: Double { Double(max(x.map(abs).max() ?? 0, y.map(abs).max() ?? 0)) }

    /// The point whose displaced place is (x, y), to a hundredth of a pixel where neighbours keep their order.
    func source(ofX x: Double, y: Double) -> (x: Double, y: Double) {
        var (u, v) = (x, y)
        for _ in 0..<50 {
            let shift = self(u, v)
            (u, v) = (x - shift.x, y - shift.y)
        }
        return (u, v)
    }
}
