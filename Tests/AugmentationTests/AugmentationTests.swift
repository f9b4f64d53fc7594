import Augmentation
import Images
import Masks
import Runtime
import TestSupport
import Testing

@Suite struct AugmentationTests {
    static let policy = Augmentation(
        symmetry: .dihedral, brightness: 0.2, contrast: 0.3, gamma: 0.25, smallestCrop: 0.4, smallestScale: 0.5)
    static let objects = [
        Box(x: 3, y: 4, width: 10, height: 6), Box(x: 30, y: 20, width: 25, height: 19),
        Box(x: 59, y: 39, width: 1, height: 1),
    ]

    static func draw(_ sample: Int, epoch: UInt64 = 0) -> SampleTransform {
        policy.transform(
            seed: 7, epoch: epoch, sample: UInt64(sample), height: 40, width: 60, objects: objects)
    }

    @Test func drawIsAFunctionOfItsKeys() {
        let forward = (0..<40).map { Self.draw($0) }
        let backward = (0..<40).reversed().map { Self.draw($0) }
        #expect(forward == backward.reversed())
        #expect(forward != (0..<40).map { Self.draw($0, epoch: 1) })
        #expect(Set(forward).count == 40)
    }

    @Test func drawDoesNotDependOnWorkers() throws {
        let results = try atEveryWorkerCount { try Workers.map(64) { Self.draw($0) } }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    @Test func rangesAreKept() {
        for sample in 0..<300 {
            let photometry = Self.draw(sample).photometry
            #expect(abs(photometry.brightness) <= 0.2)
            #expect((0.7...1.3).contains(photometry.contrast))
            #expect((0.8...1.25).contains(photometry.gamma))
        }
    }

    /// One range set to nothing leaves the other draws as they were.
    @Test func drawsAreIndependent() {
        var dull = Self.policy
        dull.contrast = 0
        for sample in 0..<20 {
            let a = Self.policy.photometry(seed: 1, epoch: 0, sample: UInt64(sample))
            let b = dull.photometry(seed: 1, epoch: 0, sample: UInt64(sample))
            #expect(a.brightness == b.brightness && a.gamma == b.gamma && b.contrast == 1)
        }
    }

    @Test func noneChangesNothing() {
        let (bitmap, image) = DihedralTransformTests.sample(height: 9, width: 7, seed: 1)
        let transform = Augmentation.none.transform(
            seed: 1, epoch: 2, sample: 3, height: 9, width: 7, objects: [])
        #expect(transform(image) == image)
        #expect(transform(RLE(bitmap)) == RLE(bitmap))
    }

    @Test func horizontalNeverTurns() {
        let policy = Augmentation(symmetry: .horizontal)
        let drawn = Set((0..<50).map { policy.symmetry(seed: 0, epoch: 0, sample: $0) })
        #expect(drawn == [.identity, .flipHorizontal])
    }

    @Test func cropKeepsAnObjectWhole() throws {
        for sample in 0..<300 {
            let crop = try #require(Self.draw(sample).crop)
            #expect(crop.row + crop.height <= 40 && crop.column + crop.width <= 60)
            let isWhole = Self.objects.contains { box in
                box.x >= Double(crop.column) && box.maxX <= Double(crop.column + crop.width)
                    && box.y >= Double(crop.row) && box.maxY <= Double(crop.row + crop.height)
            }
            #expect(isWhole, "\(crop)")
        }
    }

    /// Boxes that a user got wrong neither trap nor leave the image.
    @Test func oddBoxesAreSurvived() throws {
        let boxes = [
            Box(x: -50, y: -50, width: 500, height: 500), Box(x: 1e300, y: -1e300, width: 4, height: 1e300),
            Box(x: .nan, y: 2, width: .infinity, height: 3), Box(x: 20, y: 20, width: -5, height: -5),
        ]
        for box in boxes {
            for sample in 0..<30 {
                let crop = try #require(
                    Self.policy.crop(
                        seed: 1, epoch: 0, sample: UInt64(sample), height: 40, width: 60, objects: [box]))
                #expect(crop.row >= 0 && crop.row + crop.height <= 40)
                #expect(crop.column >= 0 && crop.column + crop.width <= 60)
            }
        }
    }

    @Test func maskFollowsTheImageThroughACrop() {
        let (bitmap, image) = DihedralTransformTests.sample(height: 40, width: 60, seed: 8)
        let crop = ScaleCrop(row: 5, column: 11, height: 20, width: 30, outputHeight: 20, outputWidth: 30)
        #expect(crop(RLE(bitmap)).bitmap() == DihedralTransformTests.bitmap(of: crop(image)))
        let whole = ScaleCrop(row: 0, column: 0, height: 40, width: 60, outputHeight: 80, outputWidth: 180)
        let large = whole(RLE(bitmap)).bitmap()
        for row in 0..<80 {
            for column in 0..<180 where large[row, column] != bitmap[row / 2, column / 3] {
                Issue.record("pixel (\(row), \(column))")
            }
        }
    }

    @Test func boxIsCutToTheCrop() {
        let crop = ScaleCrop(row: 10, column: 20, height: 10, width: 20, outputHeight: 5, outputWidth: 40)
        #expect(crop(Box(x: 25, y: 5, width: 30, height: 9)) == Box(x: 10, y: 0, width: 30, height: 2))
        #expect(crop(Box(x: 0, y: 0, width: 5, height: 5)).area == 0)
    }

    @Test func toneFollowsTheFormula() {
        let transform = PhotometricTransform(brightness: 0.1, contrast: 1.2, gamma: 2)
        let table = transform.table
        #expect(table[0] == 26 && table[255] == 255)
        #expect(table[128] == 103)  // 1.2 * (128 / 255)^2 + 0.1 = 0.4024
        let image = RGBImage(height: 1, width: 2, pixels: [0, 128, 255, 128, 0, 0])
        #expect(transform(image).pixels == [26, 103, 255, 103, 26, 26])
        #expect(PhotometricTransform.identity.table == (0...255).map { UInt8($0) })
        #expect(PhotometricTransform(brightness: -1).table.allSatisfy { $0 == 0 })
    }
}
