/// Kernels that change weights.
package struct OptimizerKernels: Sendable {
    /// One step of AdamW over some elements of one parameter; `coupledDecay` is not read.
    package let adamW: @Sendable (AdamPass) -> Void
    /// One step of Adam, whose weight decay is part of the gradient.
    package let adam: @Sendable (AdamPass) -> Void
    /// One step of gradient descent.
    package let descent: @Sendable (DescentPass) -> Void

    package init(
        adamW: @escaping @Sendable (AdamPass) -> Void, adam: @escaping @Sendable (AdamPass) -> Void,
        descent: @escaping @Sendable (DescentPass) -> Void
    ) {
        self.adamW = adamW
        self.adam = adam
        self.descent = descent
    }
}

/// Arguments of a step of AdamW or Adam; see `OptimizerRule` in Layers for the formulas.
package struct AdamPass {
    package var value: FloatOutput
    package var gradient: FloatInput
    package var firstMoment: FloatOutput
    package var secondMoment: FloatOutput
    package var count: Int
    /// Factor of every gradient, such as that of clipping.
    package var gradientScale: Float
    package var beta1: Float
    package var beta2: Float
    /// 1 - learning rate * weight decay; 1 for Adam.
    package var decay: Float
    /// Share of the weight that is added to its scaled gradient: Adam's weight decay.
    package var coupledDecay: Float
    /// learning rate / (1 - beta1 ^ step).
    package var stepSize: Float
    /// 1 / sqrt(1 - beta2 ^ step).
    package var secondMomentScale: Float
    package var epsilon: Float

    package init(
        value: FloatOutput, gradient: FloatInput, firstMoment: FloatOutput, secondMoment: FloatOutput, count: Int,
        gradientScale: Float, beta1: Float, beta2: Float, decay: Float, coupledDecay: Float, stepSize: Float,
        secondMomentScale: Float, epsilon: Float
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
        self.coupledDecay = coupledDecay
        self.stepSize = stepSize
        self.secondMomentScale = secondMomentScale
        self.epsilon = epsilon
    }
}

/// Arguments of a step of gradient descent: `d = gradientScale * gradient + decay * value`,
/// `m = keep * m + d`, `value = value - rate * m`.
package struct DescentPass {
    package var value: FloatOutput
    package var gradient: FloatInput
    /// The direction m, or nil where nothing is kept of it and m is d.
    package var direction: FloatOutput?
    package var count: Int
    /// Factor of every gradient, such as that of clipping.
    package var gradientScale: Float
    /// Weight decay.
    package var decay: Float
    /// Share of the earlier direction that is kept; 0 at the first step.
    package var keep: Float
    /// Learning rate.
    package var rate: Float

    package init(
        value: FloatOutput, gradient: FloatInput, direction: FloatOutput?, count: Int, gradientScale: Float,
        decay: Float, keep: Float, rate: Float
    ) {
        self.value = value
        self.gradient = gradient
        self.direction = direction
        self.count = count
        self.gradientScale = gradientScale
        self.decay = decay
        self.keep = keep
        self.rate = rate
    }
}
