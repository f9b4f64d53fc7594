import Foundation
import JSONText
import Runtime

/// The Pythons that peers run in, and what is installed there.
struct PeerEnvironment {
    /// An interpreter, with versions by package, and of `python` itself.
    private struct Interpreter {
        let path: String
        let versions: [String: String]

        /// Whether all that a peer takes is installed.
        func has(_ peer: Peer) -> Bool { peer.packages.allSatisfy { versions[$0] != nil } }
    }

    private let interpreters: [Interpreter]

    /// Versions by package; of one that is in several places, that of the first.
    var versions: [String: String] {
        interpreters.reduce(into: [:]) { all, interpreter in all.merge(interpreter.versions) { first, _ in first } }
    }

    /// The folder of the scripts, beside this file in the sources.
    private static let scripts = FileSystem.folder(of: #filePath) + "/scripts"
    /// The program that runs a peer.
    private static let script = scripts + "/peer.py"
    /// The program that makes the environment.
    static let maker = scripts + "/make-environment.sh"

    /// Where the environment and the exported models are kept.
    static var home: String {
        let environment = ProcessInfo.processInfo.environment
        if let home = environment["SAMDATA_BENCH_HOME"], !home.isEmpty { return home }
        let cache = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        return (cache ?? NSHomeDirectory() + "/.cache") + "/samdata-bench"
    }

    /// The environment that `SAMDATA_BENCH_PYTHON` names, or those that the bench's script made; nil without any.
    ///
    /// - Throws: `BenchError` when there is an interpreter that cannot be run.
    static func find() throws -> PeerEnvironment? {
        let named = ProcessInfo.processInfo.environment["SAMDATA_BENCH_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }
        let made = ["venv", "venv-datumaro"].map { home + "/\($0)/bin/python" }
        let paths = named.map { [$0] } ?? made.filter(FileManager.default.isExecutableFile)
        return paths.isEmpty ? nil : PeerEnvironment(interpreters: try paths.map(interpreter))
    }

    private static func interpreter(_ path: String) throws -> Interpreter {
        let versions = try RunnerProcess(path, [script, "versions"], environment: environment).readLine()
        let members = (try? JSONDocument.parse(versions))?.object ?? []
        guard !members.isEmpty else {
            throw BenchError(.answer, "'\(path) \(script) versions' answered '\(versions)', not a JSON object")
        }
        return Interpreter(
            path: path,
            versions: Dictionary(
                members.map { ($0.name, $0.value.string ?? "") }, uniquingKeysWith: { first, _ in first }))
    }

    /// Whether all that a peer takes is installed in one place.
    func has(_ peer: Peer) -> Bool { interpreters.contains { $0.has(peer) } }

    /// Starts a peer, which ``has(_:)``, on a case; returns when it is ready to run.
    func start(_ peer: Peer, _ benchCase: any BenchCase, threads: Int) throws(BenchError) -> RunnerProcess {
        guard let interpreter = interpreters.first(where: { $0.has(peer) }) else {
            throw BenchError(.start, "\(peer.rawValue) is not installed")
        }
        let runner = try RunnerProcess(
            interpreter.path, [Self.script, peer.rawValue, String(threads), benchCase.peerRequest.text()],
            environment: Self.environment)
        try runner.waitUntilReady()
        return runner
    }

    private static var environment: [String: String] { ["SAMDATA_BENCH_HOME": home] }
}
