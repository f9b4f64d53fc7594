import Foundation
import FoundationXML
import JSONText
import Masks
import Metrics
import Runtime
import Shards
import TestSupport
import Testing
import Training

/// The report as a page: well-formed, harmless, and true to its figures.
@Suite struct ReportTests {
    /// The page's elements and text, or what an XML parser has against it.
    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [String: Int] = [:]
        var attributes: [String] = []
        var text = ""

        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes values: [String: String]
        ) {
            elements[name, default: 0] += 1
            attributes += values.map { "\($0.key)=\($0.value)" }
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

        static func read(_ html: String) throws -> Reader {
            let parser = XMLParser(data: Data(html.utf8))
            let reader = Reader()
            parser.delegate = reader
            let isWell = parser.parse()
            #expect(isWell, "\(parser.parserError.map { "\($0)" } ?? "") line \(parser.lineNumber)")
            return reader
        }
    }

    private static let before = EvaluationFixture.evaluation(
        "before", box: { 0.5 + 0.01 * Double($0) }, clicks: { [0.4, 0.6 + 0.01 * Double($0)] })
    private static let after = EvaluationFixture.evaluation(
        "after", box: { 0.7 + 0.02 * Double($0 % 4) }, clicks: { [0.45, 0.3 + 0.001 * Double($0)] })

    private func set(_ directory: TemporaryDirectory, classes: Int = 2) throws -> ShardSet {
        try TrainingFixture.write(try TrainingFixture.samples(6, classes: classes), to: directory.path)
        return try ShardSet(path: directory.path)
    }

    private func comparison(_ set: ShardSet, before: Evaluation? = before, after: Evaluation = after) throws
        -> RunComparison
    {
        let check = AutomaticMaskCheck(images: 2, objects: 4, masks: 3, meanBestIoU: 0.625, recall: 0.75)
        let slow = LatencyProbe.Times(median: 0.08, percentile95: 0.09, imagesPerSecond: 12.5, runs: 3)
        let earlier = LatencyProbe(encoder: slow, decoder1: slow, decoder8: slow, endToEnd: slow, threads: 2)
        return try RunComparison(
            before: before.map { EvaluationFixture.record($0, automatic: check, latency: earlier) },
            after: EvaluationFixture.record(after, automatic: check, latency: EvaluationFixture.latency), set: set,
            subset: EvaluationSubset(set))
    }

    @Test func thePageIsWellFormedAndSaysWhatTheFiguresSay() throws {
        let directory = try TemporaryDirectory()
        let comparison = try comparison(try set(directory))
        var content = ReportContent(title: "run")
        content.comparison = comparison
        content.remarks = comparison.remarks
        content.facts = [ReportContent.Fact("model", "nano")]
        content.configuration = "epochs: 3\n"
        let html = ReportPage(content).html
        let page = try Reader.read(html)
        #expect(page.text.contains(comparison.figures.sentence.replacingOccurrences(of: "->", with: "\u{2192}")))
        for warning in comparison.warnings { #expect(page.text.contains(warning)) }
        #expect(!comparison.warnings.isEmpty && page.elements["table"] == 7 && page.elements["svg"] == 1)
        // What the machine reads and what the page shows are the same numbers.
        let lines = try #require(comparison.json["figures"]?["lines"]?.array)
        for line in lines where line["part"] == "all" {
            let wanted = line["prompt"] == "box" || line["clicks"] == 1 ? ["iou", "dice", "boundary_iou"] : ["iou"]
            for metric in wanted {
                for side in ["before", "after", "difference"] {
                    let value = try #require(line[metric]?[side]?["mean"]?.double)
                    #expect(page.text.contains(String(format: "%.3f [", abs(value))), "\(metric) \(side) \(value)")
                }
            }
        }
        #expect(page.text.contains("75 %"))
        // Every kind of work has its median, its 95th percentile and its rate, of both models.
        for text in ["20.0 ms", "30.0 ms", "47.5", "901.5", "240.2", "44.5", "12.5", "80.0 ms"] {
            #expect(page.text.contains(text), "\(text)")
        }
        #expect(page.text.contains("6 images are few"))
        for word in ["nan", "inf", "NaN"] { #expect(!html.contains(">\(word)<") && !html.contains(" \(word) ")) }
    }

    @Test func nothingIsLoadedFromElsewhere() throws {
        let directory = try TemporaryDirectory()
        var content = ReportContent(title: "run")
        content.comparison = try comparison(try set(directory))
        let html = ReportPage(content).html
        for word in ["http:", "https:", "//", "<script", "@import", "url("] {
            #expect(!html.contains(word), "the page has \(word)")
        }
        #expect(html.contains("default-src 'none'") || html.contains("default-src &#39;none&#39;"))
    }

    /// Names of files, categories and folders may hold anything.
    @Test func hostileNamesStayText() throws {
        let directory = try TemporaryDirectory()
        let evil = "</title><script>alert('x')</script>\" onload=\"y()&amp;\u{0}\u{202E}gnp.\u{1F600}"
        var samples = try TrainingFixture.samples(6, classes: 2)
        for index in samples.indices {
            samples[index].fileName = evil
            for object in samples[index].objects.indices {
                samples[index].objects[object].categoryName = evil + "\(object)"
            }
        }
        try TrainingFixture.write(samples, to: directory.path)
        let set = try ShardSet(path: directory.path)
        var later = Self.after
        for index in later.rows.indices {
            let sample = samples[index / 2]
            later.rows[index].annotationID = sample.objects[index % 2].annotationID
            later.rows[index].boxMask = sample.objects[index % 2].mask.compressedString
            later.rows[index].pointMask = later.rows[index].boxMask
        }
        let comparison = try comparison(set, before: later, after: later)
        var content = ReportContent(title: evil)
        content.facts = [ReportContent.Fact(evil, evil)]
        content.remarks = [evil]
        content.configuration = evil
        content.comparison = comparison
        content.cases = try ReportCases(comparison, set: set)
        let html = ReportPage(content).html
        let page = try Reader.read(html)
        #expect(page.elements["script"] == nil && page.elements["title"].map { $0 >= 1 } == true)
        #expect(!page.attributes.contains { $0.hasPrefix("onload") })
        #expect(!html.contains("\u{202E}") && !html.contains("\u{0}"))
        #expect(page.text.contains("<script>alert('x')</script>"))
        // Six worst and three best, each a picture with words.
        #expect(page.elements["img"] == 9)
        #expect(page.attributes.count { $0.hasPrefix("alt=Outline of the label") } == 9)
        #expect(html.utf8.count < 3_000_000)
    }

    @Test func anEmptyReportIsAPage() throws {
        let page = try Reader.read(ReportPage(ReportContent(title: "run")).html)
        #expect(page.elements["svg"] == nil && page.elements["table"] == nil && page.elements["h1"] == 1)
    }

    /// One class, one click, one image, nothing before: whatever is missing is left out.
    @Test func littleIsShownAsLittle() throws {
        let directory = try TemporaryDirectory()
        let set = try set(directory, classes: 1)
        let one = EvaluationFixture.evaluation("model", objects: 1, box: { _ in 0.25 }, clicks: { _ in [0] })
        var content = ReportContent(title: "run")
        content.comparison = try comparison(set, before: nil, after: one)
        let page = try Reader.read(ReportPage(content).html)
        #expect(page.elements["svg"] == nil && page.text.contains("Dice 0.400 with boxes, on 1 object in 1 image."))
        #expect(!page.text.contains("before") || !page.text.contains("By class"))
    }

    // MARK: Parts

    @Test func picturesThatCannotBeDrawnAreLeftOut() throws {
        let directory = try TemporaryDirectory()
        let set = try set(directory)
        // No masks were kept; and masks that are none.
        #expect(try ReportCases(try comparison(set), set: set).worst.isEmpty)
        var broken = Self.after
        for index in broken.rows.indices { broken.rows[index].boxMask = "\u{FF}~~~" }
        #expect(try ReportCases(try comparison(set, before: nil, after: broken), set: set).best.isEmpty)
    }

    @Test(arguments: [
        [0.0, 1], [0, 0], [5, 5], [-3, 7], [0.1234, 0.1235], [1e-5, 9e-5], [0, 2e-3], [1e9, 3e9], [1, 12], [0, 132],
        [-1e-9, 1e-9], [.nan, 0.4], [.infinity, 0.4], [], [0.754, 0.755, 0.757],
    ])
    func axesHoldTheirValuesWithRoundTicks(values: [Double]) {
        for wholeNumbers in [false, true] {
            for endsAtTicks in [false, true] {
                let axis = ChartAxis(holding: values, wholeNumbers: wholeNumbers, endsAtTicks: endsAtTicks)
                let labels = axis.ticks.map(axis.label)
                #expect(axis.ticks.count >= 2 && axis.ticks.count <= 12, "\(values): \(axis.ticks)")
                #expect(Set(labels).count == labels.count, "\(values): \(labels)")
                #expect(labels.allSatisfy { $0.count <= 9 && !$0.contains("n") }, "\(values): \(labels)")
                for tick in axis.ticks { #expect((-1e-6...1 + 1e-6).contains(axis.place(of: tick))) }
                for value in values where value.isFinite {
                    #expect((-1e-6...1 + 1e-6).contains(axis.place(of: value)), "\(values): \(axis.range)")
                }
                if wholeNumbers { #expect(axis.ticks.allSatisfy { $0 == $0.rounded() }, "\(axis.ticks)") }
            }
        }
    }

    @Test func linesAreDrawnWhereTheValuesAre() throws {
        let chart = LineChart(
            title: "T<", xTitle: "x", yTitle: "y",
            series: [
                LineChart.Series(
                    "a & b", [.init(1, 0, band: 0...0.5), .init(2, .nan), .init(3, 1, band: 0.5...1)], colour: 0),
                LineChart.Series("none", [], colour: 1),
                LineChart.Series("long", (0...5000).map { .init(1 + Double($0) / 2500, 0.5) }, colour: 2),
            ], summary: "s")
        let page = try Reader.read(chart.html.source)
        // The corners of the plot: 62 to 466 across, 226 up to 10.
        #expect(chart.html.source.contains("d=\"M62.0 226.0L466.0 10.0\""), "\(chart.html.source)")
        #expect(chart.html.source.contains("d=\"M62.0 118.0L466.0 10.0L466.0 118.0L62.0 226.0Z\""))
        #expect(page.elements["circle"] == 2 && page.elements["path"] == 3)
        #expect(page.attributes.contains("aria-label=T<. s"))
        let longest = page.attributes.filter { $0.hasPrefix("d=") }.map { $0.split(separator: "L").count }.max()
        #expect(longest == 400)
        #expect(LineChart(title: "", xTitle: "", yTitle: "", series: [], summary: "").isEmpty)
    }

    @Test func curvesAreReadFromTheMetrics() throws {
        let directory = try TemporaryDirectory()
        let lines = [
            #"{"kind":"evaluation","moment":"start","step":0,"epoch":0,"validation":{"box":{"iou":0.1},"point":{"iou":0.2}}}"#,
            #"{"kind":"step","step":1,"loss":2,"learning_rate":0.001}"#,
            #"{"kind":"step","step":2,"loss":1,"learning_rate":0.002}"#,
            #"{"kind":"epoch","epoch":1,"validation":{"box":{"iou":0.3},"point":{"iou":0.4}}}"#,
            #"{"kind":"evaluation","moment":"end","epoch":1,"validation":{"box":{"iou":0.9}}}"#, #"{"kind":"st"#,
        ]
        try AtomicFileWriter.write(lines.joined(separator: "\n"), to: directory.file("m"))
        let curves = try RunCurves(path: directory.file("m"))
        #expect(curves.losses.map(\.value) == [2, 1] && curves.rates.map(\.step) == [1, 2])
        #expect(curves.validations[.box]?.map(\.value) == [0.1, 0.3])
        #expect(curves.validations[.point]?.map(\.epoch) == [0, 1])
        #expect(!curves.lossChart.isEmpty && !curves.validationChart.isEmpty && !curves.rateChart.isEmpty)
        let none = try RunCurves(path: directory.file("nothing"))
        #expect(none.lossChart.isEmpty && none.validationChart.isEmpty && none.rateChart.isEmpty)
    }
}
