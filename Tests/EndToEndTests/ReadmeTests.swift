import Foundation
import TestSupport
import Testing

/// README.md is true: its commands print what it says, its targets and links are there.
@Suite struct ReadmeTests {
    static func text() throws -> String { try String(contentsOfFile: Repository.root + "/README.md", encoding: .utf8) }

    /// Runs every command in the order of the file, in one directory that has `samples` as the repository has it.
    @Test func examplesPrintWhatTheySay() throws {
        let examples = try ReadmeExample.parse(Self.text())
        let commands = examples.filter(\.isSamdata)
        #expect(!commands.isEmpty, "README.md has no block that starts with ```console and holds `$ samdata …`")
        let directory = try TemporaryDirectory()
        try FileManager.default.createSymbolicLink(
            atPath: directory.file("samples"), withDestinationPath: Repository.root + "/samples")
        let binaries = (BuiltBinary.path as NSString).deletingLastPathComponent
        let path = binaries + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        for example in examples where !example.isMake {
            guard example.isSamdata else {
                Issue.record("README.md:\(example.line): a console block runs samdata or make, not: \(example.command)")
                continue
            }
            let outcome = try BuiltBinary.runProgram(
                "/bin/bash", ["-c", example.command], in: directory.path,
                // One level of the kernels on every machine, as the last bits of masks differ between them.
                environment: ["PATH": path, "SAMDATA_CPU_LEVEL": "baseline"])
            if outcome.status == example.status && example.expected.matches(outcome.stdout) { continue }
            Issue.record(
                """
                README.md:\(example.line): $ \(example.command)
                --- expected, exit \(example.status)
                \(example.expected.lines.joined(separator: "\n"))
                --- actual, exit \(outcome.status)
                \(outcome.stdout)
                --- on stderr
                \(outcome.stderr)
                """)
        }
    }

    @Test func targetsAreInTheMakefile() throws {
        let makefile = try String(contentsOfFile: Repository.root + "/Makefile", encoding: .utf8)
        let known = Set(makefile.matches(of: /(?m)^([a-z][a-z-]*):(?!=)/).map { String($0.output.1) })
        #expect(known.contains("test"))
        let unknown = try MarkdownText(Self.text()).makeTargets.subtracting(known)
        #expect(unknown.isEmpty, "README.md names targets that the Makefile has not: \(unknown.sorted())")
    }

    @Test func linksLeadSomewhere() throws {
        for link in try MarkdownText(Self.text()).relativeLinks {
            #expect(FileManager.default.fileExists(atPath: Repository.root + "/" + link), "README.md links to \(link)")
        }
    }
}
