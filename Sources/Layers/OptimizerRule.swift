/// The rule by which weights w follow their gradients g, at learning rate lr with weight decay λ. The order of operations
/// and the names of what is remembered are PyTorch's.
package enum OptimizerRule: Sendable, Hashable {
    /// Adam with decoupled weight decay: for step t,
    /// `w ← w (1 - lr λ)`, `m ← β₁ m + (1 - β₁) g`, `v ← β₂ v + (1 - β₂) g²`,
    /// `w ← w - lr / (1 - β₁ᵗ) · m / (sqrt(v / (1 - β₂ᵗ)) + ε)`.
    ///
    /// Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
    case adamW(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Float = 1e-8)
    /// Adam: the same, but `g ← g + λ w` comes first in place of the decay of w.
    ///
    /// Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    case adam(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Float = 1e-8)
    /// Gradient descent: `d = g + λ w`, `m ← μ m + d` (at the first step `m = d`), `w ← w - lr m`; with momentum μ of 0
    /// nothing is remembered.
    case descent(momentum: Double)

    /// What is remembered of each parameter, of the parameter's shape: the first moment's name, then the second's.
    package var momentNames: [String] {
        switch self {
        case .adamW, .adam: ["exp_avg", "exp_avg_sq"]
        case .descent(let momentum): momentum == 0 ? [] : ["momentum_buffer"]
        }
    }

    /// Whether the number of a parameter's steps matters.
    package var countsSteps: Bool {
        switch self {
        case .adamW, .adam: true
        case .descent: false
        }
    }
}
