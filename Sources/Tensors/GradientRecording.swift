/// Whether operations record themselves on the tape.
package enum GradientRecording {
    @TaskLocal private static var isSwitchedOn = true

    /// False inside ``off(_:)``.
    package static var isOn: Bool { isSwitchedOn }

    /// Runs `body` without recording, as validation and prediction with trainable parameters do.
    package static func off<Result>(_ body: () throws -> Result) rethrows -> Result {
        try $isSwitchedOn.withValue(false, operation: body)
    }

    /// Runs `body` with recording, inside an ``off(_:)`` too.
    package static func on<Result>(_ body: () throws -> Result) rethrows -> Result {
        try $isSwitchedOn.withValue(true, operation: body)
    }
}

extension Tensor {
    /// An operation of this tensor alone that another module computes, such as a loss.
    ///
    /// - Parameters:
    ///   - result: the operation's result, computed already.
    ///   - pullback: from the result's gradient to this tensor's. It is kept, with all that it captures, until
    ///     ``backward(_:seed:)``.
    package func operation(_ result: Tensor, pullback: @escaping (_ gradient: Tensor) -> Tensor) -> Tensor {
        result.recorded(from: [self]) { [node] gradient in node?.accumulate(pullback(gradient)) }
    }

    /// The result of an operation, tied to the tape if any of its inputs is.
    ///
    /// - Parameters:
    ///   - inputs: everything that a gradient could flow to.
    ///   - pullback: gets the gradient of this tensor and hands the inputs' nodes theirs. What it captures is kept until
    ///     ``backward(_:seed:)``, so it captures only what that needs.
    func recorded(from inputs: [Tensor], pullback: @escaping (Tensor) -> Void) -> Tensor {
        guard GradientRecording.isOn else { return self }
        let nodes = inputs.compactMap(\.node)
        if nodes.isEmpty { return self }
        return tied(to: TapeNode(shape: shape, inputs: nodes, pullback: pullback))
    }

    /// The same elements with another node.
    func tied(to node: TapeNode) -> Tensor { Tensor(shape: shape, storage: storage, node: node) }
}
