package import Annotations
private import Runtime

/// Truth and predictions, read at the same time.
package enum EvaluationInputs {
    private enum Part {
        case truth(any LabelSource)
        case predictions(PredictionScan)
    }

    /// Reads both.
    ///
    /// - Throws: what either throws; of both, what `truth` throws.
    package static func read(
        truth: @Sendable () throws -> any LabelSource, predictions: @Sendable () throws -> PredictionScan
    ) throws -> (truth: any LabelSource, predictions: PredictionScan) {
        let parts = try Workers.map(2) { index in
            index == 0 ? Part.truth(try truth()) : Part.predictions(try predictions())
        }
        guard case .truth(let labels) = parts[0], case .predictions(let scan) = parts[1] else {
            preconditionFailure("two parts were read in another order")
        }
        return (labels, scan)
    }
}
