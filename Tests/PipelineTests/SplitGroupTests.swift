import Foundation
import JSONText
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct SplitGroupTests {
    /// The part of every image by its id.
    static func parts(_ summary: ConversionSummary) -> [String: String] {
        summary.parts.reduce(into: [:]) { parts, part in
            for shard in part.manifest.shards { for record in shard.records { parts[record.imageID] = part.name } }
        }
    }

    /// Sixty images in five folders, of twelve videos, with one class that is rare.
    static func dataset() throws -> SmallDataset {
        var data = try SmallDataset()
        for index in 0..<60 {
            let name = "more/\(index % 5)/v\(index % 12)_\(index).png"
            try data.writeImage(name, width: 16, height: 9)
            try data.add(
                "{\"id\": \(100 + index), \"file_name\": \"\(name)\", \"width\": 16, \"height\": 9, \"video\": \(index % 12)}",
                to: "images")
            let category = index % 10 == 0 ? 90 : 3
            try data.add(
                "{\"id\": \(1000 + index), \"image_id\": \(100 + index), \"category_id\": \(category), \"iscrowd\": 0, \"area\": 4, \"bbox\": [1,1,2,2], \"segmentation\": [[1,1,3,1,3,3,1,3]]}",
                to: "annotations")
        }
        return data
    }

    @Test(arguments: ["field:video", "regex:v(\\d+)_", "regex:^more/\\d", "folder"])
    func groupsStayTogether(text: String) throws {
        let data = try Self.dataset()
        let group = try #require(SplitRule.Group(rawValue: text))
        #expect(group.rawValue == text)
        let (summary, _) = try data.convert { $0.split = try? SplitRule("a=0.5,b=0.5", group: group, seed: 3) }
        let parts = Self.parts(summary)
        let size = text.contains("video") || text.contains("v(") ? 12 : 5
        for number in 0..<size {
            let members = stride(from: number, to: 60, by: size).map { parts["\(100 + $0)"] }
            #expect(Set(members).count == 1, "\(text) \(number)")
        }
        #expect(Set(parts.values) == ["a", "b"])
        // Images of the fixture have no video, which is said of each.
        let noted = summary.counts.first { $0.rule == "split.group" }
        #expect((noted?.ids ?? []) == (text == "folder" ? [] : ["1", "2", "3"]))
    }

    @Test func stratifiedPartsHaveEveryClass() throws {
        let data = try Self.dataset()
        let (summary, _) = try data.convert {
            $0.split = try? SplitRule("train=0.5,val=0.5", seed: 3)
            $0.split?.method = .stratified
        }
        let counts = summary.parts.map { $0.manifest.classCounts }
        // Of the rare class there are the six here and two of the fixture, in seven or eight images.
        #expect(counts.allSatisfy { ($0[90]?.images ?? 0) >= 3 })
        #expect(summary.parts[0].manifest.command.contains("--split-by stratified"))
    }

    /// What a split file holds stays where it is, and its groups with it; the rest follows the rule.
    @Test func splitFilesHoldImages() throws {
        let data = try Self.dataset()
        let (before, _) = try data.convert { $0.split = try? SplitRule("train=0.7,val=0.3", seed: 5) }
        let old = Self.parts(before)
        let path = data.directory.file("split.json")
        let flipped = old.filter { Int($0.key).map { $0 % 4 == 0 } ?? false }.mapValues {
            $0 == "train" ? "val" : "train"
        }
        let lists = ["train", "val"].map { part in
            "\"\(part)\": [\(flipped.filter { $0.value == part }.keys.sorted().joined(separator: ", "))]"
        }
        try AtomicFileWriter.write("{\(lists.joined(separator: ", "))}", to: path)
        for method in SplitRule.Method.allCases {
            let (after, _) = try data.convert {
                $0.split = try? SplitRule("train=0.7,val=0.3", seed: 5)
                $0.split?.method = method
                $0.split?.previousFile = path
            }
            let new = Self.parts(after)
            for (id, part) in flipped { #expect(new[id] == part) }
            if method == .hash {
                for (id, part) in old where flipped[id] == nil { #expect(new[id] == part) }
            }
            #expect(after.parts[0].manifest.inputs.map(\.path) == [path])
        }
        try AtomicFileWriter.write("# by hand\ntrain a/small.png\nval   large.png\ntrain gone.png\n", to: path)
        let (text, _) = try data.convert {
            $0.split = try? SplitRule("train=0.5,val=0.5", group: .folder, seed: 5)
            $0.split?.previousFile = path
        }
        let named = Self.parts(text)
        // The other image of large.png's folder goes with it.
        #expect(named["1"] == "train" && named["2"] == "val" && named["3"] == "val")
        #expect(text.counts.contains { $0.rule == "split.file" && $0.ids == ["gone.png"] })
    }

    @Test(arguments: [
        "{\"test\": [1]}", "{\"train\": 1}", "{\"train\": [[1]]}", "{\"train\": [1], \"val\": [1]}", "{", "train",
        "tran a.png",
    ])
    func brokenSplitFilesAreErrors(text: String) throws {
        let data = try SmallDataset()
        let path = data.directory.file("split.txt")
        try AtomicFileWriter.write(text, to: path)
        let error = #expect(throws: PipelineError.self) {
            try data.convert {
                $0.split = try? SplitRule("train=0.5,val=0.5", seed: 5)
                $0.split?.previousFile = path
            }
        }
        #expect(error?.code == .split && error?.location?.path == path)
    }

    /// A conversion says which part each image is in; one of more images keeps them there, stratified as well.
    @Test(arguments: [SplitRule.Method.hash, .stratified])
    func theConversionBeforeHoldsItsImages(method: SplitRule.Method) throws {
        func data(_ count: Int) throws -> SmallDataset {
            var data = try SmallDataset()
            for index in 0..<count {
                let name = "more/\(index * 7 % 40).png"
                try data.writeImage(name, width: 20, height: 20)
                try data.add(
                    "{\"id\": \(100 + index), \"file_name\": \"\(name)\", \"width\": 20, \"height\": 20}", to: "images")
                let category = index % 5 == 0 ? 90 : 3
                try data.add(
                    "{\"id\": \(1000 + index), \"image_id\": \(100 + index), \"category_id\": \(category), \"iscrowd\": 0, \"area\": 25, \"bbox\": [2,2,5,5], \"segmentation\": [[2,2,7,2,7,7,2,7]]}",
                    to: "annotations")
            }
            return data
        }
        func convert(_ data: SmallDataset, file: String?) throws -> ConversionSummary {
            try data.convert {
                $0.split = try? SplitRule("train=0.6,val=0.4", seed: 5)
                $0.split?.method = method
                $0.split?.previousFile = file
            }.0
        }
        let small = try data(17)
        let before = Self.parts(try convert(small, file: nil))
        let path = small.output + "/split.json"
        let written = try JSONDocument.read(path: path)
        #expect(written["train"]?.array?.count == before.count { $0.value == "train" })
        #expect(written.object?.map(\.name) == ["train", "val"])
        let large = try data(40)
        let moved = Self.parts(try convert(large, file: nil)).count { id, part in before[id].map { $0 != part } ?? false
        }
        // Without the file the stratified split moves some; if it did not, this test could not fail.
        #expect((moved > 0) == (method == .stratified))
        for argument in [small.output, path] {
            let summary = try convert(large, file: argument)
            let after = Self.parts(summary)
            for (id, part) in before { #expect(after[id] == part) }
            #expect(summary.parts[0].manifest.inputs.map(\.path) == [path])
            // The new ones are dealt so that the classes' shares come right all the same.
            let rare = (0..<40).filter { $0 % 5 == 0 }.map { after["\(100 + $0)"] }
            #expect(method == .hash || (4...6).contains(rare.count { $0 == "train" }))
        }
    }

    /// Images that share a name in several parts are told apart by their ids.
    @Test func sharedNamesAreHeldByID() throws {
        var data = try SmallDataset()
        for id in 200..<212 {
            try data.add(
                "{\"id\": \(id), \"file_name\": \"a/small.png\", \"width\": 24, \"height\": 18, \"shot\": \(id)}",
                to: "images")
        }
        func convert(_ file: String?) throws -> [String: String] {
            Self.parts(
                try data.convert {
                    $0.split = try? SplitRule("train=0.5,val=0.5", group: .field("shot"), seed: file == nil ? 5 : 9)
                    $0.split?.previousFile = file
                }.0)
        }
        let before = try convert(nil)
        #expect(Set(before.filter { (Int($0.key) ?? 0) >= 200 }.values) == ["train", "val"])
        let kept = data.directory.file("kept.json")
        try AtomicFileWriter.write(FileSystem.read(data.output + "/split.json"), to: kept)
        #expect(try convert(kept) == before)
    }

    /// A dry run says that a part will be empty.
    @Test func emptyPartsAreForetold() throws {
        let data = try SmallDataset()
        var options = try data.options()
        options.split = try SplitRule("train=0.98,val=0.01,test=0.01", seed: 5)
        let plan = try Conversion(options) { try COCOSource(path: options.input) }.dryRun()
        let found = plan.ledger.counts.first { $0.rule == ConversionRule.splitEmpty }
        let summary = try COCOConversion(options).run()
        let written = summary.counts.first { $0.rule == ConversionRule.splitEmpty }
        #expect(found?.count == written?.count && (found?.count ?? 0) > 0)
    }

    @Test func groupsThatCannotBe() {
        for text in ["", "fields", "field:", "regex:"] { #expect(SplitRule.Group(rawValue: text) == nil) }
        let error = #expect(throws: PipelineError.self) {
            try SplitRule("a=0.5,b=0.5", group: .pattern("("), seed: 0)
        }
        #expect(error?.code == .split)
    }
}
