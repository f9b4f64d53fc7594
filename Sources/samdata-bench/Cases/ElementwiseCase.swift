import JSONText
import Tensors

/// Operations bound by memory or by elementary functions.
struct ElementwiseCase: BenchCase {
    static let group = "elementwise"
    static let all = [
        ElementwiseCase(kind: "gelu", rows: 4096, columns: 3072),
        ElementwiseCase(kind: "layer-norm", rows: 4096, columns: 768),
        ElementwiseCase(kind: "softmax", rows: 2048, columns: 4096),
    ]

    /// The operation: `gelu`, `layer-norm` or `softmax`.
    let kind: String
    /// Rows of the operand.
    let rows: Int
    /// Columns of the operand.
    let columns: Int

    var title: String { kind }
    var detail: String { "\(kind) of \(rows) x \(columns)" }
    var peerRequest: JSONValue {
        .request("elementwise", ["rows": rows, "columns": columns]).with("kind", .string(kind))
    }

    func prepare() -> () throws -> Void {
        let x = Tensor.benchOperand([rows, columns])
        let weight = Tensor.benchOperand([columns])
        switch kind {
        case "gelu": return { _ = x.gelu() }
        case "softmax": return { _ = x.softmax() }
        default: return { _ = x.layerNorm(weight: weight, bias: weight, epsilon: 1e-6) }
        }
    }
}
