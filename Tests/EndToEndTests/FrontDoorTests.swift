import TestSupport
import Testing

@Suite struct FrontDoorTests {
    @Test func helpNamesTheJob() throws {
        let outcome = try BuiltBinary.run(["--help"])
        #expect(outcome.status == 0)
        #expect(outcome.stdout.contains("USAGE: samdata"))
        #expect(outcome.stderr.isEmpty)
    }

    @Test func versionIsOneLine() throws {
        let outcome = try BuiltBinary.run(["--version"])
        #expect(outcome.status == 0)
        #expect(outcome.stdout.hasPrefix("samdata "))
    }

    @Test func unknownCommandIsAUsageError() throws {
        let outcome = try BuiltBinary.run(["convrt"])
        #expect(outcome.status == 64)
        #expect(outcome.stdout.isEmpty)
        #expect(outcome.stderr.contains("convrt"))
    }

    /// What a command finds wrong in its options while it runs has its own usage, as what parsing finds.
    @Test(
        arguments: [
            (
                "convert coco samples/nuclei/annotations.json --images samples/nuclei/images -o out --group-by folder",
                "convert from"
            ),
            ("audit labels.json --fix", "audit"), ("inspect labels.json --draws 0", "inspect"),
            ("bench loader", "bench loader"), ("train", "train"),
        ])
    func usageIsTheCommands(arguments: String, command: String) throws {
        let outcome = try BuiltBinary.run(
            arguments.split(separator: " ").map(String.init), in: Repository.root)
        #expect(outcome.status == 64 && outcome.stdout.isEmpty)
        #expect(
            outcome.stderr.contains("samdata \(command)") && !outcome.stderr.contains("<subcommand>"),
            "\(outcome.stderr)")
    }

    /// What `make install` puts into the shells' folders.
    @Test(arguments: ["bash", "zsh", "fish"])
    func completionsKnowTheCommands(shell: String) throws {
        let outcome = try BuiltBinary.run(["--generate-completion-script", shell])
        #expect(outcome.status == 0 && outcome.stderr.isEmpty)
        for word in ["convert", "inspect", "predict"] { #expect(outcome.stdout.contains(word)) }
    }
}
