/// The factor of a loss whose gradients pass through a format of few exponents, adapted as training goes.
///
/// The rules are those of PyTorch's `GradScaler`: a step with a gradient that is not finite is left out and halves the
/// scale; so many good steps in a row double it. Source: Micikevicius et al., "Mixed precision training", ICLR 2018.
package struct LossScale: Sendable, Hashable {
    /// The factor, at least 1.
    package var scale: Double
    /// Good steps since the scale last changed.
    package var goodSteps = 0

    /// Good steps in a row that double the scale.
    package static let growthInterval = 2000
    /// The largest scale that is tried: beyond it gradients in Float come near their own limit, and nothing is won.
    package static let largest = 16_777_216.0

    package init(scale: Double) { self.scale = scale }

    /// Whether a lower scale may help after an overflow.
    package var mayShrink: Bool { scale > 1 }

    /// Takes in how a step went.
    package mutating func note(isFinite: Bool) {
        if isFinite {
            goodSteps += 1
            guard goodSteps >= Self.growthInterval else { return }
            scale = max(scale, min(Self.largest, scale * 2))
        } else {
            scale = max(1, scale / 2)
        }
        goodSteps = 0
    }
}
