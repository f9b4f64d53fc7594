/// The rule by which weights follow their gradients.
package enum OptimizerKind: String, Sendable, Hashable, CaseIterable {
    /// Adam with decoupled weight decay.
    case adamw
    /// Adam with weight decay in the gradient.
    case adam
    /// Gradient descent with momentum.
    case sgd
}
