import JSONText

/// One hot path at one size.
protocol BenchCase: Sendable {
    /// The name of its family, such as `gemm`.
    static var group: String { get }
    /// The sizes that are measured.
    static var all: [Self] { get }

    /// What distinguishes it in its group, without blanks, such as `4096x2304x768`.
    var title: String { get }
    /// What is measured, in words.
    var detail: String { get }
    /// Floating-point operations of one run done the usual way, or nil where they say nothing.
    var operations: Double? { get }
    /// What peers run: the name of its function in `Peer/scripts`, and the sizes.
    var peerRequest: JSONValue { get }
    /// The peers that a user would choose between.
    var peers: [Peer] { get }

    /// Prepares the operands; the closure is one run.
    func prepare() throws -> () throws -> Void
}

extension BenchCase {
    /// The case's name on the command line, in results and in thresholds, such as `gemm/4096x2304x768`.
    var name: String { "\(Self.group)/\(title)" }
    var operations: Double? { nil }
    var peers: [Peer] { [.pytorch] }
}
