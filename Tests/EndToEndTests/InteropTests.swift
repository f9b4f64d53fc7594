import Foundation
import Runtime
import TestSupport
import Testing

/// Proof that shards are read by other people's readers: `Tests/interop/read_shards.py` holds every record against the
/// COCO file with tf.data, tfrecord and DALI, whichever the Python in `SAMDATA_PEER_PYTHON` has.
@Suite(
    .enabled(
        if: ProcessInfo.processInfo.environment["SAMDATA_PEER_PYTHON"] != nil,
        "needs SAMDATA_PEER_PYTHON, a Python with pycocotools and at least one of tensorflow, tfrecord, nvidia-dali"))
struct InteropTests {
    static func readShards(_ arguments: [String], in directory: String) throws -> BuiltBinary.Outcome {
        let python = try #require(ProcessInfo.processInfo.environment["SAMDATA_PEER_PYTHON"])
        return try BuiltBinary.runProgram(
            python, [Repository.root + "/Tests/interop/read_shards.py"] + arguments, in: directory)
    }

    /// How many readers found everything as it should be.
    static func agreeing(_ outcome: BuiltBinary.Outcome) -> Int {
        outcome.stdout.split(separator: "\n").count { $0.contains("same bytes, boxes and masks") }
    }

    /// All forms of masks, a crowd, and an image without objects.
    @Test func othersReadTheFixture() throws {
        let data = try ConvertTests.dataset()
        #expect(try ConvertTests.run(data, "--shard-size", "2KB").status == 0)
        let outcome = try Self.readShards(["out", "labels.json", "images"], in: data.path)
        #expect(outcome.status == 0, "\(outcome.stdout)\(outcome.stderr)")
        #expect(Self.agreeing(outcome) >= 1, "\(outcome.stdout)")
    }

    /// The script can tell: labels that were changed after the conversion are not what the shards hold.
    @Test func changedLabelsAreNoticed() throws {
        let data = try ConvertTests.dataset()
        #expect(try ConvertTests.run(data).status == 0)
        let labels = String(decoding: try FileSystem.read(data.file("labels.json")), as: UTF8.self)
        #expect(labels.contains("15.25"))
        try AtomicFileWriter.write(
            labels.replacingOccurrences(of: "15.25", with: "16.25"), to: data.file("labels.json"))
        let outcome = try Self.readShards(["out", "labels.json", "images"], in: data.path)
        #expect(outcome.status == 1)
        #expect(Self.agreeing(outcome) == 0, "\(outcome.stdout)")
    }

    @Test(.enabled(if: Repository.sharedData("tiny-coco38") != nil, "needs ../shared/data"))
    func othersReadPhotos() throws {
        let folder = try #require(Repository.sharedData("tiny-coco38"))
        let scratch = try TemporaryDirectory()
        let labels = folder + "/annotations/instances_train2017.json"
        let images = folder + "/images/train2017"
        let converted = try BuiltBinary.run([
            "convert", "coco", labels, "--images", images, "--shard-size", "1MB", "-o", scratch.file("out"),
        ])
        #expect(converted.status == 0)
        let outcome = try Self.readShards([scratch.file("out"), labels, images], in: scratch.path)
        #expect(outcome.status == 0, "\(outcome.stdout)\(outcome.stderr)")
        #expect(Self.agreeing(outcome) >= 1, "\(outcome.stdout)")
    }
}
