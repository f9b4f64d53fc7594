import Audit
import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// `--fix`: what masks tell is set right, all else stays byte for byte.
@Suite struct COCOFixTests {
    /// Audits and fixes; the text of the fixed file, and what was fixed.
    private func fix(
        _ data: SampleDataset, _ selection: RuleSelection = .everything
    ) throws -> (before: String, after: String, counts: [String: Int], path: String) {
        let path = try data.write()
        let (_, fix) = try COCOAudit(path: path, imagesFolder: nil, selection: selection).run(fixes: true) { _ in }
        let target = data.directory.file("fixed.json")
        let made = try #require(fix)
        try made.write(path, to: target)
        func text(_ path: String) throws -> String { String(decoding: try FileSystem.read(path), as: UTF8.self) }
        return (try text(path), try text(target), made.counts, target)
    }

    @Test func aCleanFileIsCopied() throws {
        let (before, after, counts, _) = try fix(SampleDataset())
        #expect(before == after && counts.isEmpty)
    }

    /// What is fixed is found no more; everything that is not fixed stays as it was written.
    @Test func whatMasksTellIsSetRight() throws {
        var data = try SampleDataset()
        data.add(id: 10, ring: [5, 62, 9, 62, 9, 66, 5, 66], ["area": 500])
        data.add(id: 11, ring: [15, 62, 19, 62, 19, 66, 15, 66], ["bbox": [1, 1, 5, 5], "note": "é ünd 1e3"])
        data.add(id: 12, ring: [25, 62, 29, 62, 29, 66, 25, 66], ["bbox": [25, 62, 0, 4]])
        data.add(id: 13, ring: [35, 62, 39, 62, 39, 66, 35, 66], ["bbox": [35, 62, 300, 4]])
        data.add(id: 14, ring: [45, 62, 55, 62, 50, 72], ["area": 100])
        data.add(id: 15, ring: [60, 62, 64, 66, 64, 62, 60, 66])
        data.edits.append { $0.replacing("},{", with: "} ,\n  {") }
        let (before, after, counts, path) = try fix(data)
        #expect(
            counts == [
                "agreement.area": 1, "agreement.bbox": 1, "bbox.degenerate": 1, "bbox.outside": 1,
                "agreement.box-area": 1,
            ])
        let (findings, _) = try COCOAuditTests.audit(path)
        #expect(findings.map(\.rule) == ["polygon.self-intersection"], "\(findings.map(\.description))")
        let annotations = try JSONDocument.parse(after)["annotations"]?.array ?? []
        let old = try JSONDocument.parse(before)["annotations"]?.array ?? []
        try #require(annotations.count == old.count)
        for (new, old) in zip(annotations, old) {
            for key in ["id", "image_id", "category_id", "iscrowd", "segmentation", "note"] {
                #expect(new[key] == old[key])
            }
        }
        func annotation(_ id: Int) -> JSONValue? { annotations.first { $0["id"]?.int == id } }
        #expect(
            annotation(10)?["area"]?.double == 16 && annotation(12)?["bbox"]?.array?.map(\.double) == [25, 62, 4, 4])
        // Elements that are right are there as they were written.
        for line in before.split(separator: "\n") where line.contains("\"id\":15,") { #expect(after.contains(line)) }
        #expect(after.hasPrefix(before.prefix(while: { $0 != "\n" })))
    }

    /// Twice the same is once the same, wherever in the list the others stand.
    @Test(arguments: [[3, 4], [1, 2], [0, 4], [2], [0, 1, 2, 3, 4], [4], [0]])
    func duplicatesGo(places: [Int]) throws {
        var data = try SampleDataset()
        data.annotations = []
        data.add(id: 1, ring: [50, 20, 70, 20, 70, 60, 50, 60])
        for place in 0..<5 {
            let x = places.contains(place) ? 50.0 : Double(place) * 8
            let ring = places.contains(place) ? [50, 20, 70, 20, 70, 60, 50, 60] : [x, 2, x + 5, 2, x + 5, 7, x, 7]
            data.add(id: 10 + place, ring: ring)
        }
        for separator in [",", " ,\n ", ",\t"] {
            var data = data
            data.edits.append { $0.replacing("},{\"area\"", with: "}\(separator){\"area\"") }
            let (_, after, counts, path) = try fix(data)
            #expect(counts == ["object.duplicate": places.count])
            let ids = try JSONDocument.parse(after)["annotations"]?.array?.compactMap { $0["id"]?.int }
            #expect(ids == [1] + (0..<5).filter { !places.contains($0) }.map { 10 + $0 })
            #expect(try COCOAuditTests.audit(path).findings.isEmpty)
        }
    }

    /// Rules that are not selected are not fixed.
    @Test func theSelectionDecides() throws {
        var data = try SampleDataset()
        data.add(id: 10, ring: [5, 62, 9, 62, 9, 66, 5, 66], ["area": 500, "bbox": [1, 1, 5, 5]])
        let (_, after, counts, _) = try fix(data, RuleSelection(select: ["agreement.area"], ignore: []))
        #expect(counts == ["agreement.area": 1])
        let fixed = try JSONDocument.parse(after)["annotations"]?.array?.last
        #expect(fixed?["area"]?.double == 16 && fixed?["bbox"]?.array?.map(\.double) == [1, 1, 5, 5])
    }

    @Test func cutFilesAreNotFixed() throws {
        var data = try SampleDataset()
        data.edits.append { String($0.dropLast(30)) }
        let (summary, fix) = try COCOAudit(path: data.write(), imagesFolder: nil).run(fixes: true) { _ in }
        #expect(!summary.isComplete && fix == nil)
    }

    /// What goes with an object that is taken out is left no more: here an id that stands twice.
    @Test func whatIsLeftDecides() throws {
        var data = try SampleDataset()
        data.add(id: 10, ring: [50, 20, 70, 20, 70, 60, 50, 60])
        data.add(id: 10, ring: [50, 20, 70, 20, 70, 60, 50, 60], ["area": 3])
        let path = try data.write()
        let (summary, fix) = try COCOAudit(path: path, imagesFolder: nil).run(fixes: true) { _ in }
        #expect(summary.worst == .error)
        let target = data.directory.file("fixed.json")
        try #require(fix).write(path, to: target)
        let left = try COCOAudit(path: target, imagesFolder: nil).run { _ in }
        let rest = summary.rest(left)
        #expect(rest.worst == nil)
        #expect(
            rest.gone == ["object.duplicate": 2, "schema.duplicate-annotation-id": 1, "agreement.area": 1], "\(rest)")
    }

    /// Members that are right keep their bytes: numbers as they were spelled, spaces, keys in their order, and keys of others.
    @Test func otherMembersKeepTheirBytes() throws {
        let directory = try TemporaryDirectory()
        let ring = "[[ 2.50e0,2, 8,2,8,8.0000,2,8 ]]"
        func text(_ area: String, _ box: String) -> String {
            #"{"images":[{"id":1,"width":10,"height":10,"file_name":"a"}],"categories":[{"id":1,"name":"x"}],"annotations":[ {"big":12345678901234567890, "bbox" : \#(box),"attributes":{"x":1.10}, "id":1.0,"image_id":1,"area":9,"category_id":1, "segmentation":\#(ring) ,"area":\#(area) ,"iscrowd":false,"\u0061b":"\u00e9" } ]}"#
        }
        try directory.write(text("5e2", "[7, 7.0,1,1]"), "labels.json")
        let path = directory.file("labels.json")
        let (_, fix) = try COCOAudit(path: path, imagesFolder: nil).run(fixes: true) { _ in }
        try #require(fix).write(path, to: directory.file("fixed.json"))
        let fixed = String(decoding: try FileSystem.read(directory.file("fixed.json")), as: UTF8.self)
        #expect(fixed == text("35", "[2,2,6,6]"), "\(fixed)")
    }
}
