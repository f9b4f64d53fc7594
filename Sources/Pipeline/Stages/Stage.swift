/// One step that elements of a stream go through.
///
/// A stage is a pure function of its input, so that elements may be processed on any thread in any order with the same
/// outcome. What is wrong with an element goes into the ledger; an element that the stage does not let pass is nil, and
/// the ledger then holds a drop that says why.
package protocol Stage<Input, Output>: Sendable {
    associatedtype Input: Sendable
    associatedtype Output: Sendable

    /// - Throws: failures that are not the element's fault, such as a full disk; they end the run.
    func process(_ input: Input, ledger: inout FindingLedger) throws -> Output?
}

extension Stage {
    /// This stage, then `next` with what passes.
    package func then<Next: Stage>(_ next: Next) -> StageChain<Self, Next> where Next.Input == Output {
        StageChain(first: self, second: next)
    }
}

/// Two stages in a row.
package struct StageChain<First: Stage, Second: Stage>: Stage where First.Output == Second.Input {
    let first: First
    let second: Second

    package func process(_ input: First.Input, ledger: inout FindingLedger) throws -> Second.Output? {
        guard let passed = try first.process(input, ledger: &ledger) else { return nil }
        return try second.process(passed, ledger: &ledger)
    }
}
