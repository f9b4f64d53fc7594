import Audit
import Foundation
import Testing

/// One defect for one rule.
struct PlantedDefect: Sendable, CustomTestStringConvertible {
    let rule: String
    /// Ends the reading of the file, or takes a list away, so it cannot stand in one file with others.
    let isFatal: Bool
    /// Puts the defect into a clean data set. The number keeps ids of different defects apart.
    let plant: @Sendable (inout SampleDataset, Int) throws -> Void

    init(
        _ rule: String, isFatal: Bool = false, _ plant: @escaping @Sendable (inout SampleDataset, Int) throws -> Void
    ) {
        self.rule = rule
        self.isFatal = isFatal
        self.plant = plant
    }

    var testDescription: String { rule }

    static let all = json + schema + polygon + masks + agreement + image + labels

    /// A defect in one polygon, area and box computed from it unless given.
    static func ring(_ rule: String, _ ring: [Double], _ changes: [String: any Sendable] = [:]) -> PlantedDefect {
        PlantedDefect(rule) { $0.add(id: 100 + $1, ring: ring, changes) }
    }

    /// A square object of four pixels' side with something changed, in a place of its own.
    static func square(_ rule: String, x: Double, y: Double, _ changes: [String: (any Sendable)?]) -> PlantedDefect {
        PlantedDefect(rule) { data, index in
            data.add(id: 100 + index, ring: [x, y, x + 4, y, x + 4, y + 4, x, y + 4])
            for (key, value) in changes { data.annotations[data.annotations.count - 1][key] = value }
        }
    }

    static let json = [
        PlantedDefect("json.syntax", isFatal: true) { data, _ in
            data.edits.append { $0.replacingOccurrences(of: "\"categories\"", with: "'categories'") }
        },
        PlantedDefect("json.truncated", isFatal: true) { data, _ in data.edits.append { String($0.dropLast(40)) } },
        PlantedDefect("json.duplicate-key") { data, index in
            try square("", x: 5, y: 62, ["mark": "twice"]).plant(&data, index)
            data.edits.append { $0.replacingOccurrences(of: "\"mark\":\"twice\"", with: "\"mark\":1,\"mark\":2") }
        },
        PlantedDefect("json.non-finite") { data, index in
            try square("", x: 15, y: 62, ["area": "not a number"]).plant(&data, index)
            data.edits.append { $0.replacingOccurrences(of: "\"not a number\"", with: "NaN") }
        },
        PlantedDefect("json.byte-order-mark") { data, _ in data.edits.append { "\u{FEFF}" + $0 } },
        PlantedDefect("json.lone-surrogate") { data, index in
            data.categories.append(["id": 100 + index, "name": "half a pair"])
            data.edits.append { $0.replacingOccurrences(of: "half a pair", with: "half \\ud800") }
        },
    ]

    static let schema = [
        PlantedDefect("schema.structure", isFatal: true) { data, _ in
            data.edits.append { $0.replacingOccurrences(of: "\"categories\":[", with: "\"categories\":{},\"rest\":[") }
        },
        PlantedDefect("schema.missing-section", isFatal: true) { data, _ in
            data.edits.append { $0.replacingOccurrences(of: "\"categories\"", with: "\"labels\"") }
        },
        square("schema.missing-key", x: 25, y: 62, ["category_id": nil]),
        square("schema.derived", x: 35, y: 62, ["iscrowd": nil]),
        square("schema.type", x: 43, y: 62, ["iscrowd": "no"]),
        square("schema.value", x: 75, y: 62, ["bbox": [75, 62, 4]]),
        square("schema.id-type", x: 82, y: 62, ["id": "nucleus 7"]),
        square("schema.id-zero", x: 5, y: 70, ["id": 0]),
        square("schema.duplicate-annotation-id", x: 15, y: 70, ["id": 2]),
        PlantedDefect("schema.duplicate-image-id") { data, _ in try data.addImage(id: 2, name: "again.png") },
        PlantedDefect("schema.duplicate-category-id") { data, _ in data.categories.append(["id": 2, "name": "other"]) },
        PlantedDefect("schema.duplicate-category-name") { $0.categories.append(["id": 100 + $1, "name": "cluster"]) },
        square("schema.dangling-image", x: 1, y: 1, ["image_id": 4711]),
        square("schema.dangling-category", x: 25, y: 70, ["category_id": 4711]),
        PlantedDefect("schema.image-size") {
            try $0.addImage(id: 100 + $1)
            $0.images[$0.images.count - 1]["width"] = nil
        },
    ]

    static let polygon = [
        square("polygon.flat", x: 35, y: 70, ["segmentation": [35, 70, 39, 70, 39, 74, 35, 74]]),
        PlantedDefect("polygon.empty") {
            $0.add(id: 100 + $1, ["segmentation": [[]] as [[Int]], "area": 5, "bbox": [1, 1, 2, 2]])
        },
        ring("polygon.not-finite", [1, 1, 1e30, 1, 5, 5], ["bbox": [1, 1, 4, 4], "area": 9]),
        ring("polygon.odd-length", [43, 70, 46, 70, 46, 74, 43, 74, 43], ["bbox": [43, 70, 3, 4], "area": 12]),
        ring("polygon.four-numbers", [10, 10, 20, 20]),
        ring("polygon.degenerate", [10, 10, 20, 20, 10, 10, 20, 20]),
        ring("polygon.zero-area", [10.1, 10, 10.2, 30, 10.3, 50]),
        ring("polygon.self-intersection", [75, 20, 95, 40, 95, 20, 75, 40], ["area": 200]),
        ring("polygon.spike", [75, 42, 85, 42, 95, 42, 85, 42, 85, 52, 75, 52]),
        ring("polygon.off-image", [110, 10, 130, 10, 130, 30]),
        ring("polygon.outside", [90, 1, 112, 1, 112, 9, 90, 9]),
        ring("polygon.normalised", [0.1, 0.1, 0.3, 0.1, 0.3, 0.4], ["bbox": [10, 8, 20, 24], "area": 240]),
        PlantedDefect("polygon.nested") {
            let rings = [[50, 10, 80, 10, 80, 40, 50, 40], [60, 20, 70, 20, 70, 30, 60, 30]]
            $0.add(id: 100 + $1, image: 2, ["segmentation": rings, "area": 900, "bbox": [50, 10, 30, 30]])
        },
        ring("polygon.complexity", hopeless, ["bbox": [0, 0, 99, 2]]),
    ]

    /// So many overlapping edges that no crossing is looked for to the end.
    private static let hopeless: [Double] = {
        var ring: [Double] = []
        for tooth in 0..<9000 { ring += [0, Double(tooth) / 9000, 99, Double(tooth) / 9000 + 0.00004] }
        return ring + [99.5, 2, -0.5, 2]
    }()

    static let agreement = [
        square("agreement.area", x: 35, y: 40, ["image_id": 2, "area": 999]),
        PlantedDefect("agreement.box-area") {
            $0.add(id: 100 + $1, image: 2, ring: [65, 60, 85, 60, 65, 78], ["area": 360])
        },
        square("agreement.bbox", x: 35, y: 52, ["image_id": 2, "bbox": [35, 52, 20, 10]]),
        square("agreement.crowd", x: 50, y: 52, ["image_id": 2, "iscrowd": 1]),
        PlantedDefect("object.duplicate") { data, index in
            data.annotations.append(data.annotations[0].merging(["id": 100 + index]) { $1 })
        },
        PlantedDefect("object.conflict") { data, index in
            data.annotations.append(data.annotations[1].merging(["id": 100 + index, "category_id": 2]) { $1 })
        },
    ]
}
