import Foundation
import Images
import JSONText
import Masks
import Runtime
import SAM
import TestSupport
import Testing

/// The automatic masks of the small trained model against those of the reference, written by
/// `Tests/Fixtures/SAM/make_amg_fixtures.py`.
@Suite struct AutomaticMaskParityTests {
    static let samples = Repository.root + "/samples/nuclei"

    /// One image, how it was segmented, and what the reference found.
    struct Case: Sendable, CustomTestStringConvertible {
        let json: JSONValue
        var testDescription: String { json["name"]?.string ?? "?" }

        static func all(_ path: String) throws -> [Case] {
            try #require(JSONDocument.read(path: path)["cases"]?.array).map { Case(json: $0) }
        }

        var margin: Double { json["margin"]?.double ?? 0 }
        var records: [JSONValue] { json["records"]?.array ?? [] }

        func image() throws -> RGBImage {
            let name = try #require(json["image"]?.string)
            let part = try #require(json["part"]?.array).compactMap(\.int)
            let whole = try ImageCodec.decodeRGB(FileSystem.read(samples + "/images/" + name))
            return whole.cropped(row: part[1], column: part[0], height: part[3], width: part[2])
        }

        func options() throws -> AutomaticMaskOptions {
            var options = AutomaticMaskOptions()
            for member in try #require(json["options"]?.object) {
                let value = member.value
                switch member.name {
                case "points_per_side": options.pointsPerSide = value.int ?? options.pointsPerSide
                case "points_per_batch": options.pointsPerBatch = try #require(value.int)
                case "pred_iou_thresh": options.predIoUThresh = try #require(value.double)
                case "stability_score_thresh": options.stabilityScoreThresh = try #require(value.double)
                case "stability_score_offset": options.stabilityScoreOffset = try #require(value.double)
                case "box_nms_thresh": options.boxNMSThresh = try #require(value.double)
                case "crop_n_layers": options.cropNLayers = try #require(value.int)
                case "crop_nms_thresh": options.cropNMSThresh = try #require(value.double)
                case "crop_overlap_ratio": options.cropOverlapRatio = try #require(value.double)
                case "crop_n_points_downscale_factor": options.cropNPointsDownscaleFactor = try #require(value.int)
                case "min_mask_region_area": options.minMaskRegionArea = try #require(value.int)
                case "point_grids":
                    options.pointGrids = try #require(value.array).map { grid in
                        try #require(grid.array).map { place in
                            PointGrid.Place(
                                x: try #require(place[0]?.double), y: try #require(place[1]?.double))
                        }
                    }
                default: Issue.record("the option \(member.name) is not known")
                }
            }
            return options
        }
    }

    static let committed = (try? Case.all(Repository.fixture("SAM/automatic/cases.json"))) ?? []

    @Test func fixtureCoversWhatItShould() {
        #expect(Self.committed.count == 11)
        #expect(Self.committed.reduce(0) { $0 + $1.records.count } > 200)
        #expect(Self.committed.allSatisfy { $0.margin >= 5e-6 })
    }

    @Test(arguments: committed) func masksAgree(_ one: Case) throws {
        try Self.check(one, SAMCheckpoint.read(Self.samples + "/nano.safetensors"))
    }

    /// Demands the same masks in the same order, scores within 1e-4.
    static func check(_ one: Case, _ model: SAMModel) throws {
        var generator = try AutomaticMaskGenerator(model: model, options: one.options())
        let image = try one.image()
        let found = try generator.masks(of: image)
        #expect(found.count == one.records.count, "\(one.testDescription)")
        for (index, (mask, record)) in zip(found, one.records).enumerated() {
            let name = "\(one.testDescription), mask \(index)"
            #expect(mask.rle.height == image.height && mask.rle.width == image.width)
            #expect(mask.rle.compressedString == record["segmentation"]?.string, "\(name)")
            #expect(mask.area == record["area"]?.int, "\(name)")
            let box = [mask.box.x0, mask.box.y0, mask.box.width, mask.box.height]
            #expect(box == record["bbox"]?.array?.compactMap(\.int), "\(name)")
            let crop = [mask.cropBox.x0, mask.cropBox.y0, mask.cropBox.width, mask.cropBox.height]
            #expect(crop == record["crop_box"]?.array?.compactMap(\.int), "\(name)")
            let iou = try #require(record["predicted_iou"]?.double)
            #expect(abs(Double(mask.predictedIoU) - iou) < 1e-4, "\(name)")
            let stability = record["stability_score"]?.double ?? .nan
            #expect(
                abs(Double(mask.stabilityScore) - stability) < 1e-4
                    || (mask.stabilityScore.isNaN && stability.isNaN), "\(name)")
            let place = try #require(record["point_coords"]?[0]?.array).compactMap(\.double)
            #expect([mask.point.x, mask.point.y] == place, "\(name)")
        }
    }

    /// Bytes of masks and bits of scores.
    @Test(arguments: committed.filter { ["batches", "layers", "regions"].contains($0.testDescription) })
    func resultDependsOnNoThread(_ one: Case) throws {
        let model = try SAMCheckpoint.read(Self.samples + "/nano.safetensors")
        let options = try one.options()
        let image = try one.image()
        let runs = try atEveryWorkerCount {
            var generator = try AutomaticMaskGenerator(model: model, options: options)
            return try generator.masks(of: image)
        }
        #expect(!runs[0].isEmpty && runs.allSatisfy { $0 == runs[0] })
    }

    /// The size of the batches is a matter of memory.
    @Test(arguments: [1, 5, 64, 1000]) func batchesMayHaveAnySize(size: Int) throws {
        var json = try #require(Self.committed.first { $0.testDescription == "plain" }).json
        let members = try #require(json["options"]?.object).filter { $0.name != "points_per_batch" }
        let options = JSONValue.object(members + [JSONMember("points_per_batch", .integer(Int64(size)))])
        json = .object((json.object ?? []).map { $0.name == "options" ? JSONMember("options", options) : $0 })
        try Self.check(Case(json: json), SAMCheckpoint.read(Self.samples + "/nano.safetensors"))
    }

    /// Work ends where it is told to.
    @Test func workCanBeEnded() throws {
        let one = try #require(Self.committed.first { $0.testDescription == "batches" })
        var generator = try AutomaticMaskGenerator(
            model: SAMCheckpoint.read(Self.samples + "/nano.safetensors"), options: one.options())
        let image = try one.image()
        // Once before the image is encoded, then before each of 15 batches of 7 points.
        for limit in [0, 1, 9, 15] {
            var asked = 0
            let result = try generator.masks(of: image) {
                asked += 1
                return asked > limit
            }
            #expect(result == nil && asked == limit + 1)
        }
        var asked = 0
        let whole = try generator.masks(of: image) {
            asked += 1
            return false
        }
        #expect(whole?.count == one.records.count && asked == 16)
    }
}

/// The same on models, images and options that the reference is asked about on the spot.
@Suite(.enabled(if: PeerPython.path != nil, "needs SAMDATA_PEER_PYTHON with segment-anything, torch and opencv"))
struct AutomaticMaskPeerTests {
    @Test(arguments: [11, 12]) func otherCasesAgree(seed: Int) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("cases.json")
        let run = try PeerPython.run([
            Repository.fixture("SAM/make_amg_fixtures.py"), "--seed", "\(seed)", "--output", path,
        ])
        try #require(run.status == 0, "\(run.output)")
        let model = try SAMCheckpoint.read(path + ".safetensors")
        let cases = try AutomaticMaskParityTests.Case.all(path)
        // Where a decision hangs by a thread, rounding may turn it.
        let clear = cases.filter { $0.margin >= 5e-6 }
        #expect(cases.count == 8 && clear.count >= 2)
        #expect(clear.contains { !$0.records.isEmpty })
        for one in clear { try AutomaticMaskParityTests.check(one, model) }
    }
}
