private import Foundation
internal import Layers
internal import Runtime
package import Tensors

/// Random Fourier features of places: `[sin(2 pi (2 c - 1) G), cos(2 pi (2 c - 1) G)]` for a place c in 0...1.
///
/// G is a buffer of the checkpoint, drawn once and never trained. Source: segment-anything `PositionEmbeddingRandom`.
package struct PositionalEncoding: Module {
    private let gaussianMatrix: Parameter

    init(name: String, dim: Int, from initializer: WeightInitializer) {
        gaussianMatrix = initializer.normal("\(name).positional_encoding_gaussian_matrix", shape: [2, dim / 2])
        gaussianMatrix.isTrainable = false
    }

    /// Width of a place's encoding.
    package var dim: Int { 2 * gaussianMatrix.shape[1] }

    /// The encodings of places given by their shares of width and height.
    ///
    /// - Returns: [places, C].
    package func callAsFunction(_ places: [(x: Float, y: Float)]) -> Tensor {
        let half = dim / 2
        let matrix = gaussianMatrix.value.values
        return Tensor(shape: [places.count, dim]) { elements in
            let output = SharedBuffer(elements, count: places.count * dim)
            Workers.forEachChunk(of: places.count, grain: 64) { items, _ in
                for item in items {
                    let x = 2 * places[item].x - 1
                    let y = 2 * places[item].y - 1
                    let row = output.base + item * 2 * half
                    for feature in 0..<half {
                        let angle = 2 * Float.pi * (x * matrix[feature] + y * matrix[half + feature])
                        row[feature] = sinf(angle)
                        row[half + feature] = cosf(angle)
                    }
                }
            }
        }
    }

    /// The encodings of the centres of a square grid's cells, row by row.
    ///
    /// - Returns: [size * size, C].
    package func grid(_ size: Int) -> Tensor {
        let centres = (0..<size).map { (Float($0) + 0.5) / Float(size) }
        return self(centres.flatMap { y in centres.map { x in (x, y) } })
    }

    package func forEachParameter(_ body: (Parameter) -> Void) { body(gaussianMatrix) }
}
