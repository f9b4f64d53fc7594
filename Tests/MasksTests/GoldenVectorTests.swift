import Foundation
import Masks
import TestSupport
import Testing

/// Real annotations against what pycocotools made of them; both are outside the repository.
@Suite(.enabled(if: Repository.sharedData("golden") != nil, "needs ../shared/data"))
struct GoldenVectorTests {
    struct Line: Decodable {
        let id: Int?
        let h: Int
        let w: Int
        /// Absent where pycocotools fails: an object without any ring.
        let counts: String?
        let area: Int?
        let bbox: [Double]?
    }

    struct Overlaps: Decodable {
        let imageId: Int
        let dtIndex: [Int]
        let gtId: [Int]
        let iscrowd: [Int]
        let segmIou: [[Double]]
        let bboxIou: [[Double]]
    }

    static func data(_ path: String) throws -> Data {
        let path = try #require(Repository.sharedData(path))
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    static func lines<Line: Decodable>(_ name: String, as type: Line.Type = Line.self) throws -> [Line] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try data("golden/" + name).split(separator: 10).map { try decoder.decode(Line.self, from: $0) }
    }

    static func objects(_ json: Any?) throws -> [[String: Any]] { try #require(json as? [[String: Any]]) }

    static func annotations(_ path: String) throws -> [[String: Any]] {
        // TACO writes boxes of `Infinity`, which is no JSON.
        let text = String(decoding: try data(path), as: UTF8.self).replacingOccurrences(of: "Infinity", with: "0")
        let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return try objects(json?["annotations"])
    }

    static func integer(_ value: Any?) -> Int? { (value as? NSNumber)?.intValue }

    /// Any form of COCO segmentation as a mask.
    static func mask(_ segmentation: Any?, height: Int, width: Int) throws -> RLE {
        if let rings = segmentation as? [[NSNumber]] {
            return try RLE(height: height, width: width, polygons: rings.map { $0.map(\.doubleValue) })
        }
        let object = try #require(segmentation as? [String: Any])
        if let text = object["counts"] as? String { return try RLE(height, width, text) }
        let counts = try #require(object["counts"] as? [NSNumber])
        return try RLE(height: height, width: width, counts: counts.map(\.intValue))
    }

    @Test(arguments: [
        ("rle_val2014_100.jsonl", "coco-eval-fixtures/dataset/cocoapi/instances_val2014_100.json"),
        ("rle_tiny-coco38_train.jsonl", "tiny-coco38/annotations/instances_train2017.json"),
        ("rle_taco_unofficial_first300.jsonl", "taco/annotations_unofficial.json"),
    ])
    func annotationsMatchCOCO(golden: String, source: String) throws {
        // TACO repeats ids; its golden lines are the first ones.
        let byID = Dictionary(
            try Self.annotations(source).map { (Self.integer($0["id"]), $0) }, uniquingKeysWith: { first, _ in first })
        let lines = try Self.lines(golden, as: Line.self)
        #expect(lines.count > 200)
        for line in lines {
            let annotation = try #require(byID[line.id])
            let mask = try Self.mask(annotation["segmentation"], height: line.h, width: line.w)
            guard let counts = line.counts else {
                #expect(mask.isEmpty)
                continue
            }
            #expect(mask.compressedString == counts, "annotation \(line.id ?? -1)")
            #expect(mask.area == line.area)
            #expect(mask.boundingBox == line.bbox.map(Box.init))
        }
    }

    @Test func nucleiSurviveEveryForm() throws {
        for line in try Self.lines("rle_dsb2018_dev_first40.jsonl", as: Line.self) {
            let mask = try RLE(line.h, line.w, #require(line.counts))
            #expect(mask.area == line.area)
            #expect(mask.boundingBox == line.bbox.map(Box.init))
            #expect(RLE(mask.bitmap()).compressedString == line.counts)
            #expect(mask.transposed().transposed() == mask)
        }
    }

    @Test func overlapsMatchCOCO() throws {
        let folder = "coco-eval-fixtures/dataset/cocoapi/"
        let results = try JSONSerialization.jsonObject(
            with: Self.data(folder + "instances_val2014_fakesegm100_results.json"))
        let detections = try Self.objects(results)
        let truth = Dictionary(
            uniqueKeysWithValues: try Self.annotations(folder + "instances_val2014_100.json").map {
                (Self.integer($0["id"]), $0)
            })
        var sizes: [Int: (Int, Int)] = [:]
        for item in detections {
            let size = (item["segmentation"] as? [String: Any])?["size"] as? [NSNumber]
            if let image = Self.integer(item["image_id"]), let size {
                sizes[image] = (size[0].intValue, size[1].intValue)
            }
        }
        for line in try Self.lines("iou_val2014_100.jsonl", as: Overlaps.self) {
            let (h, w) = try #require(sizes[line.imageId])
            let crowd = line.iscrowd.map { $0 == 1 }
            let dt = try line.dtIndex.map { try Self.mask(detections[$0]["segmentation"], height: h, width: w) }
            let gt = try line.gtId.map { try Self.mask(truth[$0]?["segmentation"], height: h, width: w) }
            let masks = try RLE.intersectionOverUnion(detections: dt, groundTruth: gt, isCrowd: crowd)
            // The detections' boxes are those of their masks, as `loadRes` makes them.
            let truthBoxes = try line.gtId.map {
                Box(try #require(truth[$0]?["bbox"] as? [NSNumber]).map(\.doubleValue))
            }
            let overlap = Box.intersectionOverUnion(
                detections: dt.map(\.boundingBox), groundTruth: truthBoxes, isCrowd: crowd)
            for (ours, theirs) in zip(masks, line.segmIou.joined()) { #expect(abs(ours - theirs) < 1e-9) }
            for (ours, theirs) in zip(overlap, line.bboxIou.joined()) { #expect(abs(ours - theirs) < 1e-9) }
        }
    }
}
