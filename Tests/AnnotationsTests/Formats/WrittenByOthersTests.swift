import Annotations
import Foundation
import JSONText
import Masks
import Runtime
import TestSupport
import Testing

/// Sets that the tools of others have written (Tests/Fixtures/Annotations/foreign/make_foreign.py); the masks that are
/// expected are pycocotools'.
@Suite struct WrittenByOthersTests {
    private static func fixture(_ path: String) -> String { Repository.fixture("Annotations/foreign/" + path) }

    /// Class and mask of each object, by the image's number; classes of others than SA-1B.
    private static func expected() throws -> [Int: [(label: String, mask: RLE)]] {
        let document = try JSONDocument.read(path: fixture("expected.json"))
        let (height, width) = (document["height"]?.int ?? 0, document["width"]?.int ?? 0)
        var found: [Int: [(label: String, mask: RLE)]] = [:]
        for object in document["objects"]?.array ?? [] {
            let mask = try RLE(height: height, width: width, compressed: Array((object["counts"]?.string ?? "").utf8))
            found[object["image"]?.int ?? 0, default: []].append((object["class"]?.string ?? "", mask))
        }
        return found
    }

    @Test func labelStudiosOwnConverter() throws {
        let source = try #require(try LabelFormat.labelStudio.labelSource(at: Self.fixture("label-studio")))
        #expect(source.findings.isEmpty)
        let read = try SetSamples.read(source)
        for (number, objects) in try Self.expected() {
            // Each object has its rectangle first, and behind it the outline where it has one.
            let found = try #require(read["\(number)"]).objects
            let outlines = found.filter { $0.mask != nil }
            let drawn = objects.prefix(outlines.count)
            #expect(outlines.map(\.mask) == drawn.map(\.mask) && outlines.map(\.category) == drawn.map(\.label))
            #expect(found.filter { $0.mask == nil }.map(\.category) == objects.map(\.label))
        }
    }

    @Test func webDatasetsTar() throws {
        let source = try #require(try LabelFormat.segmentAnything.labelSource(at: Self.fixture("sa_000000.tar")))
        #expect(source.findings.isEmpty && source.images.map(\.fileName) == ["sa_1.jpg", "sa_2.jpg"])
        let read = try SetSamples.read(source)
        for (number, objects) in try Self.expected() {
            #expect(try #require(read["sa_\(number)"]).objects.map(\.mask) == objects.map(\.mask))
        }
    }
}
