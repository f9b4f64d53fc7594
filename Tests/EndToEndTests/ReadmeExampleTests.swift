import Testing

/// The reader of README.md's examples.
@Suite struct ReadmeExampleTests {
    static let markdown = """
        # Title with `make test` and [a link](samples/nuclei/SOURCE.md#licence)

        ```sh
        $ samdata not-an-example
        make install PREFIX=/usr && echo done
        ```

        ```console
        $ samdata audit labels.json \\
            --images photos
        No findings.

        $ make run   # as it comes
        any output
        $ samdata inspect gone.png
        [exit 66]
        ```

        ![picture](<samples/a%20b.png>) [web](https://example.org/x) [top](#title) `[code](gone.md)` you make sure of it

        [reference]: docs/guide.md "a guide"
        """

    @Test func commandsAndOutputsAreFound() throws {
        let examples = try ReadmeExample.parse(Self.markdown)
        #expect(examples.map(\.line) == [9, 13, 15])
        #expect(examples[0].command == "samdata audit labels.json \\\n    --images photos")
        #expect(examples[0].expected.lines == ["No findings."] && examples[0].status == 0)
        #expect(examples.map(\.isSamdata) == [true, false, true] && examples[1].isMake)
        #expect(examples[2].expected.lines.isEmpty && examples[2].status == 66)
        #expect(try ReadmeExample.parse("# No block\n\n```\n$ samdata x\n```\n").isEmpty)
    }

    @Test(arguments: [
        ("```console\noutput\n$ samdata\n```", 2, "before the first command"),
        ("\n```console\n$ samdata \\\n```", 3, "continuation"), ("text\n\n```console\n$ samdata\n", 3, "no end"),
    ])
    func brokenBlocksAreNamed(markdown: String, line: Int, words: String) {
        let error = #expect(throws: ReadmeExample.SyntaxError.self) { try ReadmeExample.parse(markdown) }
        #expect(error?.line == line && error?.message.contains(words) == true)
    }

    /// Expected text, what is printed, and whether that is the same.
    static let outputs: [(expected: String, actual: String, isSame: Bool)] = [
        ("16 images", "16 images\n", true), ("16 images", "17 images\n", false), ("", "", true), ("", "text\n", false),
        ("IoU 0.913 (best)", "IoU 0.874 (best)\n", true), ("IoU 0.913", "IoU 10.874\n", true),
        ("IoU 0.913", "IoU 0.87\n", false), ("IoU 0.913", "IoU 0.8745\n", false), ("IoU 0.913", "IoU 1\n", false),
        ("samdata 0.1.0", "samdata 0.1.0\n", true), ("samdata 0.1.0", "samdata 0.2.0\n", false),
        ("v1.5", "v1.6\n", false), ("took 1.5s", "took 22.7s\n", true), ("a.c", "abc\n", false),
        ("wrote … in 2.0 s", "wrote out/a.png in 3.1 s\n", true), ("wrote … in 2.0 s", "wrote out/a.png\n", false),
        ("first\n…\nlast", "first\nlast\n", true), ("first\n…\nlast", "first\na\n\nb\nlast\n", true),
        ("first\n…\nlast", "first\na\n", false), ("first\n…", "first\n", true), ("…\nlast", "a\nlast\nb\n", false),
        ("name  value\n----  -----\na        1.5", "name  value\n----  ------\na       123.4\n", true),
        ("name  value\n----  -----\na        1.5", "name  value\na        1.5\n", false), ("a b", "a  b\n", false),
        ("  1.5  x", "101.5  x\n", true), ("a\n\nb  ", "a\n\nb\n\n", true), ("a\nb", "a\n\nb\n", false),
    ]

    @Test(arguments: outputs.indices)
    func outputsAreHeldAgainstTheText(index: Int) {
        let (expected, actual, isSame) = Self.outputs[index]
        let lines = expected.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        #expect(ExpectedOutput(lines: lines).matches(actual) == isSame, "\(expected) against \(actual)")
    }

    @Test func targetsAndLinksAreFound() {
        let text = MarkdownText(Self.markdown)
        #expect(text.makeTargets == ["test", "install", "run"])
        #expect(
            Set(text.relativeLinks) == ["samples/nuclei/SOURCE.md", "samples/a b.png", "docs/guide.md"])
    }
}
