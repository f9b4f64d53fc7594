/// A loop of multiply-adds and nothing else: what the others are measured against.
package struct PeakKernel: Sendable {
    /// Floating-point operations of one iteration.
    package let operationsPerIteration: Int
    /// Runs the loop; the result depends on every operation.
    package let run: @Sendable (_ iterations: Int) -> Float

    package init(operationsPerIteration: Int, run: @escaping @Sendable (Int) -> Float) {
        self.operationsPerIteration = operationsPerIteration
        self.run = run
    }
}
