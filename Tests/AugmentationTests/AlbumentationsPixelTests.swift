import Augmentation
import Foundation
import Images
import JSONText
import TestSupport
import Testing

/// Changes of pixels against albumentations and OpenCV. Where they differ: albumentations rounds, or cuts off, to bytes
/// after each change; OpenCV keeps hue in steps of two degrees and saturation in bytes.
@Suite struct AlbumentationsPixelTests {
    let fixture: AlbumentationsFixture

    init() throws { fixture = try AlbumentationsFixture() }

    static let changes: [(name: String, change: ColourChange, mean: Double, worst: Int)] = [
        ("brightness 1.3", .scale(factor: 1.3, offset: 0), 0.6, 1),
        ("brightness 0.6", .scale(factor: 0.6, offset: 0), 0.6, 1), ("contrast 1.4", .contrast(1.4), 0.6, 1),
        ("contrast 0.5", .contrast(0.5), 0.6, 1), ("saturation 1.7", .saturation(1.7), 0.3, 2),
        ("saturation 0.3", .saturation(0.3), 0.3, 1), ("hue 0.2", .hue(0.2), 1.2, 6),
        ("hue -0.35", .hue(-0.35), 1.2, 6),
        ("hsv 20 40 30", .hsv(hue: 20 / 180.0, saturation: 40 / 255.0, value: 30 / 255.0), 1.2, 7),
        ("hsv -50 -60 -40", .hsv(hue: -50 / 180.0, saturation: -60 / 255.0, value: -40 / 255.0), 1.2, 6),
        ("gray", .saturation(0), 0.2, 1),
    ]

    @Test(arguments: 0..<changes.count)
    func colours(number: Int) throws {
        let (name, change, mean, worst) = Self.changes[number]
        let found = try fixture.image("image").changed(by: [change])
        let wanted = try fixture.image("colours", name)
        #expect(SyntheticSample.meanDifference(found, wanted) <= mean, "\(name)")
        #expect(SyntheticSample.difference(found, wanted) <= worst, "\(name)")
    }

    @Test func filters() throws {
        let image = try fixture.image("image")
        #expect(image.medianFiltered(size: 3) == (try fixture.image("colours", "median 3")))
        #expect(image.medianFiltered(size: 7) == (try fixture.image("colours", "median 7")))
        let gaussian = try fixture.image("colours", "gaussian 1.5")
        #expect(SyntheticSample.difference(image.gaussianBlurred(sigma: 1.5, size: 11), gaussian) <= 1)
        #expect(SyntheticSample.difference(image.boxBlurred(size: 5), try fixture.image("colours", "box 5")) <= 1)
    }

    /// Lines of every kind, as a chain draws them.
    @Test func motion() throws {
        let document = try JSONDocument.read(path: Repository.fixture("Augmentation/motion.json"))
        let sample = AugmentationSample(image: try fixture.image("image"), objects: [])
        let blurs = try #require(document["blurs"]?.array)
        #expect(blurs.count == 9)
        for blur in blurs {
            func pair(_ key: String) -> AugmentationValue {
                .list([.number(blur[key]?.double ?? 0), .number(blur[key]?.double ?? 0)])
            }
            let chain = try AugmentationChain(
                [
                    [
                        "MotionBlur": [
                            "blur_limit": pair("size"), "angle_range": pair("angle"),
                            "direction_range": pair("direction"),
                            "allow_shifted": false, "p": 1,
                        ]
                    ]
                ])
            let found = try chain(sample, key: AugmentationKey(seed: 1, epoch: 0, sample: 0)).image
            let text = try #require(blur["image"]?["bytes"]?.string.flatMap { Data(base64Encoded: $0) })
            let wanted = RGBImage(height: found.height, width: found.width, pixels: [UInt8](text))
            #expect(
                SyntheticSample.difference(found, wanted) <= 1,
                "\(blur["size"]?.text() ?? "") \(blur["angle"]?.text() ?? "")")
        }
    }

    /// One channel is OpenCV's, but for what rounding does.
    @Test func equalisedChannel() throws {
        let image = try fixture.image("image")
        let values = (0..<image.height * image.width).map { image.pixels[3 * $0] }
        let equaliser = ContrastEqualiser(
            values, height: image.height, width: image.width, clipLimit: 3, rows: 4, columns: 4)
        let found = values.enumerated().map { pixel, value in
            equaliser.value(value, row: pixel / image.width, column: pixel % image.width)
        }
        let wanted = try fixture.bytes("clahe_channel")
        let differences = zip(found, wanted).filter { $0 != $1 }
        #expect(differences.count <= 6 && differences.allSatisfy { abs(Int($0) - Int($1)) == 1 })
    }

    /// In colour, OpenCV's lightness of bytes comes from tables of its own and is another by one in a third of the pixels,
    /// which the tables of tiles as small as these, 88 pixels, make more of.
    @Test(arguments: [("clahe 3 4 4", 3.0, 4, 4), ("clahe 2 3 5", 2.0, 5, 3)])
    func equalised(name: String, limit: Double, rows: Int, columns: Int) throws {
        let found = try fixture.image("image").contrastEqualised(clipLimit: limit, rows: rows, columns: columns)
        let wanted = try fixture.image("colours", name)
        #expect(SyntheticSample.meanDifference(found, wanted) < 3)
    }
}
