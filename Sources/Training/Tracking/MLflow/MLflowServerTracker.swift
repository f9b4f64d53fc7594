internal import Foundation
internal import Runtime

/// Records a run at an MLflow server, over its REST interface, without making training wait for it.
///
/// A resumed run goes on under the id that `tracking.json` keeps. What the server has of steps that are trained again
/// stays there: the numbers are the same, and the server says how far it got. What it lacks of earlier steps, because the
/// process before was killed while they waited, is sent again from `metrics.jsonl`.
package final class MLflowServerTracker: RunTracker {
    /// How long things may take, in seconds.
    package struct Patience: Sendable {
        /// A request.
        package var request = 5.0
        /// Gathering of lines until they are sent.
        package var pause = 2.0
        /// Sending the rest at the end.
        package var end = 15.0
        /// Lines that may wait for a server that does not answer.
        package var capacity = 20_000

        package init() {}
    }

    private enum Item: Sendable {
        case line(TrackedLine)
        /// What earlier processes wrote down, of which the server may lack some.
        case past([TrackedLine])
        /// A file, by its name among the run's artifacts.
        case file(path: String, name: String)
        case text(String, name: String)
        case end(MLflowRunStatus, time: Double)
    }

    private let url: String
    private let patience: Patience
    private var queue: DeliveryQueue<Item>?
    private var reportPath: String?

    /// - Parameter url: `http://HOST:PORT`, with a path where the server has one.
    package init(url: String, patience: Patience = Patience()) {
        self.url = url
        self.patience = patience
    }

    package func begin(_ run: TrackedRun) throws {
        reportPath = run.reportPath
        let client = MLflowClient(HTTPClient(try HTTPAddress(url), seconds: patience.request))
        let session = MLflowSession(client, run: run, url: url, known: try TrackingRecord(of: run.folder).mlflow)
        queue = DeliveryQueue(capacity: patience.capacity, batch: 80, pause: patience.pause) {
            (items: [Item]) throws(MLflowError) in
            try Self.deliver(items, to: session)
        }
        let past = try run.writtenLines()
        if !past.isEmpty { try queue?.put(.past(past)) }
        try queue?.put(.text(run.yaml, name: "config.yaml"))
    }

    package func record(_ line: TrackedLine) throws { try queue?.put(.line(line)) }

    package func show(_ pictures: [TrackedPicture], at line: TrackedLine) throws {
        for picture in pictures {
            try queue?.put(
                .file(path: picture.path, name: "samples/" + FileSystem.lastComponent(picture.path)))
        }
    }

    package func end(_ ending: RunEnding) throws -> String? {
        if let reportPath, FileSystem.exists(reportPath) {
            try queue?.put(.file(path: reportPath, name: "report.html"))
        }
        try queue?.put(.end(MLflowRunStatus(ending), time: Date().timeIntervalSince1970))
        try queue?.finish(within: patience.end)
        queue = nil
        return nil
    }

    package func takeRemarks() -> [String] { queue?.takeRemarks() ?? [] }

    private static func deliver(_ items: [Item], to session: MLflowSession) throws(MLflowError) {
        try session.open()
        try session.log(
            items.flatMap { item -> [TrackedLine] in
                switch item {
                case .line(let line): [line]
                case .past(let lines): lines
                case .text, .file, .end: []
                }
            })
        for item in items {
            switch item {
            case .line, .past: break
            case .text(let text, let name): try session.upload(Array(text.utf8), as: name)
            case .file(let path, let name):
                // A picture that somebody removed meanwhile is not missed.
                if let bytes = try? FileSystem.read(path) { try session.upload(bytes, as: name) }
            case .end(let status, let time): try session.close(status, time: time)
            }
        }
    }
}
