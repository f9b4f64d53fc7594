private import KernelABI
private import Kernels
private import Runtime
package import Tensors

/// AdamW: Adam with decoupled weight decay.
///
/// For step t of a parameter w with gradient g:
/// `w ← w (1 - lr decay)`, `m ← β₁ m + (1 - β₁) g`, `v ← β₂ v + (1 - β₂) g²`,
/// `w ← w - lr / (1 - β₁ᵗ) · m / (sqrt(v / (1 - β₂ᵗ)) + ε)`.
/// One pass over memory for each parameter. Source: Loshchilov and Hutter, "Decoupled weight decay regularization",
/// ICLR 2019; the order of operations is PyTorch's.
package struct AdamW {
    /// Parameters that share their settings.
    package struct Group {
        package let parameters: [Parameter]
        /// Weight decay per unit of learning rate; by custom 0 for biases, norms and other one-dimensional parameters.
        package var weightDecay: Float
        /// Factor of the learning rate.
        package var learningRateScale: Float

        package init(_ parameters: [Parameter], weightDecay: Float, learningRateScale: Float = 1) {
            self.parameters = parameters
            self.weightDecay = weightDecay
            self.learningRateScale = learningRateScale
        }
    }

    /// What the optimiser remembers of one parameter.
    package struct State {
        /// Steps made.
        package var step: Int
        /// Running mean of the gradient, m.
        package var firstMoment: Tensor
        /// Running mean of the gradient's square, v.
        package var secondMoment: Tensor

        package init(step: Int, firstMoment: Tensor, secondMoment: Tensor) {
            self.step = step
            self.firstMoment = firstMoment
            self.secondMoment = secondMoment
        }
    }

    package var groups: [Group]
    /// By the parameter's name; a parameter has none before its first step.
    package var states: [String: State] = [:]
    package let beta1: Double
    package let beta2: Double
    package let epsilon: Float

    package init(groups: [Group], beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Float = 1e-8) {
        let names = groups.flatMap { $0.parameters.map(\.name) }
        precondition(Set(names).count == names.count, "a parameter is in two groups, or two parameters share a name")
        self.groups = groups
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
    }

    /// Changes every trainable parameter that has a gradient. Gradients stay as they are.
    ///
    /// - Parameters:
    ///   - learningRate: of this step.
    ///   - gradientScale: factor of all gradients, such as the one that ``GradientNorm`` gives for clipping.
    package mutating func step(learningRate: Double, gradientScale: Float = 1) {
        for group in groups {
            let rate = learningRate * Double(group.learningRateScale)
            for parameter in group.parameters where parameter.isTrainable {
                guard let gradient = parameter.gradient else { continue }
                update(parameter, gradient, rate, group.weightDecay, gradientScale)
            }
        }
    }

    private mutating func update(
        _ parameter: Parameter, _ gradient: Tensor, _ rate: Double, _ weightDecay: Float, _ gradientScale: Float
    ) {
        // Taken out, so that this is the only reference and the moments change in place.
        var state =
            states.removeValue(forKey: parameter.name)
            ?? State(
                step: 0, firstMoment: Tensor(zeros: parameter.shape), secondMoment: Tensor(zeros: parameter.shape))
        state.step += 1
        // In a simulation the moments are counted and nothing is moved.
        if MemorySimulation.current != nil {
            states[parameter.name] = state
            return
        }
        let stepSize = Float(rate / (1 - power(beta1, state.step)))
        let secondMomentScale = Float(1 / (1 - power(beta2, state.step)).squareRoot())
        let kernel = Kernels.table.optimizers.adamW
        let (beta1, beta2, epsilon) = (Float(beta1), Float(beta2), epsilon)
        let decay = Float(1 - rate * Double(weightDecay))
        parameter.withMutableElements { value in
            state.firstMoment.withUnsafeMutableBuffer { first in
                state.secondMoment.withUnsafeMutableBuffer { second in
                    gradient.withUnsafeBuffer { gradient in
                        guard let value = value.baseAddress, let gradient = gradient.baseAddress,
                            let first = first.baseAddress, let second = second.baseAddress
                        else { return }
                        nonisolated(unsafe) let (w, g, m, v) = (value, gradient, first, second)
                        Workers.forEachChunk(of: parameter.count, grain: 1 << 14) { range, _ in
                            let start = range.lowerBound
                            kernel(
                                AdamWPass(
                                    value: w + start, gradient: g + start, firstMoment: m + start,
                                    secondMoment: v + start, count: range.count, gradientScale: gradientScale,
                                    beta1: beta1, beta2: beta2, decay: decay, stepSize: stepSize,
                                    secondMomentScale: secondMomentScale, epsilon: epsilon))
                        }
                    }
                }
            }
        }
        states[parameter.name] = state
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, factor, rest) = (1.0, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return result
    }
}
