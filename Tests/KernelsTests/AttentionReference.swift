import Foundation
import KernelABI
import Kernels
import Runtime

/// Attention in plain loops and Double, with its gradients: slow and readable.
struct AttentionReference {
    let batch: Int
    let heads: Int
    let queries: Int
    let keys: Int
    let headSize: Int
    /// (0, 0) without relative position.
    let grid: (height: Int, width: Int)
    let query: [Float]
    let key: [Float]
    let value: [Float]
    let heightTable: [Float]
    let widthTable: [Float]
    /// The gradient of what is wanted with respect to the output.
    let seed: [Float]

    var channels: Int { heads * headSize }
    var sizes: AttentionSizes {
        AttentionSizes(
            queries: queries, keys: keys, headSize: headSize, gridHeight: grid.height, gridWidth: grid.width)
    }

    init(batch: Int, heads: Int, queries: Int, keys: Int, headSize: Int, grid: (height: Int, width: Int) = (0, 0)) {
        var random = CounterRandom(
            seed: 9, sample: UInt64(queries * 1000 + keys * 10 + headSize), purpose: RandomPurpose("attention test"))
        func draw(_ count: Int, _ size: Double = 1.5) -> [Float] {
            (0..<max(0, count)).map { _ in Float(random.uniform(-size..<size)) }
        }
        self.batch = batch
        self.heads = heads
        self.queries = queries
        self.keys = keys
        self.headSize = headSize
        self.grid = grid
        query = draw(batch * queries * heads * headSize)
        key = draw(batch * keys * heads * headSize)
        value = draw(batch * keys * heads * headSize)
        heightTable = draw((2 * grid.height - 1) * headSize, 0.5)
        widthTable = draw((2 * grid.width - 1) * headSize, 0.5)
        seed = draw(batch * queries * heads * headSize)
    }

    /// Output, and the gradients of query, key, value and both tables.
    struct Results {
        var output: [Double]
        var query: [Double]
        var key: [Double]
        var value: [Double]
        var heightTable: [Double]
        var widthTable: [Double]
    }

    func results() -> Results {
        var all = Results(
            output: [Double](repeating: 0, count: query.count), query: [Double](repeating: 0, count: query.count),
            key: [Double](repeating: 0, count: key.count), value: [Double](repeating: 0, count: key.count),
            heightTable: [Double](repeating: 0, count: heightTable.count),
            widthTable: [Double](repeating: 0, count: widthTable.count))
        for image in 0..<batch {
            for head in 0..<heads {
                for row in 0..<queries { add(image, head, row, to: &all) }
            }
        }
        return all
    }

    private func add(_ image: Int, _ head: Int, _ row: Int, to all: inout Results) {
        let scale = 1 / Double(headSize).squareRoot()
        let q = (image * queries + row) * channels + head * headSize
        func k(_ other: Int) -> Int { (image * keys + other) * channels + head * headSize }
        func tableRows(_ other: Int) -> (height: Int, width: Int) {
            (
                (row / grid.width - other / grid.width + grid.height - 1) * headSize,
                (row % grid.width - other % grid.width + grid.width - 1) * headSize
            )
        }
        var scores = (0..<keys).map { other in
            (0..<headSize).reduce(0.0) { sum, i in
                var factor = scale * Double(key[k(other) + i])
                if grid.width > 0 {
                    let at = tableRows(other)
                    factor += Double(heightTable[at.height + i]) + Double(widthTable[at.width + i])
                }
                return sum + Double(query[q + i]) * factor
            }
        }
        let peak = scores.max() ?? 0
        scores = scores.map { Foundation.exp($0 - peak) }
        let total = scores.reduce(0, +)
        let weights = scores.map { $0 / total }
        for other in 0..<keys {
            for i in 0..<headSize { all.output[q + i] += weights[other] * Double(value[k(other) + i]) }
        }
        let weightSlopes = (0..<keys).map { other in
            (0..<headSize).reduce(0.0) { $0 + Double(seed[q + $1]) * Double(value[k(other) + $1]) }
        }
        let mean = zip(weights, weightSlopes).reduce(0.0) { $0 + $1.0 * $1.1 }
        for other in 0..<keys {
            let slope = weights[other] * (weightSlopes[other] - mean)
            for i in 0..<headSize {
                all.value[k(other) + i] += weights[other] * Double(seed[q + i])
                all.key[k(other) + i] += slope * scale * Double(query[q + i])
                all.query[q + i] += slope * scale * Double(key[k(other) + i])
                if grid.width > 0 {
                    let at = tableRows(other)
                    all.query[q + i] += slope * Double(heightTable[at.height + i])
                    all.query[q + i] += slope * Double(widthTable[at.width + i])
                    all.heightTable[at.height + i] += slope * Double(query[q + i])
                    all.widthTable[at.width + i] += slope * Double(query[q + i])
                }
            }
        }
    }
}
