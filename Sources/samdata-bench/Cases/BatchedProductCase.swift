import JSONText
import Tensors

/// Many small products at once: [m, k] times the transpose of [n, k], as the scores of window attention are.
struct BatchedProductCase: BenchCase {
    static let group = "batched"
    static let all = [BatchedProductCase(batch: 300, m: 196, n: 196, k: 64)]

    /// Products.
    let batch: Int
    /// Rows of each result.
    let m: Int
    /// Columns of each result.
    let n: Int
    /// Terms of each sum.
    let k: Int

    var title: String { "\(m)x\(n)x\(k)x\(batch)" }
    var detail: String { "\(batch) products, \(m) x \(k) times \(k) x \(n)" }
    var operations: Double? { 2 * Double(batch) * Double(m) * Double(n) * Double(k) }
    var peerRequest: JSONValue { .request("product", ["batch": batch, "m": m, "n": n, "k": k]) }

    func prepare() -> () throws -> Void {
        let left = Tensor.benchOperand([batch, m, k])
        let right = Tensor.benchOperand([batch, n, k])
        return { _ = left.matmul(right, transposeB: true) }
    }
}
