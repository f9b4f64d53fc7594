import Commands
import Runtime
import Testing

@Suite struct ProgressReporterTests {
    @Test func lineStatesCountsRateAndTimeLeft() {
        let line = ProgressReporter.line(
            title: "converting", unit: "images", done: 25, total: 100, seconds: 10, detail: "3 dropped")
        #expect(line == "converting: [======                  ] 25/100 images 2.5/s ETA 30 s 3 dropped")
    }

    @Test(arguments: [(59.4, "59 s"), (200, "3 min 20 s"), (7500, "2 h 05 min")])
    func durationsRead(seconds: Double, text: String) {
        #expect(ProgressReporter.duration(seconds) == text)
    }
}

@Suite struct TextTableTests {
    @Test func columnsAlign() {
        var table = TextTable([("rule", .left), ("count", .right)])
        table.add(["rle.sum", "7"])
        table.add(["a", "1000"])
        #expect(table.render() == "rule     count\n-------  -----\nrle.sum      7\na         1000")
    }

    /// A class name with an escape sequence or a newline may not write to the terminal where it likes.
    @Test func strangersTextStaysInItsCell() {
        var table = TextTable([("class", .left)])
        table.add(["a\u{1B}[2J\nb\u{9B}c µ"])
        #expect(table.render() == "class\n-----------\na [2J b c µ")
    }
}

@Suite struct ByteSizeTests {
    @Test(arguments: [
        ("256MB", 256_000_000), ("4 GB", 4_000_000_000), ("512KiB", 524_288), ("17", 17), ("1.5kb", 1500),
        ("4G", 4_000_000_000), ("2Mi", 2_097_152), ("1T", 1_000_000_000_000), ("17B", 17), ("0", 0),
    ])
    func readsUnits(text: String, bytes: Int) {
        #expect(ByteSize(text: text)?.bytes == bytes)
    }

    @Test(arguments: ["", "MB", "-1MB", "1e400GB", "nan", "12 parsecs", "4BB", "4XB", "B", "G"])
    func refusesNonsense(text: String) {
        #expect(ByteSize(text: text) == nil)
    }
}
