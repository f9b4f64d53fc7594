private import Runtime

/// Truth and predictions, read at the same time.
package enum EvaluationInputs {
    private enum Part<Truth: Sendable, Predictions: Sendable>: Sendable {
        case truth(Truth)
        case predictions(Predictions)
    }

    /// Reads both.
    ///
    /// - Throws: what either throws; of both, what `truth` throws.
    package static func read<Truth: Sendable, Predictions: Sendable>(
        truth: @Sendable () throws -> Truth, predictions: @Sendable () throws -> Predictions
    ) throws -> (truth: Truth, predictions: Predictions) {
        let parts = try Workers.map(2) { index -> Part<Truth, Predictions> in
            index == 0 ? .truth(try truth()) : .predictions(try predictions())
        }
        guard case .truth(let labels) = parts[0], case .predictions(let found) = parts[1] else {
            preconditionFailure("two parts were read in another order")
        }
        return (labels, found)
    }
}
