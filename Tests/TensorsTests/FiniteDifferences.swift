import Runtime
import Tensors
import Testing

/// Holds an operation's gradients against central finite differences.
enum FiniteDifferences {
    /// Draws inputs of the given shapes, and compares the gradient of `loss = sum(r * operation(inputs))`, r random, with
    /// differences of the loss, for every element of small inputs and for 24 drawn elements of larger ones.
    ///
    /// The loss is summed in Double. Two steps are combined by Richardson's rule, which leaves an error of order h⁴; what
    /// remains is the rounding of the operation itself, about 1e-6 / h of the loss's terms.
    ///
    /// - Parameters:
    ///   - shapes: the inputs' shapes.
    ///   - step: h, the larger step.
    ///   - tolerance: allowed difference, relative to the largest derivative of the input.
    ///   - range: where the inputs are drawn from.
    static func check(
        _ shapes: [[Int]], step: Float = 0.03, tolerance: Double = 2e-3, range: Range<Double> = -1..<1,
        sourceLocation: SourceLocation = #_sourceLocation, _ operation: ([Tensor]) -> Tensor
    ) {
        var random = CounterRandom(seed: 11, purpose: RandomPurpose("finite differences"))
        let inputs = shapes.map { Tensor.random($0, range, &random) }
        let output = operation(inputs)
        #expect(output.node == nil, "an operation on constants records nothing", sourceLocation: sourceLocation)
        let weights = Tensor.random(output.shape, -1..<1, &random)

        let leaves = inputs.map { $0.asLeaf() }
        backward(operation(leaves), seed: weights)
        for (index, input) in inputs.enumerated() {
            guard let gradient = leaves[index].gradient else {
                Issue.record("no gradient for input \(index)", sourceLocation: sourceLocation)
                continue
            }
            #expect(gradient.shape == input.shape, sourceLocation: sourceLocation)
            let derivatives = gradient.values
            let elements =
                input.count <= 48
                ? Array(0..<input.count) : (0..<24).map { _ in random.index(below: input.count) }
            func loss(_ element: Int, _ offset: Float) -> Double {
                var values = input.values
                values[element] += offset
                var moved = inputs
                moved[index] = Tensor(values, shape: input.shape)
                return zip(operation(moved).values, weights.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            }
            func slope(_ element: Int, _ step: Float) -> Double {
                (loss(element, step) - loss(element, -step)) / (2 * Double(step))
            }
            let scale = max(derivatives.reduce(0) { max($0, abs(Double($1))) }, 0.05)
            for element in elements {
                let expected = (4 * slope(element, step / 2) - slope(element, step)) / 3
                let error = abs(Double(derivatives[element]) - expected)
                #expect(
                    error <= tolerance * scale,
                    "input \(index), element \(element): gradient \(derivatives[element]), difference \(expected)",
                    sourceLocation: sourceLocation)
            }
        }
    }
}

extension Tensor {
    /// Uniform random elements.
    static func random(_ shape: [Int], _ range: Range<Double>, _ random: inout CounterRandom) -> Tensor {
        Tensor((0..<shape.reduce(1, *)).map { _ in Float(random.uniform(range)) }, shape: shape)
    }

    /// Uniform random elements in -1..<1 from a seed.
    static func random(_ shape: [Int], seed: UInt64) -> Tensor {
        var generator = CounterRandom(seed: seed, purpose: RandomPurpose("test tensor"))
        return random(shape, -1..<1, &generator)
    }
}
