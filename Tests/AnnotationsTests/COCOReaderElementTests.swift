import Annotations
import JSONText
import Runtime
import TestSupport
import Testing

@Suite struct COCOReaderElementTests {
    private struct Places: COCOVisitor {
        var annotations: [COCOAnnotation] = []
        mutating func visit(_ annotation: COCOAnnotation) { annotations.append(annotation) }
        mutating func report(_ finding: Finding, dropped: COCOSection?) {}
    }

    /// What is read from its place is what the scan handed over, NaN included.
    @Test func annotationsAreReadFromTheirPlaces() throws {
        let text = """
            {"images": [], "annotations": [
              {"id": 1, "image_id": 2, "category_id": 3, "segmentation": [[1, 2, 3.0, 4, 5, 6]], "bbox": [1, 2, 3, 4]},
              {"id": "b", "image_id": 2, "category_id": 3, "segmentation": {"size": [2, 2], "counts": [4]}, "x": {"y": [1]}},
              7, {"id": 4, "image_id": 2, "category_id": 3, "area": NaN, "iscrowd": 1}
            ], "categories": []}
            """
        try Array(text.utf8).withUnsafeBytes { bytes in
            var places = Places()
            try COCOReader.scan(bytes, &places)
            #expect(places.annotations.count == 3)
            for annotation in places.annotations {
                let offset = try #require(annotation.origin.position?.byteOffset)
                #expect(try COCOReader.annotation(in: bytes, at: offset) == annotation)
            }
            let seven = try #require(bytes.firstIndex(of: UInt8(ascii: "7")))
            #expect(try COCOReader.annotation(in: bytes, at: seven) == nil)
            #expect(throws: AnnotationError.self) { try COCOReader.annotation(in: bytes, at: bytes.count) }
            #expect(throws: AnnotationError.self) { try COCOReader.annotation(in: bytes, at: 3) }
        }
    }
}
