private import Foundation
internal import Tensors

/// Learnt positions of a square grid, brought to another grid by bicubic interpolation: a product with a constant matrix,
/// so that gradients find their way back.
///
/// As PyTorch's `interpolate(mode="bicubic")` with `align_corners` false and no antialiasing: the convolution kernel of Keys
/// with a = -0.75, cells outside those of the border. Source: Keys, "Cubic convolution interpolation for digital image
/// processing", 1981.
struct BicubicPositions {
    private let source: Int
    private let target: Int

    /// - Parameters:
    ///   - source: side of the stored grid.
    ///   - target: side of the grid that is wanted.
    init(source: Int, target: Int) {
        self.source = source
        self.target = target
    }

    /// - Parameter positions: [source * source, D], row-major.
    /// - Returns: [target * target, D].
    func callAsFunction(_ positions: Tensor) -> Tensor {
        let dim = positions.shape[1]
        let weights = Tensor(lineWeights, shape: [target, source])
        // Rows, then columns: two narrow products instead of one with a matrix of all cells by all cells.
        let rows = positions.reshaped([source, source * dim])
        let tall = weights.matmul(rows).reshaped([target, source, dim])
        let turned = tall.permuted([1, 0, 2]).reshaped([source, target * dim])
        return weights.matmul(turned).reshaped([target, target, dim]).permuted([1, 0, 2])
            .reshaped([target * target, dim])
    }

    /// What each target cell of a line takes of each source cell: [target, source].
    private var lineWeights: [Float] {
        var weights = [Float](repeating: 0, count: target * source)
        let scale = Float(source) / Float(target)
        for cell in 0..<target {
            let place = (Float(cell) + 0.5) * scale - 0.5
            let base = floorf(place)
            for (tap, weight) in Self.taps(place - base).enumerated() {
                let index = min(max(Int(base) - 1 + tap, 0), source - 1)
                weights[cell * source + index] += weight
            }
        }
        return weights
    }

    /// The weights of four neighbours around a place that lies a share `t` past the second.
    private static func taps(_ t: Float) -> [Float] {
        let a: Float = -0.75
        func near(_ x: Float) -> Float { ((a + 2) * x - (a + 3)) * x * x + 1 }
        func far(_ x: Float) -> Float { ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
        return [far(t + 1), near(t), near(1 - t), far(2 - t)]
    }
}
