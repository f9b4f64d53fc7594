/// How MLflow calls the state of a run.
///
/// Source: mlflow/protos/service.proto, `RunStatus`.
package enum MLflowRunStatus: String, Sendable, Hashable {
    case running = "RUNNING"
    case finished = "FINISHED"
    case failed = "FAILED"
    case killed = "KILLED"

    init(_ ending: RunEnding) {
        self =
            switch ending {
            case .finished: .finished
            case .failed: .failed
            case .interrupted: .killed
            }
    }

    /// Its number in files.
    var number: Int {
        switch self {
        case .running: 1
        case .finished: 3
        case .failed: 4
        case .killed: 5
        }
    }
}
