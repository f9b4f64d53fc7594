import JSONText
import Layers
import Tensors

/// One step of the optimiser.
struct AdamWCase: BenchCase {
    static let group = "adamw"
    static let all = [AdamWCase(count: 10_000_000)]

    let count: Int

    var title: String { "\(count) weights" }
    var operations: Double? { nil }
    var peerRequest: JSONValue? { .object(["op": "adamw", "count": .integer(Int64(count))]) }

    func prepare() -> () -> Void {
        let parameter = Parameter(name: "w", value: .benchOperand([count]))
        parameter.gradient = .benchOperand([count])
        let optimizer = OptimizerBox(AdamW(groups: [.init([parameter], weightDecay: 0.1)]))
        return { optimizer.value.step(learningRate: 1e-4) }
    }
}

/// The optimiser's state between runs.
private final class OptimizerBox {
    var value: AdamW

    init(_ value: AdamW) { self.value = value }
}
