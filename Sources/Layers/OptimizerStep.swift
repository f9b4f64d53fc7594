private import KernelABI
private import Kernels

/// One step of one parameter: the numbers that its elements share, worked out once.
struct OptimizerStep: Sendable {
    private let rule: OptimizerRule
    private let gradientScale: Float
    private let weightDecay: Float
    /// 1 - learning rate * weight decay.
    private let decay: Float
    /// The learning rate; for Adam over 1 - β₁ᵗ.
    private let stepSize: Float
    /// 1 / sqrt(1 - β₂ᵗ).
    private let secondMomentScale: Float
    private let isFirst: Bool

    /// - Parameters:
    ///   - number: of the parameter's steps this one included, from 1.
    ///   - rate: the parameter's own learning rate.
    ///   - weightDecay: of its group.
    ///   - gradientScale: factor of all gradients.
    init(_ rule: OptimizerRule, number: Int, rate: Double, weightDecay: Float, gradientScale: Float) {
        self.rule = rule
        self.weightDecay = weightDecay
        self.gradientScale = gradientScale
        isFirst = number == 1
        decay = Float(1 - rate * Double(weightDecay))
        switch rule {
        case .adamW(let beta1, let beta2, _), .adam(let beta1, let beta2, _):
            stepSize = Float(rate / (1 - Self.power(beta1, number)))
            secondMomentScale = Float(1 / (1 - Self.power(beta2, number)).squareRoot())
        case .descent:
            stepSize = Float(rate)
            secondMomentScale = 1
        }
    }

    /// Changes `count` elements from the given addresses on.
    func run(
        value: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, first: UnsafeMutablePointer<Float>?,
        second: UnsafeMutablePointer<Float>?, count: Int
    ) {
        let kernels = Kernels.table.optimizers
        switch rule {
        case .adamW(let beta1, let beta2, let epsilon):
            if let first, let second {
                kernels.adamW(pass(value, gradient, first, second, count, beta1, beta2, epsilon, decay: decay))
            }
        case .adam(let beta1, let beta2, let epsilon):
            if let first, let second {
                kernels.adam(pass(value, gradient, first, second, count, beta1, beta2, epsilon, decay: 1))
            }
        case .descent(let momentum):
            kernels.descent(
                DescentPass(
                    value: value, gradient: gradient, direction: first, count: count, gradientScale: gradientScale,
                    decay: weightDecay, keep: isFirst ? 0 : Float(momentum), rate: stepSize))
        }
    }

    private func pass(
        _ value: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, _ first: UnsafeMutablePointer<Float>,
        _ second: UnsafeMutablePointer<Float>, _ count: Int, _ beta1: Double, _ beta2: Double, _ epsilon: Float,
        decay: Float
    ) -> AdamPass {
        AdamPass(
            value: value, gradient: gradient, firstMoment: first, secondMoment: second, count: count,
            gradientScale: gradientScale, beta1: Float(beta1), beta2: Float(beta2), decay: decay,
            coupledDecay: weightDecay, stepSize: stepSize, secondMomentScale: secondMomentScale, epsilon: epsilon)
    }

    private static func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, factor, rest) = (1.0, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result *= factor }
            factor *= factor
            rest >>= 1
        }
        return result
    }
}
