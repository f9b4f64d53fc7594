private import KernelABI
private import Kernels
private import Runtime
package import Tensors

/// An exponential moving average of weights: `a ← d a + (1 - d) w` after each step, with
/// `d = min(decay, (1 + t) / (10 + t))` for the t-th update from 0, so that the first weights are soon forgotten.
///
/// Source: Polyak and Juditsky, 1992; the warm-up is that of TensorFlow's `ExponentialMovingAverage` with `num_updates`.
package struct WeightAverage {
    package let parameters: [Parameter]
    /// Share of the average that is kept, 0..<1.
    package let decay: Double
    /// Updates made.
    package var updates = 0
    /// The averages, in the order of the parameters.
    package var values: [Tensor]

    /// An average that begins with the parameters as they are.
    package init(of parameters: [Parameter], decay: Double) {
        precondition((0..<1).contains(decay), "a decay of \(decay) is not from 0 to below 1")
        self.parameters = parameters
        self.decay = decay
        values = parameters.map { Tensor($0.value.values, shape: $0.shape) }
    }

    /// The share that the next update keeps.
    package var nextDecay: Double { min(decay, Double(1 + updates) / Double(10 + updates)) }

    /// Takes in the parameters as they are now; one that is not trainable yet is what it was.
    package mutating func update() {
        let keep = Float(nextDecay)
        updates += 1
        if MemorySimulation.current != nil { return }
        let kernel = Kernels.table.elementwise.scaleAdd
        for (index, parameter) in parameters.enumerated() where parameter.isTrainable {
            parameter.value.withUnsafeBuffer { weights in
                values[index].withUnsafeMutableBuffer { average in
                    guard let weights = weights.baseAddress, let average = average.baseAddress else { return }
                    nonisolated(unsafe) let (w, a) = (weights, average)
                    Workers.forEachChunk(of: parameter.count, grain: 1 << 14) { range, _ in
                        kernel(1 - keep, w + range.lowerBound, keep, a + range.lowerBound, range.count)
                    }
                }
            }
        }
    }

    /// Runs `body` with the averages in the place of the weights, and puts the weights back.
    package func inPlace<Value>(_ body: () throws -> Value) rethrows -> Value {
        let weights = parameters.map(\.value)
        for (parameter, average) in zip(parameters, values) { parameter.value = average }
        defer { for (parameter, weight) in zip(parameters, weights) { parameter.value = weight } }
        return try body()
    }
}
