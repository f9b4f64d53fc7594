import Annotations
import Audit
import Images
import Masks
import Pipeline
import Runtime
import TestSupport
import Testing

/// Objects held against masks that a model draws in their boxes; here the box itself, filled.
@Suite struct ModelAuditTests {
    /// A square of 10 fills its box, a triangle half of it; the crowd and the empty polygon are left out.
    private static let objects = [
        #"{"id":1,"image_id":1,"category_id":1,"iscrowd":0,"area":100,"bbox":[5,5,10,10],"segmentation":[[5,5,15,5,15,15,5,15]]}"#,
        #"{"id":2,"image_id":1,"category_id":1,"iscrowd":0,"area":50,"bbox":[30,5,10,10],"segmentation":[[30,5,40,5,30,15]]}"#,
        #"{"id":3,"image_id":2,"category_id":1,"iscrowd":1,"area":1,"bbox":[0,0,1,1],"segmentation":{"size":[40,100],"counts":[0,1,3999]}}"#,
        #"{"id":4,"image_id":2,"category_id":1,"iscrowd":0,"area":0,"bbox":[0,0,1,1],"segmentation":[[1,1,1,1,1,1]]}"#,
    ]

    private func audit(
        minimum: Double, image: @escaping @Sendable (Int) throws -> RGBImage
    ) throws -> [Finding] {
        let directory = try TemporaryDirectory()
        let path = directory.file("labels.json")
        let images = [1, 2].map { #"{"id":\#($0),"file_name":"\#($0).png","width":100,"height":40}"# }
        try AtomicFileWriter.write(
            #"{"images":[\#(images.joined(separator: ","))],"annotations":[\#(Self.objects.joined(separator: ","))],"categories":[{"id":1,"name":"cell"}]}"#,
            to: path)
        let model = ModelAudit(
            labels: try COCOSource(path: path), minimum: minimum, image: image,
            ask: { image, boxes in
                try boxes.map {
                    ModelAudit.Answer(
                        mask: try RLE(height: image.height, width: image.width, box: $0), confidence: 0.75)
                }
            })
        var findings: [Finding] = []
        let selection = try RuleSelection(select: ["agreement.model", "agreement.unread"], ignore: [])
        do {
            _ = try COCOAudit(path: path, imagesFolder: nil, selection: selection, model: model).run {
                findings.append($0)
            }
        } catch let interruption as AuditInterruption {
            throw interruption.cause
        }
        return findings
    }

    private static func pixels(_ index: Int) -> RGBImage { RGBImage(height: 40, width: 100, filling: .black) }

    @Test func objectsThatFillTheirBoxAgree() throws {
        let findings = try audit(minimum: 0.8) { Self.pixels($0) }
        #expect(findings.map(\.rule) == ["agreement.model"])
        let finding = try #require(findings.first)
        #expect(finding.location.annotationID == "2" && finding.severity == .warning)
        #expect(finding.message.hasPrefix("1.png: the model's mask for its box has IoU 0.5"))
        #expect(finding.message.hasSuffix("below 0.8; the model expects 0.75 of its mask"))
        #expect(try audit(minimum: 0.3) { Self.pixels($0) }.isEmpty)
    }

    @Test func imagesThatCannotBeReadAreCounted() throws {
        let findings = try audit(minimum: 0.8) { index in
            if index == 1 { throw FileError(.missing, path: "2.png", "no such file") }
            return Self.pixels(index)
        }
        #expect(findings.map(\.rule) == ["agreement.model", "agreement.unread"])
        #expect(findings.last?.message.hasPrefix("1 of 2 images were not held against the model") == true)
        #expect(throws: AuditError.self) {
            try audit(minimum: 0.8) { _ in throw FileError(.missing, path: "gone", "no such file") }
        }
        // What is no fault of the data ends the audit.
        struct Unforeseen: Error {}
        #expect(throws: Unforeseen.self) { try audit(minimum: 0.8) { _ in throw Unforeseen() } }
    }
}
