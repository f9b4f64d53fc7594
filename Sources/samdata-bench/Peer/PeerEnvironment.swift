import Foundation
import JSONText
import Runtime

/// The Python that peers run in, and what is installed there.
struct PeerEnvironment {
    /// The interpreter.
    let python: String
    /// Versions by package, and of `python` itself.
    let versions: [String: String]

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

    /// The environment that `SAMDATA_BENCH_PYTHON` names, or the one that the bench's script made; nil without either.
    ///
    /// - Throws: `BenchError` when there is an interpreter that cannot be run.
    static func find() throws -> PeerEnvironment? {
        let named = ProcessInfo.processInfo.environment["SAMDATA_BENCH_PYTHON"].flatMap { $0.isEmpty ? nil : $0 }
        let made = home + "/venv/bin/python"
        guard let python = named ?? (FileManager.default.isExecutableFile(atPath: made) ? made : nil) else {
            return nil
        }
        let versions = try RunnerProcess(python, [script, "versions"], environment: environment).readLine()
        let members = (try? JSONDocument.parse(versions))?.object ?? []
        guard !members.isEmpty else {
            throw BenchError(.answer, "'\(python) \(script) versions' answered '\(versions)', not a JSON object")
        }
        return PeerEnvironment(
            python: python,
            versions: Dictionary(
                members.map { ($0.name, $0.value.string ?? "") }, uniquingKeysWith: { first, _ in first }))
    }

    /// Whether all that a peer takes is installed.
    func has(_ peer: Peer) -> Bool { peer.packages.allSatisfy { versions[$0] != nil } }

    /// Starts a peer on a case; returns when it is ready to run.
    func start(_ peer: Peer, _ benchCase: any BenchCase, threads: Int) throws(BenchError) -> RunnerProcess {
        let runner = try RunnerProcess(
            python, [Self.script, peer.rawValue, String(threads), benchCase.peerRequest.text()],
            environment: Self.environment)
        try runner.waitUntilReady()
        return runner
    }

    private static var environment: [String: String] { ["SAMDATA_BENCH_HOME": home] }
}
