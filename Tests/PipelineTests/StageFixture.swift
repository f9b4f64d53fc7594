import Annotations
import Images
import JSONText
import Masks
import Pipeline
import Runtime

/// Samples for tests of stages, made on the spot.
enum StageFixture {
    static let categories = [
        COCOCategory(id: 1, name: "cell"), COCOCategory(id: 2, name: "nucleus"), COCOCategory(id: 7, name: "debris"),
    ]

    /// An object that covers some rows and columns.
    struct Object {
        var category: COCOIdentifier = 1
        var rows: Range<Int>
        var columns: Range<Int>
        var isCrowd = false
        var score: Double?
        /// A box only, without a mask.
        var hasMask = true
    }

    /// Pixels that differ from place to place, and from seed to seed.
    static func picture(width: Int, height: Int, seed: Int = 0) -> RGBImage {
        RGBImage(
            height: height, width: width,
            pixels: (0..<3 * width * height).map { UInt8(truncatingIfNeeded: ($0 &* 7 &+ seed &* 13) % 251) })
    }

    static func sample(
        _ objects: [Object] = [], width: Int = 40, height: Int = 30, id: COCOIdentifier = 5, index: Int = 0,
        name: String? = nil, picture: RGBImage? = nil
    ) throws -> StagedSample {
        let encoded = try ImageCodec.encodePNG(picture ?? Self.picture(width: width, height: height, seed: index))
        let labelled = try objects.enumerated().map { place, object in
            let number = place + 1
            var mask = Bitmap(height: height, width: width)
            for row in object.rows { for column in object.columns { mask[row, column] = true } }
            let rle = object.hasMask ? RLE(mask) : try RLE(height: height, width: width)
            let box = Box(
                x: Double(object.columns.lowerBound), y: Double(object.rows.lowerBound),
                width: Double(object.columns.count), height: Double(object.rows.count))
            return LabelledObject(
                annotation: COCOAnnotation(
                    id: .integer(Int64(number)), imageID: id, categoryID: object.category, segmentation: nil, bbox: box,
                    area: Double(object.hasMask ? rle.area : 0), crowdFlag: object.isCrowd,
                    extra: object.score.map { [RawMember("score", .number($0))] } ?? []),
                mask: rle)
        }
        let image = COCOImage(
            id: id, fileName: name ?? "folder/\(id).png", width: width, height: height)
        return StagedSample(
            LabelledImage(image: image, encoded: encoded, objects: labelled), sourceIndex: index,
            header: try ImageCodec.probe(encoded))
    }

    /// Sends samples through one stage, prepared with them.
    static func run(
        _ stage: any SampleStage, _ samples: [StagedSample], categories: [COCOCategory] = categories
    ) throws -> (samples: [StagedSample], ledger: FindingLedger) {
        let ready = try stage.prepared(
            StageSurvey(images: samples.count) { [samples[$0]] }, categories: categories)
        var ledger = FindingLedger()
        var passed: [StagedSample] = []
        for sample in samples { passed += try ready.process(sample, ledger: &ledger) ?? [] }
        return (passed, ledger)
    }

    /// The ids of the objects that are left.
    static func ids(_ sample: StagedSample?) -> [String] { sample?.objects.map { $0.annotation.id.description } ?? [] }

    /// A stage from its settings as a file has them.
    static func stage(_ text: String) throws -> any SampleStage {
        let file = try PipelineFile(text: "[\(text)]", path: nil)
        return try StageCatalogue.builtIn.stage(file.stages[0])
    }
}
