internal import JSONText
package import Runtime

/// The requests to an MLflow server that recording a run takes.
///
/// Source: MLflow's REST API documentation, version 2.0 of the paths, and its limits of a `log-batch`.
package struct MLflowClient: Sendable {
    /// Limits of one request.
    static let metricsPerBatch = 1000
    static let parametersPerBatch = 100
    /// The longest value of a parameter, in characters.
    static let longestParameter = 6000

    /// A run as the server knows it.
    package struct Run: Sendable, Hashable {
        package let id: String
        package let artifactURI: String
        /// Whether it was not deleted.
        package let isActive: Bool
        /// Step of each metric's newest value.
        package let newestSteps: [String: Int]
    }

    private let http: HTTPClient

    package init(_ http: HTTPClient) { self.http = http }

    /// Tags that MLflow shows by itself.
    static func tags(of run: TrackedRun) -> [(key: String, value: String)] {
        [
            ("mlflow.runName", run.name), ("mlflow.source.name", "samdata train"),
            ("mlflow.source.type", "LOCAL"), ("samdata.machine", TrackedName.machine),
        ]
    }

    /// The id of an experiment, which is made where there is none of the name.
    package func experimentID(named name: String) throws(MLflowError) -> String {
        func known() throws(MLflowError) -> String {
            let answer = try call("GET", "experiments/get-by-name?experiment_name=" + HTTPAddress.escaped(name))
            return try text(answer, "experiment", "experiment_id")
        }
        do throws(MLflowError) {
            return try known()
        } catch {
            guard error.isMissing else { throw error }
        }
        do throws(MLflowError) {
            return try text(try call("POST", "experiments/create", ["name": .string(name)]), "experiment_id")
        } catch {
            // Another process may have been quicker.
            guard !error.isTransient else { throw error }
            do throws(MLflowError) { return try known() } catch _ { throw error }
        }
    }

    /// Begins a run.
    package func createRun(_ run: TrackedRun, experimentID: String) throws(MLflowError) -> Run {
        let answer = try call(
            "POST", "runs/create",
            [
                "experiment_id": .string(experimentID), "run_name": .string(run.name),
                "start_time": .integer(Int64(run.startTime * 1000)), "tags": Self.json(Self.tags(of: run)),
            ])
        return try self.run(of: answer)
    }

    /// The run of an id.
    ///
    /// - Throws: `MLflowError` that says so when it does not exist.
    package func run(_ id: String) throws(MLflowError) -> Run {
        try run(of: call("GET", "runs/get?run_id=" + HTTPAddress.escaped(id)))
    }

    /// Adds metrics and parameters, in as many requests as the limits demand.
    package func log(
        metrics: [(metric: TrackedLine.Metric, line: TrackedLine)], parameters: [(key: String, value: String)] = [],
        to run: String
    ) throws(MLflowError) {
        for start in stride(from: 0, to: parameters.count, by: Self.parametersPerBatch) {
            let part = parameters[start..<min(start + Self.parametersPerBatch, parameters.count)]
            let values = part.map { ($0.key, String($0.value.prefix(Self.longestParameter))) }
            _ = try call("POST", "runs/log-batch", ["run_id": .string(run), "params": Self.json(values)])
        }
        for start in stride(from: 0, to: metrics.count, by: Self.metricsPerBatch) {
            let part = metrics[start..<min(start + Self.metricsPerBatch, metrics.count)]
            let values = part.map { metric, line in
                JSONValue.object([
                    "key": .string(metric.name), "value": .number(metric.value),
                    "timestamp": .integer(Int64(line.time * 1000)), "step": .integer(Int64(line.step)),
                ])
            }
            _ = try call("POST", "runs/log-batch", ["run_id": .string(run), "metrics": .array(values)])
        }
    }

    /// Changes a run's state.
    ///
    /// - Parameters:
    ///   - name: what it is called from now on; nil for as before.
    ///   - end: in seconds since 1970; nil while it runs.
    package func update(
        _ run: String, status: MLflowRunStatus, name: String? = nil, end: Double? = nil
    ) throws(MLflowError) {
        var members = [JSONMember("run_id", .string(run)), JSONMember("status", .string(status.rawValue))]
        if let name { members.append(JSONMember("run_name", .string(name))) }
        if let end { members.append(JSONMember("end_time", .integer(Int64(end * 1000)))) }
        _ = try call("POST", "runs/update", .object(members))
    }

    /// Keeps a file with a run, where the server takes files itself.
    ///
    /// - Returns: whether it does; runs of other servers keep their files where this machine cannot reach.
    package func upload(_ bytes: [UInt8], as path: String, to run: Run) throws(MLflowError) -> Bool {
        let scheme = "mlflow-artifacts:"
        guard run.artifactURI.hasPrefix(scheme) else { return false }
        var root = run.artifactURI.dropFirst(scheme.count)
        // With a host: mlflow-artifacts://HOST/PATH.
        if root.hasPrefix("//") { root = root.dropFirst(2).drop { $0 != "/" } }
        let full = root.drop { $0 == "/" } + "/" + path
        try check(
            send(
                "PUT", "/api/2.0/mlflow-artifacts/artifacts/" + HTTPAddress.escaped(String(full), keepingSlashes: true),
                type: "application/octet-stream", body: bytes))
        return true
    }

    // MARK: Requests

    private func call(
        _ method: String, _ path: String, _ body: JSONValue? = nil
    ) throws(MLflowError) -> JSONValue {
        let response = try send(
            method, "/api/2.0/mlflow/" + path, type: "application/json", body: body.map { Array($0.text().utf8) } ?? [])
        try check(response)
        do {
            return try response.body.withUnsafeBytes { try JSONDocument.parse($0, path: nil) }
        } catch {
            throw MLflowError("what answers at \(http.address.authority) is no MLflow server: its answer is not JSON")
        }
    }

    private func send(
        _ method: String, _ path: String, type: String, body: [UInt8]
    ) throws(MLflowError) -> HTTPResponse {
        do throws(HTTPError) {
            return try http.send(method, path, type: type, body: body)
        } catch {
            throw MLflowError(error)
        }
    }

    /// Demands that a request was done.
    private func check(_ response: HTTPResponse) throws(MLflowError) {
        if response.isSuccess { return }
        let json = response.body.withUnsafeBytes { try? JSONDocument.parse($0, path: nil) }
        let code = json?["error_code"]?.string ?? ""
        let reason = json?["message"]?.string ?? String(decoding: response.body.prefix(200), as: UTF8.self)
        throw MLflowError(
            "the server at \(http.address.authority) answers \(response.status): \(code) \(reason.prefix(300))",
            isTransient: response.status >= 500 || response.status == 429 || response.status == 408,
            isMissing: code == "RESOURCE_DOES_NOT_EXIST")
    }

    private func run(of answer: JSONValue) throws(MLflowError) -> Run {
        let steps = (answer["run"]?["data"]?["metrics"]?.array ?? []).compactMap { metric -> (String, Int)? in
            guard let key = metric["key"]?.string, let step = Self.integer(metric["step"]) else { return nil }
            return (key, step)
        }
        let id = try text(answer, "run", "info", "run_id")
        guard TrackedName.isIdentifier(id, count: 8...64) else {
            throw MLflowError(
                "the server at \(http.address.authority) gave the run an id that is none: \(id.prefix(80))")
        }
        return Run(
            id: id, artifactURI: answer["run"]?["info"]?["artifact_uri"]?.string ?? "",
            isActive: answer["run"]?["info"]?["lifecycle_stage"]?.string != "deleted",
            newestSteps: Dictionary(steps, uniquingKeysWith: max))
    }

    /// Protobuf's JSON writes 64-bit numbers as texts.
    private static func integer(_ value: JSONValue?) -> Int? { value?.int ?? value?.string.flatMap { Int($0) } }

    private func text(_ answer: JSONValue, _ names: String...) throws(MLflowError) -> String {
        var value: JSONValue? = answer
        for name in names { value = value?[name] }
        guard let text = value?.string, !text.isEmpty else {
            throw MLflowError(
                "what answers at \(http.address.authority) is no MLflow server: its answer has no "
                    + names.joined(separator: "."))
        }
        return text
    }

    private static func json(_ pairs: [(key: String, value: String)]) -> JSONValue {
        .array(pairs.map { .object(["key": .string($0.key), "value": .string($0.value)]) })
    }
}
