/// Kernels of the mask losses: one pass over the pixels of one mask for all of them.
package struct LossKernels: Sendable {
    /// Sums over the pixels of one mask.
    package let maskSums: @Sendable (MaskLossPass) -> MaskLossSums
    /// The gradient with respect to the logits of one mask, for given gradients of its losses.
    package let maskGradient: @Sendable (MaskLossPass, MaskLossSlopes, FloatOutput) -> Void
    /// `Σ w sigmoid(x)` over `count` logits x and weights w.
    package let weightedProbability: @Sendable (FloatInput, FloatInput, _ count: Int) -> Double
    /// `gradient += slope w p (1 - p)`: the way back of ``weightedProbability``, added to what is there.
    package let addWeightedProbabilityGradient:
        @Sendable (FloatInput, FloatInput, _ count: Int, _ slope: Float, FloatOutput) -> Void

    package init(
        maskSums: @escaping @Sendable (MaskLossPass) -> MaskLossSums,
        maskGradient: @escaping @Sendable (MaskLossPass, MaskLossSlopes, FloatOutput) -> Void,
        weightedProbability: @escaping @Sendable (FloatInput, FloatInput, Int) -> Double,
        addWeightedProbabilityGradient: @escaping @Sendable (FloatInput, FloatInput, Int, Float, FloatOutput) -> Void
    ) {
        self.maskSums = maskSums
        self.maskGradient = maskGradient
        self.weightedProbability = weightedProbability
        self.addWeightedProbabilityGradient = addWeightedProbabilityGradient
    }
}

/// One mask: logits x, targets t in 0...1, and the focal loss's constants.
package struct MaskLossPass {
    package var logits: FloatInput
    package var targets: FloatInput
    package var count: Int
    package var alpha: Float
    package var gamma: FocalExponent

    package init(logits: FloatInput, targets: FloatInput, count: Int, alpha: Float, gamma: FocalExponent) {
        self.logits = logits
        self.targets = targets
        self.count = count
        self.alpha = alpha
        self.gamma = gamma
    }
}

/// The exponent of the focal loss.
package struct FocalExponent: Sendable {
    /// From 0 to 16.
    package let value: Float
    /// The same where it is a whole number, which multiplications do; 0 elsewhere.
    package let whole: Int
    /// Whether it is none.
    package let hasFraction: Bool

    package init(_ value: Float) {
        self.value = value
        let exact = Int(exactly: value)
        whole = exact ?? 0
        hasFraction = exact == nil
    }
}

/// Sums over a mask's pixels, with p = sigmoid(x).
package struct MaskLossSums: Sendable {
    /// The sum of the focal loss's terms.
    package var focal = 0.0
    /// The sum of the binary cross-entropies.
    package var crossEntropy = 0.0
    /// The sum of p t.
    package var product = 0.0
    /// The sum of p.
    package var probability = 0.0
    /// The sum of t.
    package var target = 0.0
    /// Pixels with x > 0 and t > 0.5.
    package var intersection = 0.0
    /// Pixels with x > 0 or t > 0.5.
    package var union = 0.0

    package init() {}
}

/// Derivatives of the total loss with respect to one mask's sums.
package struct MaskLossSlopes {
    package var focal: Float
    package var crossEntropy: Float
    package var product: Float
    package var probability: Float

    package init(focal: Float, crossEntropy: Float, product: Float, probability: Float) {
        self.focal = focal
        self.crossEntropy = crossEntropy
        self.product = product
        self.probability = probability
    }
}
