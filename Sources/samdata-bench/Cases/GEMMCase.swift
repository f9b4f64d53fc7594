import JSONText
import Tensors

/// A linear layer: [m, k] times the transpose of [n, k], plus a bias.
struct GEMMCase: BenchCase {
    static let group = "gemm"
    static let all = [
        GEMMCase(m: 2048, n: 2048, k: 2048), GEMMCase(m: 4096, n: 2304, k: 768), GEMMCase(m: 4096, n: 768, k: 3072),
        GEMMCase(m: 4096, n: 256, k: 256), GEMMCase(m: 70, n: 256, k: 2048), GEMMCase(m: 7, n: 256, k: 256),
        GEMMCase(m: 4096, n: 4096, k: 64),
    ]

    /// Rows of the result.
    let m: Int
    /// Columns of the result.
    let n: Int
    /// Terms of each sum.
    let k: Int

    var title: String { "\(m)x\(n)x\(k)" }
    var detail: String { "linear layer, \(m) x \(k) times \(k) x \(n), with bias" }
    var operations: Double? { 2 * Double(m) * Double(n) * Double(k) }
    var peerRequest: JSONValue { .request("gemm", ["m": m, "n": n, "k": k]) }

    func prepare() -> () throws -> Void {
        let x = Tensor.benchOperand([m, k])
        let weight = Tensor.benchOperand([n, k])
        let bias = Tensor.benchOperand([n])
        return { _ = x.linear(weight: weight, bias: bias) }
    }
}
