import Foundation
import Masks
import TestSupport

/// The golden vectors that `Tests/Fixtures/Masks/make_fixtures.py` computed with pycocotools.
enum MaskFixtures {
    struct Polygon: Decodable {
        let h: Int
        let w: Int
        let polygons: [[Double]]
        let counts: String
        let area: Int
        let bbox: [Double]
    }

    struct Pixels: Decodable {
        let h: Int
        let w: Int
        /// Eight pixels a byte, row-major, most significant bit first, as hexadecimal digits.
        let pixels: String
        let counts: String
        let area: Int
        let bbox: [Double]

        var bitmap: Bitmap {
            let digits = pixels.utf8.map { UInt8($0 > 57 ? $0 - 87 : $0 - 48) }
            let bits = digits.flatMap { digit in (0..<4).map { digit >> (3 - $0) & 1 } }
            return Bitmap(height: h, width: w, pixels: Array(bits.prefix(h * w)))
        }
    }

    struct Merge: Decodable {
        let h: Int
        let w: Int
        let masks: [String]
        let union: String
        let intersection: String
    }

    struct Overlap: Decodable {
        let h: Int
        let w: Int
        let dt: [String]
        let gt: [String]
        let iscrowd: [Int]
        let iou: [Double]
        let dtBoxes: [[Double]]
        let gtBoxes: [[Double]]
        let boxIou: [Double]
    }

    struct Runs: Decodable {
        let h: Int
        let w: Int
        let runs: [Int]
        let counts: String
        let area: Int
    }

    struct FilledBox: Decodable {
        let h: Int
        let w: Int
        let box: [Double]
        let counts: String
    }

    static func load<Case: Decodable>(_ name: String, as type: Case.Type = Case.self) throws -> [Case] {
        let data = try Data(contentsOf: URL(fileURLWithPath: Repository.fixture("Masks/" + name)))
        return try JSONDecoder().decode([Case].self, from: data)
    }
}

extension RLE {
    /// A mask from compressed counts as text.
    init(_ height: Int, _ width: Int, _ text: String) throws {
        try self.init(height: height, width: width, compressed: Array(text.utf8))
    }
}

extension Box {
    /// A box from COCO's four numbers.
    init(_ numbers: [Double]) {
        self.init(x: numbers[0], y: numbers[1], width: numbers[2], height: numbers[3])
    }
}
