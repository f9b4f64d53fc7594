private import Foundation
private import Runtime
package import Tensors

/// Draws the first values of a model's weights. A weight depends on the seed and on its own name alone, so that models
/// of other sizes or with other parts share the values of what they have in common.
package struct WeightInitializer: Sendable {
    private let seed: UInt64?

    /// Random weights.
    package init(seed: UInt64) { self.seed = seed }
    private init() { seed = nil }

    /// Every drawn weight zero: for a model whose weights are about to be loaded.
    package static let zero = WeightInitializer()

    /// PyTorch's default of Linear and convolution layers, weight and bias: uniform in ±1 / sqrt(fanIn).
    package func fanInUniform(_ name: String, shape: [Int], fanIn: Int) -> Parameter {
        let bound = 1 / Double(max(1, fanIn)).squareRoot()
        return drawn(name, shape) { $0.uniform(-bound..<bound) }
    }

    /// The normal distribution with mean 0, PyTorch's default of embeddings.
    package func normal(_ name: String, shape: [Int], deviation: Double = 1) -> Parameter {
        drawn(name, shape) { $0.normal() * deviation }
    }

    /// The normal distribution with mean 0, cut off at two deviations: what vision transformers start from.
    package func truncatedNormal(_ name: String, shape: [Int], deviation: Double = 0.02) -> Parameter {
        drawn(name, shape) { random in
            while true {
                let value = random.normal()
                if abs(value) <= 2 { return value * deviation }
            }
        }
    }

    /// All elements equal, whatever the seed.
    package func constant(_ name: String, shape: [Int], _ value: Float) -> Parameter {
        Parameter(name: name, value: Tensor(repeating: value, shape: shape))
    }

    private func drawn(_ name: String, _ shape: [Int], _ draw: (inout CounterRandom) -> Double) -> Parameter {
        guard let seed else { return constant(name, shape: shape, 0) }
        // FNV-1a of the name: stable between runs, unlike `Hasher`.
        let key = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        var random = CounterRandom(seed: seed, sample: key, purpose: RandomPurpose("weight initialisation"))
        let count = shape.reduce(1, *)
        let value = Tensor(shape: shape) { elements in
            for index in 0..<count { elements[index] = Float(draw(&random)) }
        }
        return Parameter(name: name, value: value)
    }
}
