internal import Runtime

/// One process's part of a run at an MLflow server.
///
/// `@unchecked Sendable`: it is used by the thread of one queue alone.
final class MLflowSession: @unchecked Sendable {
    private let client: MLflowClient
    private let run: TrackedRun
    private let url: String
    private var known: TrackingRecord.MLflow?
    private var remote: MLflowClient.Run?
    private var hasParameters = false
    /// The newest step of each metric that the server had when the process began.
    private var stepsThere: [String: Int] = [:]

    /// - Parameter known: the run that an earlier process recorded.
    init(_ client: MLflowClient, run: TrackedRun, url: String, known: TrackingRecord.MLflow?) {
        self.client = client
        self.run = run
        self.url = url
        self.known = known?.url == url ? known : nil
    }

    /// Finds or makes the run; the next time nothing is left to do.
    func open() throws(MLflowError) {
        if remote == nil { remote = try reopened() }
        if remote == nil { remote = try created() }
        guard let remote, !hasParameters else { return }
        // What parameters a run has does not change any more: a longer run keeps its first ones beside its new file.
        if known == nil { try client.log(metrics: [], parameters: run.parameters, to: remote.id) }
        hasParameters = true
    }

    private func created() throws(MLflowError) -> MLflowClient.Run {
        let new = try client.createRun(run, experimentID: try client.experimentID(named: run.experiment))
        do {
            let url = url
            try TrackingRecord.change(of: run.folder) { $0.mlflow = TrackingRecord.MLflow(url: url, runID: new.id) }
        } catch {
            throw MLflowError("the run's id cannot be kept: \(error)")
        }
        return new
    }

    /// The run of an earlier process, when the server still has it.
    private func reopened() throws(MLflowError) -> MLflowClient.Run? {
        guard let earlier = known else { return nil }
        do throws(MLflowError) {
            let found = try client.run(earlier.runID)
            if found.isActive {
                stepsThere = found.newestSteps
                try client.update(found.id, status: .running, name: run.name)
                return found
            }
        } catch {
            guard error.isMissing else { throw error }
        }
        known = nil
        return nil
    }

    /// Sends lines, but for what the server had of them when the process began.
    func log(_ lines: [TrackedLine]) throws(MLflowError) {
        guard let remote else { return }
        let new = lines.flatMap { line in
            line.metrics.filter { line.step > stepsThere[$0.name] ?? -1 }.map { (metric: $0, line: line) }
        }
        try client.log(metrics: new, to: remote.id)
    }

    /// Keeps a file with the run; where the server does not take files, they stay in the run's folder.
    func upload(_ bytes: [UInt8], as name: String) throws(MLflowError) {
        guard let remote else { return }
        _ = try client.upload(bytes, as: name, to: remote)
    }

    /// The run is over.
    func close(_ status: MLflowRunStatus, time: Double) throws(MLflowError) {
        guard let remote else { return }
        try client.update(remote.id, status: status, end: time)
    }
}
