import Images
import Masks
import Runtime
import SAM
import TestSupport
import Testing

/// Stitching on scenes whose objects are known: each has a colour of its own, and a segmenter that finds colours stands
/// for a model.
@Suite struct TiledMaskGeneratorTests {
    /// Finds every colour but black; its scores follow the colours.
    private struct ColourSegmenter: ImageSegmenter {
        /// Sizes of the images that it was given.
        var seen: [[Int]] = []
        /// Changes the mask of a colour in an image of the given size, as a model errs near the edge of what it sees.
        var distort: @Sendable (Bitmap, RGBColour) -> Bitmap = { mask, _ in mask }
        /// Colours that are not found, by the number of the image.
        var blind: [Int: Set<UInt8>] = [:]

        mutating func masks(of image: RGBImage, shouldStop: () -> Bool) -> [AutomaticMask]? {
            if shouldStop() { return nil }
            let number = seen.count
            seen.append([image.height, image.width])
            var pixels: [RGBColour: [UInt8]] = [:]
            for row in 0..<image.height {
                for column in 0..<image.width where image[row, column] != .black {
                    let colour = image[row, column]
                    pixels[colour, default: [UInt8](repeating: 0, count: image.height * image.width)][
                        row * image.width + column] = 1
                }
            }
            return pixels.sorted { $0.key.red < $1.key.red }.compactMap { colour, pixels in
                guard blind[number]?.contains(colour.red) != true else { return nil }
                let mask = distort(Bitmap(height: image.height, width: image.width, pixels: pixels), colour)
                let rle = RLE(mask)
                return AutomaticMask(
                    rle: rle, box: PixelBox(of: rle.bounds), predictedIoU: Float(colour.red) / 255,
                    point: PointGrid.Place(x: 1, y: 2), stabilityScore: 1,
                    cropBox: PixelBox(x0: 0, y0: 0, x1: image.width, y1: image.height))
            }
        }
    }

    private static let (height, width) = (90, 120)

    /// A scene of rectangles: red, rows, columns.
    private static func scene(_ objects: [(UInt8, Range<Int>, Range<Int>)]) -> RGBImage {
        var image = RGBImage(height: height, width: width)
        for (red, rows, columns) in objects {
            for row in rows { for column in columns { image[row, column] = RGBColour(red, 7, 7) } }
        }
        return image
    }

    private static func rle(_ rows: Range<Int>, _ columns: Range<Int>) -> RLE {
        var mask = Bitmap(height: height, width: width)
        for row in rows { for column in columns { mask[row, column] = true } }
        return RLE(mask)
    }

    private static func objects(
        _ image: RGBImage, halo: Int = 8, _ segmenter: ColourSegmenter = ColourSegmenter()
    ) throws -> [AutomaticMask] {
        // 3 x 4 cores of 30 pixels.
        var generator = try TiledMaskGenerator(segmenter, tileSize: 30, halo: halo)
        return try generator.masks(of: image)
    }

    // MARK: Tiles

    @Test func coresCoverTheImageOnce() {
        for (height, width, size, halo) in [(90, 120, 30, 8), (91, 45, 30, 30), (5, 500, 64, 0), (64, 64, 64, 9)] {
            var counts = [Int](repeating: 0, count: height * width)
            for tile in ImageTile.all(height: height, width: width, size: size, halo: halo) {
                let (core, window) = (tile.core, tile.window)
                #expect(core.width <= size && core.height <= size && core.width > 0 && core.height > 0)
                #expect(window.x0 == max(0, core.x0 - halo) && window.x1 == min(width, core.x1 + halo))
                #expect(window.y0 == max(0, core.y0 - halo) && window.y1 == min(height, core.y1 + halo))
                for row in core.y0..<core.y1 { for column in core.x0..<core.x1 { counts[row * width + column] += 1 } }
            }
            #expect(counts.allSatisfy { $0 == 1 })
        }
        #expect(ImageTile.all(height: 64, width: 64, size: 64, halo: 9).count == 1)
        // Equal parts, not one of 30 and one of 1.
        #expect(ImageTile.all(height: 31, width: 10, size: 30, halo: 0).map(\.core.height) == [15, 16])
    }

    // MARK: Objects

    /// In one core, over two tiles, at the corner of four, over all of a row, and across the whole image.
    @Test(
        arguments: [
            (5..<15, 5..<20), (10..<20, 20..<45), (20..<40, 22..<41), (40..<50, 0..<120), (0..<90, 58..<63),
            (0..<90, 0..<120), (29..<31, 29..<31), (29..<30, 5..<6), (31..<37, 31..<37),
        ])
    func anObjectIsFoundOnceAndWhole(rows: Range<Int>, columns: Range<Int>) throws {
        let found = try Self.objects(Self.scene([(200, rows, columns)]))
        #expect(found.count == 1)
        #expect(found.first?.rle == Self.rle(rows, columns))
        #expect(found.first?.box == PixelBox(of: (rows, columns)))
    }

    /// Objects that touch inside a tile, along its border and at its corner stay apart.
    @Test func objectsThatTouchStayApart() throws {
        let parts: [(UInt8, Range<Int>, Range<Int>)] = [
            (250, 10..<50, 10..<30), (240, 10..<50, 30..<44), (230, 50..<70, 10..<44), (220, 20..<40, 44..<90),
            (210, 70..<71, 28..<33), (200, 71..<72, 28..<33),
        ]
        let found = try Self.objects(Self.scene(parts))
        #expect(found.map(\.rle) == parts.map { Self.rle($0.1, $0.2) })
        #expect(found.map(\.predictedIoU) == parts.map { Float($0.0) / 255 })
    }

    /// A ring around tiles that see nothing of it is one object.
    @Test func aRingIsOneObject() throws {
        var image = Self.scene([(200, 10..<80, 10..<110)])
        for row in 16..<74 { for column in 16..<104 { image[row, column] = .black } }
        let found = try Self.objects(image)
        #expect(found.count == 1)
        #expect(found.first?.area == 70 * 100 - 58 * 88)
    }

    /// What a tile sees wrongly in its halo, the tile whose core it is puts right.
    @Test func theCoreDecides() throws {
        let (rows, columns) = (10..<20, 20..<50)
        // The outermost three pixels of what a tile sees are lost wherever the object is cut off.
        var segmenter = ColourSegmenter()
        segmenter.distort = { mask, _ in
            Bitmap(height: mask.height, width: mask.width) { pixels in
                for row in 0..<mask.height {
                    for column in 3..<mask.width - 3 where mask[row, column] { pixels[row * mask.width + column] = 1 }
                }
            }
        }
        let found = try Self.objects(Self.scene([(200, rows, columns)]), segmenter)
        #expect(found.map(\.rle) == [Self.rle(rows, columns)])
    }

    /// A tile that does not find its part of an object takes it from the neighbour's halo.
    @Test func partsThatATileMissesComeFromTheHalo() throws {
        // The core ends at column 30; the second tile (number 1) is blind for the object.
        var segmenter = ColourSegmenter()
        segmenter.blind = [1: [200]]
        let found = try Self.objects(Self.scene([(200, 5..<15, 20..<36)]), segmenter)
        #expect(found.map(\.rle) == [Self.rle(5..<15, 20..<36)])
    }

    /// What only a neighbour sees in its halo is no object; what two neighbours see is one.
    @Test func viewsInTheHaloNeedASecondOne() throws {
        // In the core of tile 1, in the halo of tile 0 alone.
        var segmenter = ColourSegmenter()
        segmenter.blind = [1: [200]]
        let seenOnce = try Self.objects(Self.scene([(200, 5..<15, 31..<36)]), segmenter)
        #expect(seenOnce.isEmpty)
        // At the corner of four: tile 5 is blind; 0, 1 and 4 see it in their halos.
        segmenter.blind = [5: [200]]
        let seenThrice = try Self.objects(Self.scene([(200, 31..<36, 31..<36)]), segmenter)
        #expect(seenThrice.map(\.rle) == [Self.rle(31..<36, 31..<36)])
    }

    /// Without a halo nothing overlaps, and each tile's part is an object.
    @Test func withoutAHaloObjectsAreCut() throws {
        let found = try Self.objects(Self.scene([(200, 5..<15, 20..<40)]), halo: 0)
        #expect(found.map(\.area) == [100, 100])
    }

    /// Scores, point and crop are those of the tile that gives most pixels, in the frame of the image.
    @Test func theLargestPartSpeaksForTheObject() throws {
        let found = try Self.objects(Self.scene([(200, 40..<50, 25..<55)]))
        #expect(found.count == 1)
        // The second tile of the second row has columns 30 to 55 of it; its window begins at (22, 22).
        #expect(found.first?.point == PointGrid.Place(x: 23, y: 24))
        #expect(found.first?.cropBox == PixelBox(x0: 22, y0: 22, x1: 68, y1: 68))
    }

    @Test func eachTileIsSeenWithItsHalo() throws {
        var segmenter = ColourSegmenter()
        segmenter.distort = { mask, _ in
            #expect([38, 46].contains(mask.height) && [38, 46].contains(mask.width))
            return mask
        }
        _ = try Self.objects(Self.scene([(200, 0..<90, 0..<120)]), segmenter)
    }

    // MARK: The rest

    /// Noise of small and large rectangles, some hidden in part: the same bytes at every number of workers.
    @Test func resultDependsOnNoThread() throws {
        var random = CounterRandom(seed: 4, purpose: RandomPurpose("scene"))
        let parts = (0..<40).map { index in
            let (top, left) = (Int(random.uniform() * 80), Int(random.uniform() * 110))
            return (
                UInt8(index + 100), top..<min(90, top + 1 + Int(random.uniform() * 40)),
                left..<min(120, left + 1 + Int(random.uniform() * 40))
            )
        }
        let image = Self.scene(parts)
        let runs = try atEveryWorkerCount { try Self.objects(image) }
        #expect(runs.allSatisfy { $0 == runs[0] })
        // Every visible colour is found once, whole: its visible parts lie together or are joined through the tile.
        let union = try RLE.union(runs[0].map(\.rle))
        let visible = image.pixels.enumerated().count { $0.offset % 3 == 0 && $0.element != 0 }
        #expect(union.area == visible && runs[0].reduce(0) { $0 + $1.area } == visible)
    }

    @Test func anImageOfOneTileIsLeftToTheSegmenter() throws {
        var generator = try TiledMaskGenerator(ColourSegmenter(), tileSize: 200, halo: 20)
        let found = try generator.masks(of: Self.scene([(200, 40..<50, 25..<55)]))
        #expect(found.first?.cropBox == PixelBox(x0: 0, y0: 0, x1: 120, y1: 90))
    }

    @Test func workCanBeEnded() throws {
        var generator = try TiledMaskGenerator(ColourSegmenter(), tileSize: 30, halo: 8)
        var asked = 0
        let found = try generator.masks(of: Self.scene([])) {
            asked += 1
            return asked == 3
        }
        #expect(found == nil && asked == 3)
    }

    @Test func tilesThatMeanNothingAreNamed() {
        for (tile, halo, threshold, words) in [
            (8, 0, 0.5, "tile is 8"), (64, 65, 0.5, "halo is 65"), (64, -1, 0.5, "halo is -1"), (64, 8, 0, "IoU"),
            (64, 8, .nan, "IoU"),
        ] {
            #expect {
                try TiledMaskGenerator(ColourSegmenter(), tileSize: tile, halo: halo, matchThreshold: threshold)
            } throws: {
                ($0 as? SAMError)?.code == .options && "\($0)".contains(words)
            }
        }
    }
}
