import Foundation
import JSONText

/// A Python process that runs the same work with PyTorch: one line of JSON in, two times out.
final class PeerProcess {
    private let process = Process()
    private let requests = Pipe()
    private let answers = Pipe()
    private var buffered = Data()

    /// The script, beside this file in the sources.
    private static let script = (#filePath as NSString).deletingLastPathComponent + "/peer.py"

    /// - Parameters:
    ///   - python: an interpreter that can import torch.
    ///   - threads: how many threads it may use.
    init(python: String, threads: Int) throws(PeerError) {
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [Self.script, String(threads)]
        process.standardInput = requests
        process.standardOutput = answers
        do { try process.run() } catch {
            throw PeerError(.start, "'\(python)' could not be started", cause: error)
        }
        let greeting = try readLine()
        guard greeting.hasPrefix("ready") else {
            throw PeerError(.start, "'\(python) \(Self.script)' answered '\(greeting)' instead of being ready")
        }
    }

    deinit {
        try? requests.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Runs the work `repeats` times and returns the time of one run.
    func run(_ request: JSONValue, repeats: Int) throws(PeerError) -> Sample {
        var members = request.object ?? []
        members.append(JSONMember("repeats", .integer(Int64(repeats))))
        let line = JSONValue.object(members).text(pretty: false) + "\n"
        do { try requests.fileHandleForWriting.write(contentsOf: Data(line.utf8)) } catch {
            throw PeerError(.answer, "the peer process takes no more requests", cause: error)
        }
        let answer = try readLine()
        let numbers = answer.split(separator: " ").compactMap { Double($0) }
        guard numbers.count == 2 else {
            throw PeerError(.answer, "the peer process answered '\(answer)' to \(line)")
        }
        return Sample(seconds: numbers[0], processorSeconds: numbers[1])
    }

    private func readLine() throws(PeerError) -> String {
        while true {
            if let end = buffered.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: buffered[..<end], as: UTF8.self)
                buffered = Data(buffered[(end + 1)...])
                return line
            }
            let more = answers.fileHandleForReading.availableData
            if more.isEmpty { throw PeerError(.answer, "the peer process ended") }
            buffered += more
        }
    }
}
