import Annotations
import Audit
import Pipeline
import Runtime
import TestSupport
import Testing

/// Two annotators' objects held against each other.
@Suite struct AgreementAuditTests {
    private static func square(_ id: Int, image: Int = 1, category: Int = 1, x: Int, y: Int = 5, side: Int = 10)
        -> String
    {
        #"{"id":\#(id),"image_id":\#(image),"category_id":\#(category),"iscrowd":0,"area":\#(side * side),"bbox":[\#(x),\#(y),\#(side),\#(side)],"segmentation":[[\#(x),\#(y),\#(x + side),\#(y),\#(x + side),\#(y + side),\#(x),\#(y + side)]]}"#
    }

    private static func text(
        images: [(id: Int, name: String)] = [(1, "a.png")], _ annotations: [String],
        categories: String = #"{"id":1,"name":"cell"},{"id":2,"name":"debris"}"#
    ) -> String {
        let entries = images.map { #"{"id":\#($0.id),"file_name":"\#($0.name)","width":100,"height":40}"# }
        return
            #"{"images":[\#(entries.joined(separator: ","))],"annotations":[\#(annotations.joined(separator: ","))],"categories":[\#(categories)]}"#
    }

    private func audit(
        _ first: String, _ second: String, minimum: Double = 0.85
    ) throws -> (findings: [Finding], summary: AuditSummary) {
        let directory = try TemporaryDirectory()
        let (path, other) = (directory.file("first.json"), directory.file("second.json"))
        try AtomicFileWriter.write(first, to: path)
        try AtomicFileWriter.write(second, to: other)
        let agreement = AgreementAudit(
            first: try COCOSource(path: path), second: try COCOSource(path: other), name: "second", minimum: minimum)
        var findings: [Finding] = []
        do {
            let summary = try COCOAudit(path: path, imagesFolder: nil, agreement: agreement).run { findings.append($0) }
            return (findings, summary)
        } catch let interruption as AuditInterruption {
            #expect(!interruption.summary.isComplete && interruption.summary.images > 0)
            throw interruption.cause
        }
    }

    @Test func theSameObjectsAgree() throws {
        let text = Self.text([Self.square(1, x: 5), Self.square(2, category: 2, x: 40)])
        #expect(try audit(text, text).findings.isEmpty)
    }

    /// IoU of squares of 10 that are moved by one is 90 of 110.
    @Test func overlapsAreMeasuredOfBothSides() throws {
        let first = Self.text([Self.square(1, x: 5), Self.square(2, x: 40), Self.square(3, x: 80)])
        let second = Self.text([Self.square(7, x: 6), Self.square(8, category: 2, x: 40), Self.square(9, x: 60)])
        let (findings, summary) = try audit(first, second, minimum: 0.8)
        #expect(
            findings.map { "\($0.rule) \($0.location.annotationID ?? "")" } == [
                "agreement.overlap 2", "agreement.overlap 3", "agreement.unmatched 8", "agreement.unmatched 9",
            ])
        #expect(findings[0].location.path?.hasSuffix("first.json") == true)
        #expect(findings[2].location.path?.hasSuffix("second.json") == true)
        #expect(summary.worst == .warning && summary.rules.map(\.count) == [2, 2])
        let strict = try audit(first, second, minimum: 0.82).findings
        #expect(strict.contains { $0.location.annotationID == "1" && $0.message.contains("0.818") })
    }

    /// Names of files and classes tell what is compared, not ids; where ids say something else, that is told.
    @Test func namesCount() throws {
        let first = Self.text(
            images: [(1, "x/a.png"), (2, "b.png")], [Self.square(1, x: 5), Self.square(2, image: 2, x: 50)])
        let second = Self.text(
            images: [(2, "a.png"), (1, "b.png")],
            [Self.square(1, image: 2, category: 12, x: 5), Self.square(2, image: 1, category: 12, x: 50)],
            categories: #"{"id":12,"name":"cell"},{"id":1,"name":"debris"}"#)
        let findings = try audit(first, second).findings
        #expect(findings.map(\.rule) == ["agreement.names", "agreement.names"])
        #expect(findings.allSatisfy { $0.severity == .warning && $0.message.hasSuffix("the names count") })
    }

    @Test func imagesOfOneSetAloneAreNoted() throws {
        let first = Self.text(
            images: [(1, "a.png"), (2, "b.png")], [Self.square(1, x: 5), Self.square(2, image: 2, x: 5)])
        let second = Self.text(
            images: [(1, "a.png"), (3, "c.png")], [Self.square(1, x: 5), Self.square(2, image: 3, x: 5)])
        let (findings, _) = try audit(first, second)
        #expect(
            findings.map { "\($0.rule) \($0.location.imageID ?? "")" } == [
                "agreement.unlisted 2", "agreement.unlisted 3",
            ])
        let stranger = Self.text(images: [(1, "z.png")], [Self.square(1, x: 5)])
        let error = #expect(throws: AuditError.self) { try audit(first, stranger) }
        #expect(error?.code == .nothingInCommon && error?.kind == .badInput)
    }

    /// Boxes without masks are compared as they are, and masks that cannot be made are named.
    @Test func boxesAndBrokenMasks() throws {
        let box = #"{"id":4,"image_id":1,"category_id":1,"iscrowd":0,"area":100,"bbox":[5,5,10,10]}"#
        let first = Self.text([Self.square(1, x: 5)])
        #expect(try audit(first, Self.text([box])).findings.isEmpty)
        let broken = Self.square(5, x: 30).replacing("[[30,5,40,5,40,15,30,15]]", with: #"{"size":[3,3],"counts":[9]}"#)
        let (findings, _) = try audit(first, Self.text([Self.square(1, x: 5), broken]))
        #expect(findings.map(\.rule) == ["rle.size"] && findings[0].location.annotationID == "5")
    }

    @Test func threadsDoNotMatter() throws {
        let images = (0..<40).map { (id: $0, name: "\($0).png") }
        let first = Self.text(images: images, (0..<40).map { Self.square($0 + 1, image: $0, x: 5) })
        let second = Self.text(images: images, (0..<40).map { Self.square($0 + 1, image: $0, x: 5 + $0 % 5) })
        let runs = try atEveryWorkerCount { try audit(first, second).findings.map { "\($0.rule) \($0.message)" } }
        #expect(runs.allSatisfy { $0 == runs[0] } && runs[0].count == 64)
    }
}
