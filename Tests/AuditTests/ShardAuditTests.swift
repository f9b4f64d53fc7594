import Audit
import Foundation
import Masks
import Runtime
import Shards
import TestSupport
import Testing

/// One defect of a set of shards for one rule.
struct PlantedShardDefect: Sendable, CustomTestStringConvertible {
    let rule: String
    let plant: @Sendable (inout SampleShards) throws -> Void

    init(_ rule: String, _ plant: @escaping @Sendable (inout SampleShards) throws -> Void) {
        self.rule = rule
        self.plant = plant
    }

    var testDescription: String { rule }

    static let all = bytes + contents + objects

    static let bytes = [
        PlantedShardDefect("shard.digest") { set in
            set.editManifest = { $0.shards[0].sha256 = String(repeating: "0", count: 64) }
        },
        PlantedShardDefect("shard.crc") { set in set.editFile = { $0[200] ^= 4 } },
        PlantedShardDefect("shard.truncated") { set in set.editFile = { $0.removeLast(100) } },
        PlantedShardDefect("shard.index") { set in set.editIndex = { $0 = "0 12\n" } },
        PlantedShardDefect("shard.example") { $0.payloads[1] = Array("this is no Example".utf8) },
        PlantedShardDefect("shard.content") {
            var example = $0.samples[1].example()
            example.features[ExampleKey.height] = .integers([])
            $0.payloads[1] = example.encoded()
        },
        PlantedShardDefect("shard.manifest") { set in set.editManifest = { $0.shards[0].records[2].imageID = "other" }
        },
        PlantedShardDefect("shard.manifest") { set in set.editManifest = { $0.shards[0].records[2].objects = [1: 9] } },
    ]

    static let contents = [
        PlantedShardDefect("shard.image-digest") { $0.samples[1].sha256 = String(repeating: "0", count: 64) },
        PlantedShardDefect("shard.duplicate-image-id") { $0.samples[3].imageID = "2" },
        PlantedShardDefect("shard.duplicate-image") {
            $0.samples[3].encoded = $0.samples[0].encoded
            $0.samples[3].sha256 = $0.samples[0].sha256
        },
        PlantedShardDefect("image.size") { try replaceImage(&$0, SampleDataset.png(width: 80, height: 100)) },
        PlantedShardDefect("image.undecodable") { replaceImage(&$0, Array("no image".utf8)) },
        PlantedShardDefect("image.exif") { replaceImage(&$0, PlantedDefect.jpegHeader(orientation: 3)) },
    ]

    static let objects = [
        PlantedShardDefect("schema.dangling-category") { $0.samples[1].objects[0].categoryID = 77 },
        PlantedShardDefect("mask.empty") { $0.samples[1].objects[0].mask = try RLE(height: 80, width: 100) },
        PlantedShardDefect("mask.full") {
            $0.samples[1].objects[0] = SampleShards.object(5, try RLE(height: 80, width: 100, counts: [0, 8000]))
        },
        PlantedShardDefect("agreement.area") { $0.samples[1].objects[0].area = 5 },
        PlantedShardDefect("agreement.box-area") { $0.samples[1].objects[0].area = $0.samples[1].objects[0].box.area },
        PlantedShardDefect("agreement.bbox") { $0.samples[1].objects[0].box.width = 50 },
        PlantedShardDefect("object.duplicate") { $0.samples[1].objects.append($0.samples[1].objects[0]) },
        PlantedShardDefect("object.conflict") {
            $0.samples[1].objects.append($0.samples[1].objects[0])
            $0.samples[1].objects[2].categoryID = 2
        },
    ]

    private static func replaceImage(_ set: inout SampleShards, _ bytes: [UInt8]) {
        set.samples[1].encoded = bytes
        set.samples[1].sha256 = SHA256Digest.hex(bytes)
    }
}

@Suite struct ShardAuditTests {
    static func audit(_ path: String) throws -> (findings: [Finding], summary: AuditSummary) {
        var findings: [Finding] = []
        let summary = try ShardAudit(path: path).run { findings.append($0) }
        return (findings, summary)
    }

    @Test func cleanSetHasNoFinding() throws {
        let set = try SampleShards()
        let (findings, summary) = try Self.audit(set.write())
        #expect(findings.isEmpty, "\(findings)")
        #expect(summary.kind == .shards && summary.images == 4 && summary.annotations == 8 && summary.probedImages == 4)
    }

    @Test(arguments: PlantedShardDefect.all)
    func eachDefectIsNamedAlone(defect: PlantedShardDefect) throws {
        var set = try SampleShards()
        try defect.plant(&set)
        let (findings, summary) = try Self.audit(set.write())
        #expect(findings.map(\.rule) == [defect.rule], "\(findings.map(\.description))")
        #expect(summary.isComplete == !["shard.truncated", "shard.index"].contains(defect.rule))
        #expect(findings.allSatisfy { $0.location.path != nil })
    }

    /// Every rule that only shards can break has a defect planted for it.
    @Test func everyShardRuleIsTried() {
        let rules = Set(AuditRules.all.map(\.id).filter { $0.hasPrefix("shard.") })
        #expect(rules.subtracting(PlantedShardDefect.all.map(\.rule)).isEmpty)
    }

    /// A record turned by its EXIF orientation is what its reader will see.
    @Test func statedOrientationIsNoDefect() throws {
        var set = try SampleShards()
        let bytes = PlantedDefect.jpegHeader(orientation: 6)
        set.samples[1].encoded = bytes
        set.samples[1].sha256 = SHA256Digest.hex(bytes)
        set.samples[1].exifOrientation = 6
        set.samples[1].width = 80
        set.samples[1].height = 100
        let mask = try RLE(height: 100, width: 80, box: Box(x: 5, y: 5, width: 20, height: 9))
        set.samples[1].objects = [SampleShards.object(10, mask)]
        #expect(try Self.audit(set.write()).findings.isEmpty)
    }

    @Test func workersDoNotChangeTheFindings() throws {
        var set = try SampleShards()
        for defect in PlantedShardDefect.objects { try defect.plant(&set) }
        let path = try set.write()
        let all = try atEveryWorkerCount { try Self.audit(path).findings }
        #expect(!all[0].isEmpty && all.dropFirst().allSatisfy { $0 == all[0] })
    }

    @Test func missingShardsAreErrors() throws {
        let directory = try TemporaryDirectory()
        let error = #expect(throws: ShardError.self) { try Self.audit(directory.path) }
        #expect(error?.kind == .inputMissing)
    }
}
