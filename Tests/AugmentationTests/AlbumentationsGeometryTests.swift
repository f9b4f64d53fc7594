import Augmentation
import Images
import JSONText
import Masks
import Testing

/// Geometry against albumentations, where its definition is ours. Where it differs:
/// - images: OpenCV rounds places to 1/32 of a pixel, we to 1/65536 (shares to 1/128);
/// - masks: OpenCV rounds places to 1/32 as well before it takes the nearest pixel, so that a few pixels of a border differ;
/// - resizes: OpenCV's do not filter where they shrink; ours are Pillow's.
@Suite struct AlbumentationsGeometryTests {
    let fixture: AlbumentationsFixture

    init() throws { fixture = try AlbumentationsFixture() }

    private func run(_ steps: AugmentationValue, points: [AugmentedObject.Point] = []) throws -> AugmentedSample {
        let sample = AugmentationSample(
            image: try fixture.image("image"),
            objects: [AugmentedObject(index: 0, mask: try fixture.mask("mask"), points: points)])
        return try AugmentationChain(steps)(sample, key: AugmentationKey(seed: 1, sample: 1))
    }

    @Test(arguments: 0..<5)
    func affine(number: Int) throws {
        let stated = try #require(fixture.value(["matrices", "\(number)"]))
        func pair(_ name: String) -> (Double, Double) { (stated[name]?[0]?.double ?? 0, stated[name]?[1]?.double ?? 0) }
        func axes(_ name: String) -> AugmentationValue {
            ["x": .number(pair(name).0), "y": .number(pair(name).1)]
        }
        let points = [(10.0, 8.0), (25, 9), (18, 20)].map { AugmentedObject.Point(x: $0.0, y: $0.1) }
        let result = try run(
            [
                [
                    "Affine": [
                        "scale": axes("scale"), "rotate": .number(stated["degrees"]?.double ?? 0),
                        "shear": axes("shear"),
                        "translate_px": axes("shift"), "p": 1,
                    ]
                ]
            ], points: points)
        // Points move by the very matrix.
        let m = (0..<9).map { stated["matrix"]?[$0]?.double ?? .nan }
        let object = try #require(result.objects.first)
        let moved = points.map { point -> AugmentedObject.Point in
            let x: Double = m[0] * point.x + m[1] * point.y + m[2]
            let y: Double = m[3] * point.x + m[4] * point.y + m[5]
            return AugmentedObject.Point(x: x, y: y)
        }
        let inside = moved.filter { $0.x >= -0.5 && $0.x < 40.5 && $0.y >= -0.5 && $0.y < 29.5 }
        #expect(object.points.count == inside.count)
        for (point, wanted) in zip(object.points, inside) {
            #expect(abs(point.x - wanted.x) < 1e-9 && abs(point.y - wanted.y) < 1e-9)
        }
        let image = try fixture.image("warps", "\(number)", "image")
        let mask = try fixture.mask("warps", "\(number)", "mask")
        if number == 0 {
            #expect(result.image == image && object.mask == mask)
        } else {
            #expect(SyntheticSample.meanDifference(result.image, image) < 1)
            #expect(SyntheticSample.overlap(object.mask, mask) > 0.97)
        }
    }

    /// The eight flips and turns, by the steps that make them.
    @Test(arguments: [
        ("v", ["VerticalFlip"]), ("h", ["HorizontalFlip"]), ("t", ["Transpose"]),
        ("r180", ["VerticalFlip", "HorizontalFlip"]), ("r90", ["Transpose", "VerticalFlip"]),
        ("r270", ["Transpose", "HorizontalFlip"]), ("hvt", ["Transpose", "VerticalFlip", "HorizontalFlip"]),
        ("e", ["HorizontalFlip", "HorizontalFlip"]),
    ])
    func symmetries(name: String, steps: [String]) throws {
        let result = try run(.list(steps.map { .object([AugmentationMember($0, ["p": 1])]) }))
        #expect(result.image == (try fixture.image("d4", name)))
    }

    @Test(arguments: ["center", "top_left", "top_right", "bottom_left", "bottom_right"])
    func pads(position: String) throws {
        let result = try run([
            ["PadIfNeeded": ["min_height": 37, "min_width": 50, "position": .text(position), "fill": 7]]
        ])
        #expect(result.image == (try fixture.image("pads", position)))
        #expect(result.objects[0].mask.area == (try fixture.mask("mask")).area)
    }

    @Test func perspectiveMatrix() throws {
        let matrix = try #require(
            ProjectiveMatrix(
                from: [(3, 2), (38, 1), (36, 28), (1, 25)], to: [(0, 0), (41, 0), (41, 30), (0, 30)]))
        let wanted = (0..<9).map { fixture.value(["perspective", "\($0)"])?.double ?? .nan }
        let found = [matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f, matrix.g, matrix.h, matrix.i]
        for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 1e-6) }
    }
}
