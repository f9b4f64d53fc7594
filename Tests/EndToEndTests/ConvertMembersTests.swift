import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// What labels say beyond COCO's own keys goes with them, or is said to be lost.
@Suite struct ConvertMembersTests {
    private static let members =
        #""score":0.25,"attributes":{"view":"rear"},"keypoints":[5,5,2],"num_keypoints":1,"track_id":7"#

    /// Two images with LVIS's lists; the first object says more than the second.
    static func dataset() throws -> TemporaryDirectory {
        let data = try TemporaryDirectory()
        try FileSystem.createDirectory(data.file("images"))
        for name in ["1.png", "2.png"] {
            try AtomicFileWriter.write(ConvertFixture.image(width: 24, height: 18), to: data.file("images/" + name))
        }
        func square(_ id: Int, image: Int, category: Int, _ more: String) -> String {
            #"{"id":\#(id),"image_id":\#(image),"category_id":\#(category),"bbox":[2,2,8,8],"area":64,"segmentation":[[2,2,10,2,10,10,2,10]]\#(more)}"#
        }
        let images = [("1", "[2,3]", "[]"), ("2", "[3]", "[1]")].map { id, absent, partial in
            #"{"id":\#(id),"file_name":"\#(id).png","width":24,"height":18,"license":3,"neg_category_ids":\#(absent),"not_exhaustive_category_ids":\#(partial)}"#
        }
        let annotations = [
            square(10, image: 1, category: 1, "," + members), square(20, image: 2, category: 1, ""),
            square(21, image: 2, category: 2, ""),
        ]
        let categories =
            #"{"id":1,"name":"cat","frequency":"f","image_count":900,"instance_count":1500,"def":"a cat"},{"id":2,"name":"dog"},{"id":3,"name":"cow"}"#
        try AtomicFileWriter.write(
            #"{"info":{"year":2026},"licenses":[{"id":3}],"images":[\#(images.joined(separator: ","))],"annotations":[\#(annotations.joined(separator: ","))],"categories":[\#(categories)]}"#,
            to: data.file("labels.json"))
        return data
    }

    private static func convert(_ data: TemporaryDirectory, _ words: String...) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["convert"] + words, in: data.path)
    }

    private static func from(_ data: TemporaryDirectory, _ words: String...) throws -> BuiltBinary.Outcome {
        try BuiltBinary.run(["convert", "lvis", "labels.json", "--images", "images"] + words, in: data.path)
    }

    /// Through shards, twice, an LVIS file is what it was: frequencies of its training set, lists of images, scores.
    @Test func shardsKeepEverything() throws {
        let data = try Self.dataset()
        #expect(try Self.from(data, "-o", "a").status == 0)
        #expect(try Self.convert(data, "shards", "a", "-o", "b").status == 0)
        #expect(try Self.convert(data, "shards", "b", "--to", "lvis", "-o", "back").status == 0)
        let before = try JSONDocument.read(path: data.file("labels.json"))
        let after = try JSONDocument.read(path: data.file("back/annotations.json"))
        #expect(after["images"] == before["images"] && after["info"] == before["info"])
        #expect(after["licenses"] == before["licenses"])
        let cat = after["categories"]?.array?.first
        #expect(cat?["frequency"] == "f" && cat?["image_count"] == 900 && cat?["instance_count"] == 1500)
        #expect(cat?["def"] == "a cat")
        // What is stated nowhere is counted.
        #expect(after["categories"]?.array?[1]["instance_count"] == 1)
        let object = after["annotations"]?.array?.first
        for key in ["score", "attributes", "keypoints", "num_keypoints", "track_id"] {
            #expect(object?[key] == before["annotations"]?.array?.first?[key], "\(key)")
        }
    }

    /// Formats with places for it, and what comes back: itself, or as texts.
    @Test(arguments: [
        ("labelme", false), ("sa-1b", false), ("datumaro", false), ("cvat", true), ("via", true),
    ])
    func membersComeBack(format: String, asTexts: Bool) throws {
        let data = try Self.dataset()
        let there = try Self.from(data, "--to", format, "-o", "there")
        #expect(there.status == 0 && !FileSystem.exists(data.file("there/losses.jsonl")), "\(there)")
        #expect(try Self.convert(data, format, "there", "--to", "coco", "-o", "back").status == 0)
        let back = try JSONDocument.read(path: data.file("back/annotations.json"))
        let object = try #require(back["annotations"]?.array?.first)
        if asTexts {
            #expect(object["attributes"]?["score"] == "0.25" && object["attributes"]?["track_id"] == "7", "\(object)")
            #expect(object["attributes"]?["view"] == "rear" && object["attributes"]?["iscrowd"] == nil)
        } else {
            #expect(object["score"] == 0.25 && object["track_id"] == 7 && object["keypoints"] == [5, 5, 2])
            #expect(object["attributes"]?["view"] == "rear")
            #expect(back["images"]?.array?.first?["license"] == 3)
        }
        #expect(back["annotations"]?.array?.last?["score"] == nil && back["annotations"]?.array?.count == 3)
    }

    /// Formats without: each object is listed with the names, images and classes are counted, `--strict` passes.
    @Test(arguments: ["yolo", "yolo-boxes", "voc", "mask-folder", "tf-od", "label-studio"])
    func lossesAreListed(format: String) throws {
        let data = try Self.dataset()
        let outcome = try Self.from(data, "--to", format, "-o", "out", "--strict", "--json")
        #expect(outcome.status == 0, "\(outcome)")
        let summary = try JSONDocument.parse(outcome.stdout)
        #expect(try JSONSchemaCheck("convert").violations(of: summary).isEmpty)
        #expect(summary["losses"]?["members"] == 1)
        let record = try JSONDocument.read(path: data.file("out/conversion.json"))
        #expect(try JSONSchemaCheck("conversion").violations(of: record).isEmpty)
        let lines = try String(decoding: FileSystem.read(data.file("out/losses.jsonl")), as: UTF8.self)
            .split(separator: "\n").map { try JSONDocument.parse(String($0)) }
        let line = lines.filter { $0["loss"] == "members" }
        let names = ["score", "attributes", "keypoints", "num_keypoints", "track_id"].filter {
            format != "label-studio" || $0 != "score"
        }
        #expect(line.count == 1 && line[0]["annotation_id"] == "10")
        #expect(line[0]["members"] == .array(names.map { .string($0) }))
        let notes = (summary["findings"]?.array ?? []).filter { $0["rule"] == "labels.members" }
        let subjects = Set(notes.compactMap { $0["subject"]?.string })
        #expect(subjects == (format == "label-studio" ? ["file"] : ["file", "image"]), "\(notes)")
    }

    /// An interrupted conversion that goes on lists the same losses.
    @Test func losingConversionsGoOn() throws {
        let data = try Self.dataset()
        #expect(try Self.from(data, "--to", "yolo", "-o", "out").status == 0)
        let whole = try FileSystem.read(data.file("out/losses.jsonl"))
        #expect(try Self.from(data, "--to", "yolo", "-o", "out", "--resume").status == 0)
        #expect(try FileSystem.read(data.file("out/losses.jsonl")) == whole)
    }

    /// Of classes that became one, an image lacks the one only if it lacks all; counts are those of what is there.
    @Test func federatedListsFollowMergedClasses() throws {
        let data = try Self.dataset()
        #expect(try Self.from(data, "--map-category", "dog=cat", "--to", "lvis", "-o", "out").status == 0)
        let out = try JSONDocument.read(path: data.file("out/annotations.json"))
        let images = try #require(out["images"]?.array)
        // Of the first image dog was known to be absent and every cat is labelled; of the second not every cat is.
        #expect(images[0]["neg_category_ids"] == [3] && images[0]["not_exhaustive_category_ids"] == [])
        #expect(images[1]["neg_category_ids"] == [3] && images[1]["not_exhaustive_category_ids"] == [1])
        let cat = out["categories"]?.array?.first
        #expect(cat?["instance_count"] == 3 && cat?["image_count"] == 2 && cat?["frequency"] == "r")
        let cow = try Self.from(data, "--map-category", "cow=cat", "--to", "lvis", "-o", "cow")
        #expect(cow.status == 0)
        let merged = try JSONDocument.read(path: data.file("cow/annotations.json"))["images"]?.array
        // Cow is absent from the first image, and all its cats are labelled; dog stays as it was.
        #expect(merged?[0]["neg_category_ids"] == [2] && merged?[0]["not_exhaustive_category_ids"] == [])
    }

    /// Keypoints and points go with the picture, and are lost where it does not go; what cannot be moved does not go on.
    @Test(
        arguments: [
            ("resize: {longest-side: 12}", "[2.25,2.25,2]", 1, "[[3.25,1.25]]"),
            ("augment: {keep-original: false, steps: [{HorizontalFlip: {p: 1}}]}", "[18,5,2]", 1, "[[16,3]]"),
            ("augment: {keep-original: false, steps: [{Transpose: {p: 1}}]}", "[5,5,2]", 1, "[[3,7]]"),
            ("tile: {size: 18}", "[5,5,2]", 1, "[[7,3]]"),
            (
                "augment: {keep-original: false, steps: [{CenterCrop: {height: 12, width: 12}}]}", "[0,0,0]", 0,
                "[[1,0]]"
            ),
        ])
    func placesGoWithThePicture(stage: String, keypoints: String, count: Int, points: String) throws {
        let data = try Self.dataset()
        var text = String(decoding: try FileSystem.read(data.file("labels.json")), as: UTF8.self)
        text = text.replacing(#""track_id":7"#, with: #""point_coords":[[7,3]],"crop_box":[0,0,9,9]"#)
        try AtomicFileWriter.write(text, to: data.file("labels.json"))
        try AtomicFileWriter.write("stages:\n  - \(stage)\n", to: data.file("chain.yaml"))
        let outcome = try Self.from(data, "--stages", "chain.yaml", "--to", "coco", "-o", "out")
        #expect(outcome.status == 0 && outcome.stdout.contains("stage.places"), "\(outcome)")
        let objects = try JSONDocument.read(path: data.file("out/annotations.json"))["annotations"]?.array ?? []
        let object = try #require(objects.first { $0["score"] != nil })
        #expect(object["keypoints"] == (try JSONDocument.parse(keypoints)) && object["num_keypoints"]?.int == count)
        #expect(object["point_coords"] == (try JSONDocument.parse(points)) && object["crop_box"] == nil)
        // What is no list of keypoints cannot be moved.
        try AtomicFileWriter.write(text.replacing("[5,5,2]", with: "[5,5]"), to: data.file("labels.json"))
        #expect(try Self.from(data, "--stages", "chain.yaml", "--to", "coco", "-o", "odd").status == 0)
        let odd = try JSONDocument.read(path: data.file("odd/annotations.json"))["annotations"]?.array ?? []
        #expect(odd.allSatisfy { $0["keypoints"] == nil && $0["num_keypoints"] == nil })
    }

    /// How often images come up goes on to other shards; other formats take it as copies, or it is said to be lost.
    @Test func repeatsGoOn() throws {
        let data = try Self.dataset()
        #expect(
            try Self.from(
                data, "--balance", "repeat-factor", "--balance-threshold", "0.9", "-o", "a", "--split",
                "train=1,val=0"
            ).status != 0)
        let balanced = ["--balance", "repeat-factor", "--balance-threshold", "0.9"]
        #expect(
            try BuiltBinary.run(
                ["convert", "lvis", "labels.json", "--images", "images", "-o", "a"] + balanced, in: data.path
            ).status == 0)
        func repeats(_ set: String) throws -> [Double] {
            let shards = try JSONDocument.read(path: data.file(set + "/manifest.json"))["shards"]?.array ?? []
            return shards.flatMap { $0["records"]?.array ?? [] }.map { $0["repeat"]?.double ?? 1 }
        }
        #expect(try repeats("a").contains { $0 > 1 })
        #expect(try Self.convert(data, "shards", "a", "-o", "b").status == 0)
        #expect(try repeats("b") == repeats("a"))
        let lost = try Self.convert(data, "shards", "a", "--to", "yolo", "-o", "c")
        #expect(lost.status == 0 && lost.stdout.contains("balance.not-written"), "\(lost)")
        let written = try Self.convert(data, "shards", "a", "--to", "yolo", "-o", "d", "--write-repeats")
        #expect(written.status == 0 && !written.stdout.contains("balance.not-written"), "\(written)")
        // Without repeats there is nothing to write.
        #expect(
            try Self.convert(data, "lvis", "labels.json", "--images", "images", "-o", "e", "--write-repeats").status
                == 64)
    }

    /// Shards of earlier versions, and damaged ones.
    @Test func membersOfShardsAreChecked() throws {
        let data = try Self.dataset()
        #expect(try Self.from(data, "-o", "a").status == 0)
        let name = try #require(FileSystem.list(data.file("a")).first { $0.hasSuffix(".tfrecord") })
        let bytes = try FileSystem.read(data.file("a/" + name))
        let key = Array("\"track_id\":7".utf8)
        let at = try #require(bytes.firstRange(of: key))
        // Another text of the same length; the checksum of the record is then wrong as well, and is found first.
        var damaged = bytes
        damaged.replaceSubrange(at, with: Array("\"track_id\";7".utf8))
        try AtomicFileWriter.write(damaged, to: data.file("a/" + name))
        let outcome = try Self.convert(data, "shards", "a", "--to", "coco", "-o", "b", "--strict")
        #expect(outcome.status == 65 && outcome.stdout.contains("shard."), "\(outcome)")
    }

    /// Members of any name and shape leave files that are read again, with their objects.
    @Test(arguments: ["via", "labelme", "datumaro", "sa-1b", "cvat", "coco-panoptic"])
    func oddMembersDoNoHarm(format: String) throws {
        let data = try Self.dataset()
        let deep = String(repeating: "[", count: 118) + String(repeating: "]", count: 118)
        let odd =
            #""attributes":{"color":"a"},"color":"b","class":"zz","flags":{"iscrowd":false},"group_id":3,"points":1,"description":5,"twice":{"a":1,"a":2},"large":1e999,"deep":\#(deep),"occluded":"yes","label":"x""#
        let text = try String(decoding: FileSystem.read(data.file("labels.json")), as: UTF8.self)
        try AtomicFileWriter.write(
            text.replacing(Self.members, with: odd).replacing(
                #""license":3"#, with: #""license":3,"version":"9","flags":[1],"attributes":["red"]"#),
            to: data.file("labels.json"))
        #expect(try Self.from(data, "--to", format, "-o", "there").status == 0)
        let back = try Self.convert(data, format, "there", "--to", "coco", "-o", "back", "--strict")
        #expect(back.status == 0, "\(back)")
        let out = try JSONDocument.parse(
            String(decoding: FileSystem.read(data.file("back/annotations.json")), as: UTF8.self))
        #expect(
            out["annotations"]?.array?.count == (format == "coco-panoptic" ? 2 : 3) && out["images"]?.array?.count == 2)
        let object = try #require(out["annotations"]?.array?.first)
        let said = object.text()
        for value in ["zz", "yes", "[[[[", "1e999"] { #expect(said.contains(value), "\(value): \(said)") }
    }

    /// CVAT's `z_order` stays as stated where objects stand in that order, and is an attribute where they do not; names of
    /// attributes that XML cannot tell apart stay two.
    @Test(arguments: [(orders: ["4", "4", "9"], kept: [4, 4, 9]), (["9", "4", "4"], [nil, 1, 2])])
    func orderAndNamesOfCVATStay(orders: [String], kept: [Int?]) throws {
        let data = try TemporaryDirectory()
        try AtomicFileWriter.write(try ConvertFixture.image(width: 40, height: 30), to: data.file("a.png"))
        let annotations = orders.enumerated().map { index, order in
            #"{"id":\#(index + 1),"image_id":1,"category_id":1,"iscrowd":0,"bbox":[2,2,9,9],"area":81,"#
                + #""segmentation":[[2,2,11,2,11,11,2,11]],"z_order":\#(order),"a\u0001":"one","a\u0002":"two"}"#
        }
        try AtomicFileWriter.write(
            #"{"images":[{"id":1,"file_name":"a.png","width":40,"height":30}],"categories":[{"id":1,"name":"c"}],"#
                + #""annotations":[\#(annotations.joined(separator: ","))]}"#, to: data.file("labels.json"))
        #expect(
            try Self.convert(data, "coco", "labels.json", "--images", ".", "--to", "cvat", "-o", "there").status == 0)
        #expect(try Self.convert(data, "cvat", "there", "--to", "coco", "-o", "back").status == 0)
        let objects = try JSONDocument.read(path: data.file("back/annotations.json"))["annotations"]?.array ?? []
        #expect(objects.map { $0["z_order"]?.int } == kept, "\(objects)")
        for (object, order) in zip(objects, orders) {
            #expect(object["attributes"]?.object?.filter { $0.name.hasPrefix("a") }.map(\.value) == ["one", "two"])
            #expect(object["attributes"]?["z_order"]?.string == (kept[0] == nil ? order : nil))
        }
    }

    /// A resumed conversion that comes to nothing takes nothing away that it did not write.
    @Test func whatWasThereStays() throws {
        let data = try Self.dataset()
        #expect(try Self.from(data, "-o", "out/keep").status == 0)
        try AtomicFileWriter.write("{}", to: data.file("out/split.json"))
        let before = try FileSystem.list(data.file("out/keep")).sorted()
        for word in ["--resume", "--force"] {
            let outcome = try Self.from(
                data, "-o", "out", word, "--to", "yolo", "--min-area", "100000", "--drop-empty", "--split",
                "train=0.5,val=0.5")
            #expect(outcome.status == 65, "\(outcome)")
            let left = try FileSystem.list(data.file("out"))
            #expect(left.contains("keep") && !left.contains("train") && !left.contains { $0.hasPrefix(".samdata") })
            #expect(try FileSystem.list(data.file("out/keep")).sorted() == before)
        }
    }

    /// Lists of whole numbers with a point are lists of ids, and one that is due comes into being.
    @Test func listsOfLVISMayBeOdd() throws {
        let data = try Self.dataset()
        let text = try String(decoding: FileSystem.read(data.file("labels.json")), as: UTF8.self)
        let changed = text.replacing("[2,3]", with: "[2.0,3.0]").replacing(
            #","not_exhaustive_category_ids":[1]"#, with: "")
        try AtomicFileWriter.write(changed, to: data.file("labels.json"))
        #expect(try Self.from(data, "--map-category", "dog=cat", "--to", "coco", "-o", "out").status == 0)
        let images = try JSONDocument.read(path: data.file("out/annotations.json"))["images"]?.array
        #expect(images?[0]["neg_category_ids"] == [3] && images?[0]["not_exhaustive_category_ids"] == [])
        // Both are there and nothing says that either is not fully labelled.
        #expect(images?[1]["not_exhaustive_category_ids"] == nil)
        #expect(try Self.from(data, "--map-category", "cow=dog", "--to", "coco", "-o", "cow").status == 0)
        let cow = try JSONDocument.read(path: data.file("cow/annotations.json"))["images"]?.array
        #expect(cow?[1]["neg_category_ids"] == [] && cow?[1]["not_exhaustive_category_ids"] == nil)
    }
}
