private import Kernels
private import Runtime
package import Tensors

/// Changes weights by their gradients, step by step, by one ``OptimizerRule`` for all and settings by group.
///
/// One pass over memory for each parameter; the same bytes whatever the number of threads.
package struct Optimizer {
    /// Parameters that share their settings.
    package struct Group {
        /// What the group is called where learning rates are listed; groups of one name have one rate.
        package let name: String
        package let parameters: [Parameter]
        /// Weight decay; by custom 0 for biases, norms and other one-dimensional parameters.
        package var weightDecay: Float
        /// Factor of the learning rate.
        package var learningRateScale: Double

        package init(
            _ parameters: [Parameter], weightDecay: Float, learningRateScale: Double = 1, name: String = "all"
        ) {
            self.name = name
            self.parameters = parameters
            self.weightDecay = weightDecay
            self.learningRateScale = learningRateScale
        }
    }

    /// What the optimiser remembers of one parameter.
    package struct State {
        /// Steps made.
        package var step: Int
        /// Running mean of the gradient, m; nil where the rule has none.
        package var firstMoment: Tensor?
        /// Running mean of the gradient's square, v; nil where the rule has none.
        package var secondMoment: Tensor?

        package init(step: Int, firstMoment: Tensor?, secondMoment: Tensor?) {
            self.step = step
            self.firstMoment = firstMoment
            self.secondMoment = secondMoment
        }
    }

    package let rule: OptimizerRule
    package var groups: [Group]
    /// By the parameter's name; a parameter has none before its first step, and none at all where the rule remembers nothing.
    package var states: [String: State] = [:]

    package init(groups: [Group], rule: OptimizerRule = .adamW()) {
        let names = groups.flatMap { $0.parameters.map(\.name) }
        precondition(Set(names).count == names.count, "a parameter is in two groups, or two parameters share a name")
        self.groups = groups
        self.rule = rule
    }

    /// Changes every trainable parameter that has a gradient. Gradients stay as they are.
    ///
    /// - Parameters:
    ///   - learningRate: of this step.
    ///   - gradientScale: factor of all gradients, such as the one that ``GradientNorm`` gives for clipping.
    ///   - factor: a parameter's own factor of the rate at this step, beside its group's; such as the warm-up of one that
    ///     joined late.
    package mutating func step(
        learningRate: Double, gradientScale: Float = 1, factor: (Parameter) -> Double = { _ in 1 }
    ) {
        for group in groups {
            let rate = learningRate * group.learningRateScale
            for parameter in group.parameters where parameter.isTrainable {
                guard let gradient = parameter.gradient else { continue }
                update(parameter, gradient, rate * factor(parameter), group.weightDecay, gradientScale)
            }
        }
    }

    private mutating func update(
        _ parameter: Parameter, _ gradient: Tensor, _ rate: Double, _ weightDecay: Float, _ gradientScale: Float
    ) {
        let moments = rule.momentNames.count
        // Taken out, so that this is the only reference and the moments change in place.
        var state =
            states.removeValue(forKey: parameter.name)
            ?? State(
                step: 0, firstMoment: moments > 0 ? Tensor(zeros: parameter.shape) : nil,
                secondMoment: moments > 1 ? Tensor(zeros: parameter.shape) : nil)
        state.step += 1
        // In a simulation the moments are counted and nothing is moved.
        if MemorySimulation.current == nil {
            let step = OptimizerStep(
                rule, number: state.step, rate: rate, weightDecay: weightDecay, gradientScale: gradientScale)
            parameter.withMutableElements { value in
                gradient.withUnsafeBuffer { gradient in
                    Self.withElements(of: &state.firstMoment) { first in
                        Self.withElements(of: &state.secondMoment) { second in
                            guard let value = value.baseAddress, let gradient = gradient.baseAddress else { return }
                            nonisolated(unsafe) let (w, g, m, v) = (value, gradient, first, second)
                            Workers.forEachChunk(of: parameter.count, grain: 1 << 14) { range, _ in
                                let start = range.lowerBound
                                step.run(
                                    value: w + start, gradient: g + start, first: m.map { $0 + start },
                                    second: v.map { $0 + start }, count: range.count)
                            }
                        }
                    }
                }
            }
        }
        if moments > 0 { states[parameter.name] = state }
    }

    /// Calls `body` with the address of a moment's elements, or nil where there is none.
    private static func withElements(of moment: inout Tensor?, _ body: (UnsafeMutablePointer<Float>?) -> Void) {
        guard moment != nil else { return body(nil) }
        moment?.withUnsafeMutableBuffer { body($0.baseAddress) }
    }
}
