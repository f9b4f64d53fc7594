import JSONText
import Layers
import Tensors

/// One step of the optimiser.
struct AdamWCase: BenchCase {
    static let group = "optimizer"
    static let all = [AdamWCase(count: 10_000_000)]

    /// Weights of the one parameter.
    let count: Int

    var title: String { "adamw" }
    var detail: String { "AdamW step of \(count) weights" }
    var peerRequest: JSONValue { .request("adamw", ["count": count]) }

    func prepare() -> () throws -> Void {
        let parameter = Parameter(name: "w", value: .benchOperand([count]))
        parameter.gradient = .benchOperand([count])
        let optimizer = OptimizerBox(Optimizer(groups: [.init([parameter], weightDecay: 0.1)]))
        return { optimizer.value.step(learningRate: 1e-4) }
    }
}

/// The optimiser's state between runs.
private final class OptimizerBox {
    /// The optimiser.
    var value: Optimizer

    /// Keeps an optimiser.
    init(_ value: Optimizer) { self.value = value }
}
