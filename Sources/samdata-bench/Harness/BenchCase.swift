import JSONText

/// One hot path at one size.
protocol BenchCase {
    /// The name that selects it on the command line, such as `gemm`.
    static var group: String { get }
    /// The sizes measured by default.
    static var all: [Self] { get }

    /// What distinguishes it in its group, such as `4096 x 2304 x 768`.
    var title: String { get }
    /// Floating-point operations of one run, or nil where they say nothing.
    var operations: Double? { get }
    /// What the peer runs: the name of its function in `peer.py`, and the sizes. Nil where there is no peer.
    var peerRequest: JSONValue? { get }

    /// Prepares the operands; the closure is one run.
    func prepare() -> () -> Void
}

extension BenchCase {
    var group: String { Self.group }
}
