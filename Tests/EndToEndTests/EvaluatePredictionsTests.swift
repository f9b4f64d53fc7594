import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// `samdata evaluate TRUTH PREDICTIONS` as a user runs it.
@Suite struct EvaluatePredictionsTests {
    private static let folder = Repository.fixture("Metrics/detection")

    private func evaluate(_ arguments: [String], in directory: String = folder) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["evaluate"] + arguments, in: directory)
    }

    private func document(_ arguments: [String], in directory: String = folder) throws -> JSONValue {
        let run = try evaluate(arguments + ["--json"], in: directory)
        try #require(run.status == 0, "\(run.stderr)")
        let document = try JSONDocument.parse(run.stdout)
        #expect(try JSONSchemaCheck("evaluate-predictions").violations(of: document) == [])
        return document
    }

    private func expected(_ name: String) throws -> [Double] {
        let text = String(decoding: try FileSystem.read(Self.folder + "/expected.json"), as: UTF8.self)
        return try JSONDocument.parse(text)[name]?["stats"]?.array?.compactMap(\.double) ?? []
    }

    /// The same numbers as the references', through files, options and JSON.
    @Test(
        arguments: [
            (["segm.json"], "segm segm"), (["bbox.json"], "bbox bbox"), (["segm.json", "--iou", "bbox"], "segm bbox"),
            (["mask.json"], "mask segm"), (["segm.json", "--iou", "boundary"], "segm boundary"),
            (["segm.json", "--lvis"], "lvis segm"), (["segm.json", "--max-dets", "5,1,2"], "segm segm 1,2,5"),
            (["segm.json", "--class-agnostic", "--quality", "--resamples", "50"], "segm segm agnostic"),
        ])
    func numbersAreThoseOfTheReferences(arguments: [String], name: String) throws {
        let expected = try expected(name)
        let figures = try document(["truth.json"] + arguments)["figures"]?.array ?? []
        try #require(figures.count == expected.count && figures.count >= 12)
        for (figure, value) in zip(figures, expected) {
            #expect(abs((figure["value"]?.double ?? -1) - value) < 1e-9, "\(name): \(figure.text())")
        }
    }

    @Test func tablesForPeople() throws {
        let run = try evaluate(["truth.json", "segm.json", "--per-class", "--quality", "--resamples", "100"])
        #expect(run.status == 0, "\(run.stderr)")
        let rows = run.stdout.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let ap = try expected("segm segm")[0]
        #expect(rows.contains(["AP", "0.50:0.95", "all", "100", String(format: "%.3f", ap)]), "\(run.stdout)")
        #expect(rows.count { $0.starts(with: ["class"]) && $0.count > 3 } >= 4, "\(run.stdout)")
        #expect(run.stdout.contains("masks of found objects") && run.stdout.contains("masks by the rules of COCO"))
        // The fixture has one result twice.
        #expect(run.stderr.contains("result 46; both count [results.duplicate]"), "\(run.stderr)")
        let quiet = try evaluate(["truth.json", "segm.json", "--quiet"])
        #expect(quiet.stderr.isEmpty && quiet.stdout.contains("results.duplicate"))
    }

    @Test func qualityHasIntervalsBySizeAndClass() throws {
        let one = try document([
            "truth.json", "segm.json", "--quality", "--resamples", "100", "--spacing", "0.5,0.5", "--threads", "1",
        ])
        let quality = try #require(one["quality"])
        #expect(quality["by_class"]?.array?.count == one["classes"]?.array?.count)
        let dice = try #require(quality["all"]?["dice"])
        let (mean, low) = (try #require(dice["mean"]?.double), try #require(dice["low"]?.double))
        #expect(low <= mean && mean <= dice["high"]?.double ?? 0 && (0.5...1).contains(mean))
        let pixels = try document(["truth.json", "segm.json", "--quality", "--resamples", "100", "--threads", "3"])
        let (half, whole) = (
            quality["all"]?["hd95"]?["mean"]?.double, pixels["quality"]?["all"]?["hd95"]?["mean"]?.double
        )
        #expect(abs((half ?? 0) * 2 - (whole ?? 1)) < 1e-9)
        #expect(pixels["quality"]?["all"]?["dice"] == dice)
    }

    @Test func panopticQuality() throws {
        let folder = Repository.fixture("Metrics/panoptic")
        let expected = try JSONDocument.parse(
            String(decoding: try FileSystem.read(folder + "/expected.json"), as: UTF8.self))
        let found = try document(["truth.json", "predicted.json", "--panoptic"], in: folder)
        for part in ["all", "things", "stuff"] {
            for (index, key) in ["pq", "sq", "rq"].enumerated() {
                let value = try #require(found["figures"]?[part]?[key]?.double)
                #expect(abs(value - (expected[part]?[index]?.double ?? -1)) < 1e-12)
            }
        }
        let run = try evaluate(
            ["truth.json", "predicted.json", "--panoptic", "--per-class", "--prediction-pngs", "truth"], in: folder)
        #expect(run.status == 0 && run.stdout.contains("panoptic quality") && run.stdout.contains("made up"))
        #expect(run.stdout.contains("panoptic.segments"), "\(run.stdout)")
        #expect(
            try evaluate(["truth.json", "predicted.json", "--panoptic", "--truth-pngs", "gone"], in: folder).status
                == 66)
    }

    /// What is wrong with panoptic files is named with ids, and fails under --strict; files that do not belong together are
    /// an error.
    @Test func panopticFindings() throws {
        let directory = try TemporaryDirectory()
        let folder = Repository.fixture("Metrics/panoptic")
        let text = String(decoding: try FileSystem.read(folder + "/predicted.json"), as: UTF8.self)
        let predicted = try #require(try JSONDocument.parse(text)["annotations"]?.array)
        func write(_ entries: [JSONValue], _ name: String) throws {
            try directory.write(JSONValue.object([JSONMember("annotations", .array(entries))]).text(), name)
        }
        let pngs = ["--panoptic", "--truth-pngs", folder + "/truth", "--prediction-pngs", folder + "/predicted"]
        let truth = folder + "/truth.json"
        try write([JSONValue](repeating: predicted[0], count: 7) + predicted.dropFirst().dropLast(), "seven.json")
        let found = try document([truth, "seven.json"] + pngs, in: directory.path)
        let counts = (found["findings"]?.array ?? []).map { [$0["rule"]?.string ?? "", "\($0["count"]?.int ?? 0)"] }
        #expect(counts == [["panoptic.duplicate-image", "6"], ["panoptic.prediction-missing", "1"]], "\(counts)")
        #expect(found["findings"]?.array?.allSatisfy { !($0["ids"]?.array?.isEmpty ?? true) } == true)
        #expect(try evaluate([truth, "seven.json"] + pngs + ["--strict"], in: directory.path).status == 65)
        try write(Array(predicted.dropLast()), "missing.json")
        #expect(try evaluate([truth, "missing.json"] + pngs, in: directory.path).status == 0)
        #expect(try evaluate([truth, "missing.json"] + pngs + ["--strict"], in: directory.path).status == 65)
        try directory.write(text.replacing(/"image_id": ?(\d+)/, with: { "\"image_id\":\"\($0.1)\"" }), "text.json")
        let none = try evaluate([truth, "text.json"] + pngs, in: directory.path)
        #expect(none.status == 65 && none.stdout.isEmpty, "\(none.stdout)")
        #expect(none.stderr.contains("none of the 6") && none.stderr.contains("is text"), "\(none.stderr)")
    }

    /// An id that two objects of the truth have is a finding, and the last of them counts for both, as in pycocotools.
    @Test func repeatedIDsAreTold() throws {
        let directory = try TemporaryDirectory()
        func object(_ id: Int, _ x: Int) -> String {
            #"{"id":\#(id),"image_id":1,"category_id":1,"iscrowd":0,"area":16,"bbox":[\#(x),0,4,4]}"#
        }
        try directory.write(
            #"{"images":[{"id":1,"width":20,"height":20,"file_name":"a"}],"categories":[{"id":1,"name":"c"}],"annotations":[\#(object(5, 0)),\#(object(5, 10))]}"#,
            "gt.json")
        try directory.write(#"[{"image_id":1,"category_id":1,"score":1,"bbox":[10,0,4,4]}]"#, "dt.json")
        let found = try document(["gt.json", "dt.json"], in: directory.path)
        #expect(found["findings"]?[0]?["rule"]?.string == "schema.duplicate-annotation-id")
        // One of the two that are the same is found.
        #expect(abs((found["figures"]?[0]?["value"]?.double ?? 0) - 51.0 / 101) < 1e-9)
        #expect(try evaluate(["gt.json", "dt.json", "--strict"], in: directory.path).status == 65)
    }

    /// Shards made of the truth give the numbers of the file.
    @Test func shardsAreTruthToo() throws {
        let directory = try TemporaryDirectory()
        try FileSystem.createDirectory(directory.file("images"))
        var images: [String] = []
        var annotations: [String] = []
        for image in 1...3 {
            let png = try ConvertFixture.image(width: 40, height: 30)
            try Data(png).write(to: URL(fileURLWithPath: directory.file("images/\(image).png")))
            images.append(#"{"id":\#(image),"file_name":"\#(image).png","width":40,"height":30}"#)
            for object in 0..<3 {
                let (x, y) = (2 + 12 * object, image * 3)
                annotations.append(
                    #"{"id":\#(10 * image + object),"image_id":\#(image),"category_id":\#(1 + object % 2),"iscrowd":0,"area":100,"bbox":[\#(x),\#(y),10,10],"segmentation":[[\#(x),\#(y),\#(x + 10),\#(y),\#(x + 10),\#(y + 10),\#(x),\#(y + 10)]]}"#
                )
            }
        }
        let text =
            #"{"images":[\#(images.joined(separator: ","))],"annotations":[\#(annotations.joined(separator: ","))],"categories":[{"id":1,"name":"a"},{"id":2,"name":"b"}]}"#
        try Data(text.utf8).write(to: URL(fileURLWithPath: directory.file("labels.json")))
        let convert = try BuiltBinary.run(
            ["convert", "coco", "labels.json", "--images", "images", "-o", "shards"], in: directory.path)
        try #require(convert.status == 0, "\(convert.stderr)")
        let labels = try JSONDocument.parse(text)
        // Two of three objects predict themselves.
        let results = (labels["annotations"]?.array ?? []).enumerated().compactMap { index, annotation -> String? in
            guard index % 3 > 0, let segmentation = annotation["segmentation"], let image = annotation["image_id"],
                let category = annotation["category_id"]
            else { return nil }
            return
                #"{"image_id":\#(image.text()),"category_id":\#(category.text()),"score":0.5,"segmentation":\#(segmentation.text())}"#
        }
        try Data("[\(results.joined(separator: ","))]".utf8).write(to: URL(fileURLWithPath: directory.file("dt.json")))
        let file = try document(["labels.json", "dt.json"], in: directory.path)
        let shards = try document(["shards", "dt.json"], in: directory.path)
        #expect(file["figures"]?[0]?["value"] == shards["figures"]?[0]?["value"])
        // All of class b, and one of two of class a.
        #expect(abs((file["figures"]?[0]?["value"]?.double ?? 0) - (1 + 51.0 / 101) / 2) < 1e-9)
    }

    @Test func badResultsAreCountedAndNamed() throws {
        let directory = try TemporaryDirectory()
        let bad =
            #"[{"image_id":7,"category_id":2,"score":1,"bbox":[0,0,5,5]},{"image_id":99999,"category_id":2,"score":1,"bbox":[0,0,5,5]},{"image_id":7,"category_id":2,"bbox":[0,0,5,5]}]"#
        try Data(bad.utf8).write(to: URL(fileURLWithPath: directory.file("dt.json")))
        let path = Self.folder + "/truth.json"
        let run = try evaluate([path, "dt.json"], in: directory.path)
        #expect(run.status == 0)
        #expect(run.stderr.contains("results.unknown-image") && run.stderr.contains("results.score"), "\(run.stderr)")
        #expect(run.stdout.contains("dropped") && run.stdout.contains("3 results"), "\(run.stdout)")
        #expect(try evaluate([path, "dt.json", "--strict"], in: directory.path).status == 65)
        let found = try document([path, "dt.json"], in: directory.path)
        let ids = found["findings"]?.array?.map { [$0["rule"]?.string, $0["ids"]?[0]?.string] } ?? []
        #expect(ids.contains(["results.unknown-image", "2"]) && ids.contains(["results.score", "3"]))
        #expect(found["results"] == 3 && found["results_used"] == 1)
    }

    /// When nothing can be used, that is an error, and the count says so.
    @Test func resultsWithoutAShapeAreAnError() throws {
        let directory = try TemporaryDirectory()
        let mask = #""segmentation":{"size":[3,3],"counts":[9]}"#
        let bad =
            #"[{"image_id":7,"category_id":2,\#(mask)},{"image_id":7,"category_id":2,"score":1,\#(mask)},{"image_id":7,"category_id":2,"score":0.5,\#(mask)}]"#
        try Data(bad.utf8).write(to: URL(fileURLWithPath: directory.file("dt.json")))
        let path = Self.folder + "/truth.json"
        let run = try evaluate([path, "dt.json"], in: directory.path)
        #expect(run.status == 65 && run.stdout.isEmpty, "\(run.stdout)")
        #expect(run.stderr.contains("none of the 3 results") && run.stderr.contains("; result 1:"), "\(run.stderr)")
        let web = try evaluate(["http://127.0.0.1:1/big/", "dt.json"], in: directory.path)
        #expect(web.status == 64 && web.stderr.contains("files of this machine"), "\(web.stderr)")
    }

    /// A report about masks changes no other number.
    @Test func qualityLeavesTheOtherNumbers() throws {
        let directory = try TemporaryDirectory()
        let ring = "[[0,0,9000,0,9000,9000,0,9000]]"
        let truth =
            #"{"images":[{"id":1,"width":9000,"height":9000,"file_name":"a"}],"categories":[{"id":1,"name":"c"}],"annotations":[{"id":1,"image_id":1,"category_id":1,"iscrowd":0,"area":81000000,"bbox":[0,0,9000,9000],"segmentation":\#(ring)}]}"#
        try Data(truth.utf8).write(to: URL(fileURLWithPath: directory.file("gt.json")))
        let results = #"[{"image_id":1,"category_id":1,"score":0.5,"segmentation":\#(ring)}]"#
        try Data(results.utf8).write(to: URL(fileURLWithPath: directory.file("dt.json")))
        let plain = try document(["gt.json", "dt.json"], in: directory.path)
        let quality = try document(["gt.json", "dt.json", "--quality", "--resamples", "5"], in: directory.path)
        #expect(plain["figures"]?[0]?["value"]?.double ?? 0 > 0.999 && plain["figures"] == quality["figures"])
        #expect(quality["results_used"] == 1)
        let rules = quality["findings"]?.array?.map { [$0["rule"]?.string, $0["dropped"]?.bool.map { "\($0)" }] }
        #expect(rules == [["evaluate.mask-too-large", "false"]])
    }

    @Test(
        arguments: [
            (["truth.json", "gone.json"], 66, "gone.json"), (["gone.json", "segm.json"], 66, "gone.json"),
            (["truth.json", "truth.json"], 65, "none of the"), (["truth.json", "expected.json"], 65, "annotations"),
            (["segm.json", "segm.json"], 65, "segm.json"), (["truth.json"], 64, "--weights"),
            (["truth.json", "segm.json", "--weights", "x"], 64, "--weights"),
            (["truth.json", "--weights", "x", "--lvis"], 64, "--lvis"),
            (["truth.json", "segm.json", "--max-dets", "0"], 64, "--max-dets"),
            (["truth.json", "segm.json", "--max-dets", "1,1"], 64, "--max-dets"),
            (["truth.json", "segm.json", "--classes", "unicorn"], 64, "unicorn"),
            (["truth.json", "segm.json", "--quality", "--spacing", "0,1"], 64, "--spacing"),
            (["truth.json", "segm.json", "--tolerance", "1"], 64, "--quality"),
            (["truth.json", "segm.json", "--panoptic", "--lvis"], 64, "--lvis"),
            (["truth.json", "segm.json", "--iou", "pixels"], 64, "--iou"),
        ] as [([String], Int32, String)])
    func mistakesAreNamed(arguments: [String], status: Int32, word: String) throws {
        let run = try evaluate(arguments)
        #expect(run.status == status, "\(run.stderr)")
        #expect(run.stderr.contains(word), "\(run.stderr)")
        #expect(run.stdout.isEmpty)
    }

    @Test func onlySomeClasses() throws {
        let found = try document(["truth.json", "segm.json", "--classes", "class 1,8"])
        #expect(found["classes"]?.array?.map { $0["id"] } == [5, 8])
        #expect((found["results_used"]?.int ?? 0) < (found["results"]?.int ?? 0))
    }
}
