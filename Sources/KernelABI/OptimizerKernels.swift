/// Kernels that change weights.
package struct OptimizerKernels: Sendable {
    /// One step of AdamW over some elements of one parameter.
    package let adamW: @Sendable (AdamWPass) -> Void

    package init(adamW: @escaping @Sendable (AdamWPass) -> Void) { self.adamW = adamW }
}

/// Arguments of a step of AdamW; see `AdamW` in Layers for the formula.
package struct AdamWPass {
    package var value: FloatOutput
    package var gradient: FloatInput
    package var firstMoment: FloatOutput
    package var secondMoment: FloatOutput
    package var count: Int
    /// Factor of every gradient, such as that of clipping.
    package var gradientScale: Float
    package var beta1: Float
    package var beta2: Float
    /// 1 - learning rate * weight decay.
    package var decay: Float
    /// learning rate / (1 - beta1 ^ step).
    package var stepSize: Float
    /// 1 / sqrt(1 - beta2 ^ step).
    package var secondMomentScale: Float
    package var epsilon: Float

    package init(
        value: FloatOutput, gradient: FloatInput, firstMoment: FloatOutput, secondMoment: FloatOutput, count: Int,
        gradientScale: Float, beta1: Float, beta2: Float, decay: Float, stepSize: Float, secondMomentScale: Float,
        epsilon: Float
    ) {
        self.value = value
        self.gradient = gradient
        self.firstMoment = firstMoment
        self.secondMoment = secondMoment
        self.count = count
        self.gradientScale = gradientScale
        self.beta1 = beta1
        self.beta2 = beta2
        self.decay = decay
        self.stepSize = stepSize
        self.secondMomentScale = secondMomentScale
        self.epsilon = epsilon
    }
}
