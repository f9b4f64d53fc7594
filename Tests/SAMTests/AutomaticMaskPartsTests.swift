import Foundation
import Masks
import Runtime
import SAM
import TestSupport
import Testing

/// The parts of the automatic mask generator, each against what it is defined as.
@Suite struct AutomaticMaskPartsTests {
    // MARK: Points and crops

    @Test func gridsAreTheCentresOfCells() {
        #expect(PointGrid.regular(side: 1) == [PointGrid.Place(x: 0.5, y: 0.5)])
        let grid = PointGrid.regular(side: 4)
        #expect(grid.map(\.x)[..<5] == [0.125, 0.375, 0.625, 0.875, 0.125])
        #expect(grid.map(\.y)[..<5] == [0.125, 0.125, 0.125, 0.125, 0.375])
        for side in [3, 7, 32, 100] {
            let grid = PointGrid.regular(side: side)
            #expect(grid.count == side * side)
            for (index, place) in grid.enumerated() {
                #expect(abs(place.x - (Double(index % side) + 0.5) / Double(side)) < 1e-15)
                #expect(abs(place.y - (Double(index / side) + 0.5) / Double(side)) < 1e-15)
            }
        }
    }

    /// The numbers that `generate_crop_boxes((768, 1024), 2, 512 / 1500)` gives.
    @Test func cropsAreTheReferences() {
        let crops = ImageCrop.all(height: 768, width: 1024, layers: 2, overlapRatio: 512.0 / 1500.0)
        #expect(
            crops.count == 21
                && crops.map(\.layer) == [0] + Array(repeating: 1, count: 4) + Array(repeating: 2, count: 16))
        func corners(_ crop: ImageCrop) -> [Int] { [crop.box.x0, crop.box.y0, crop.box.x1, crop.box.y1] }
        #expect(corners(crops[0]) == [0, 0, 1024, 768])
        #expect(corners(crops[1]) == [0, 0, 643, 515])
        #expect(corners(crops[2]) == [0, 253, 643, 768])
        #expect(corners(crops[4]) == [381, 253, 1024, 768])
        #expect(corners(crops[5]) == [0, 0, 355, 291])
        #expect(corners(crops[20]) == [672, 480, 1024, 768])
    }

    /// Whatever the size, crops lie inside and cover the image.
    @Test func cropsCoverTheImage() {
        for (height, width) in [(1, 1), (3, 5), (17, 200), (64, 48)] {
            for ratio in [0.0, 0.3, 1.0] {
                for layers in 1...3 {
                    let crops = ImageCrop.all(height: height, width: width, layers: layers, overlapRatio: ratio)
                    for layer in 0...layers {
                        var covered = Bitmap(height: height, width: width)
                        for crop in crops where crop.layer == layer {
                            let box = crop.box
                            #expect(box.x0 >= 0 && box.y0 >= 0 && box.x0 < box.x1 && box.y0 < box.y1)
                            #expect(box.x1 <= width && box.y1 <= height)
                            for row in box.y0..<box.y1 { for column in box.x0..<box.x1 { covered[row, column] = true } }
                        }
                        #expect(covered.area == height * width)
                    }
                }
            }
        }
    }

    @Test func masksAtACropsInnerEdgeAreDropped() {
        let image = PixelBox(x0: 0, y0: 0, x1: 200, y1: 100)
        let crop = PixelBox(x0: 80, y0: 0, x1: 200, y1: 100)
        // Within 20 pixels of the crop's left edge, which is not the image's.
        #expect(PixelBox(x0: 100, y0: 40, x1: 150, y1: 60).isNearEdge(of: crop, notOf: image))
        #expect(!PixelBox(x0: 101, y0: 40, x1: 150, y1: 60).isNearEdge(of: crop, notOf: image))
        // At the image's own edges nothing is cut off by the crop.
        #expect(!PixelBox(x0: 110, y0: 0, x1: 199, y1: 99).isNearEdge(of: crop, notOf: image))
        // A crop's edge that lies within the tolerance of the image's counts as the image's.
        let near = PixelBox(x0: 15, y0: 0, x1: 100, y1: 100)
        #expect(!PixelBox(x0: 15, y0: 30, x1: 60, y1: 60).isNearEdge(of: near, notOf: image))
        #expect(PixelBox(x0: 40, y0: 30, x1: 99, y1: 60).isNearEdge(of: near, notOf: image))
        #expect(!PixelBox(x0: 0, y0: 0, x1: 199, y1: 99).isNearEdge(of: image, notOf: image))
    }

    // MARK: Suppression

    @Test func suppressionKeepsTheBestOfOverlappingBoxes() {
        func box(_ x: Int, _ width: Int) -> PixelBox { PixelBox(x0: x, y0: 0, x1: x + width, y1: 10) }
        // The second overlaps the first; the third overlaps the second alone, which is gone by then.
        let boxes = [box(0, 10), box(2, 10), box(4, 10), box(50, 10)]
        #expect(BoxSuppression.kept(boxes: boxes, scores: [0.9, 0.8, 0.7, 0.95], threshold: 0.5) == [3, 0, 2])
        #expect(BoxSuppression.kept(boxes: boxes, scores: [0.5, 0.8, 0.7, 0.1], threshold: 0.5) == [1, 3])
        // Of equal scores the first comes first.
        #expect(BoxSuppression.kept(boxes: boxes, scores: [1, 1, 1, 1], threshold: 0.5) == [0, 2, 3])
        #expect(BoxSuppression.kept(boxes: boxes, scores: [1, 1, 1, 1], threshold: 0.9) == [0, 1, 2, 3])
        #expect(BoxSuppression.kept(boxes: [], scores: [], threshold: 0.5) == [])
    }

    /// As torchvision on a CPU: an IoU of 8 / 10 in 32 bits is above 0.8 in 64; boxes of no area drop nothing; NaN first.
    @Test func suppressionRoundsAsTheReference() {
        let nested = [PixelBox(x0: 0, y0: 0, x1: 10, y1: 1), PixelBox(x0: 0, y0: 0, x1: 8, y1: 1)]
        #expect(BoxSuppression.kept(boxes: nested, scores: [1, 0.5], threshold: 0.8) == [0])
        #expect(BoxSuppression.kept(boxes: nested, scores: [1, 0.5], threshold: 0.81) == [0, 1])
        let nothing = [PixelBox](repeating: PixelBox(x0: 5, y0: 5, x1: 5, y1: 5), count: 3)
        #expect(BoxSuppression.kept(boxes: nothing, scores: [0.1, .nan, 0.2], threshold: 0.5) == [1, 2, 0])
    }

    // MARK: Small regions

    private static func bitmap(_ rows: [String]) -> Bitmap {
        Bitmap(height: rows.count, width: rows[0].count, pixels: rows.joined().map { $0 == "#" ? 1 : 0 })
    }

    @Test func smallHolesAreFilled() {
        let mask = Self.bitmap([
            "#######.",
            "#.###.#.",
            "###.#.#.",
            "####.##.",
            "#######.",
        ])
        // (1,1) is a hole of one pixel. The others touch at corners and are one of four.
        let small = Self.bitmap(["#######.", "#####.#.", "###.#.#.", "####.##.", "#######."])
        #expect(SmallRegions.fillingHoles(of: mask, below: 2) == small)
        #expect(SmallRegions.fillingHoles(of: mask, below: 4) == small)
        let filled = Self.bitmap(Array(repeating: "#######.", count: 5))
        #expect(SmallRegions.fillingHoles(of: mask, below: 5) == filled)
        // The background around is a region like any other.
        #expect(SmallRegions.fillingHoles(of: mask, below: 6)?.area == 40)
        #expect(SmallRegions.fillingHoles(of: mask, below: 1) == nil)
    }

    @Test func smallIslandsAreRemoved() {
        let mask = Self.bitmap([
            "##....#.",
            "##.....#",
            "....#...",
            "...#....",
        ])
        #expect(
            SmallRegions.removingIslands(of: mask, below: 3)
                == Self.bitmap(["##......", "##......", "........", "........"]))
        #expect(SmallRegions.removingIslands(of: mask, below: 2) == nil)
        // If all are too small the largest one stays.
        #expect(
            SmallRegions.removingIslands(of: mask, below: 9)
                == Self.bitmap(["##......", "##......", "........", "........"]))
        #expect(SmallRegions.removingIslands(of: Bitmap(height: 3, width: 3), below: 9) == nil)
    }

    /// Of regions of one size OpenCV, and so the reference, numbers that first whose first block of 2 x 2 comes first.
    @Test func ofEqualIslandsTheFirstBlockStays() {
        let mask = Self.bitmap([
            "....##..",
            "#.......",
            "#.......",
        ])
        // By pixels the right one comes first, by blocks the left one.
        #expect(SmallRegions.removingIslands(of: mask, below: 5) == Self.bitmap(["........", "#.......", "#......."]))
    }

    @Test func cleaningFillsBeforeItRemoves() {
        let mask = Self.bitmap(["#####...", "#.#.#..#", "#####..."])
        #expect(SmallRegions.cleaned(mask, below: 2) == Self.bitmap(["#####...", "#####...", "#####..."]))
        #expect(SmallRegions.cleaned(Self.bitmap(["#####..."]), below: 2) == nil)
    }

    // MARK: Options

    @Test func optionsThatMeanNothingAreNamed() throws {
        func failure(_ change: (inout AutomaticMaskOptions) -> Void) -> String {
            var options = AutomaticMaskOptions()
            change(&options)
            do throws(SAMError) {
                try options.validate()
                return ""
            } catch {
                #expect(error.code == .options && error.kind == .usage)
                return error.message
            }
        }
        #expect(failure { _ in } == "")
        #expect(failure { $0.pointsPerSide = 0 }.contains("points-per-side is 0"))
        #expect(failure { $0.pointsPerSide = 2_000_000 }.contains("points-per-side is 2000000"))
        #expect(failure { $0.pointsPerBatch = 0 }.contains("points-per-batch"))
        #expect(failure { $0.predIoUThresh = .nan }.contains("pred-iou-thresh"))
        #expect(failure { $0.stabilityScoreOffset = -1 }.contains("stability-score-offset"))
        #expect(failure { $0.boxNMSThresh = .infinity }.contains("box-nms-thresh"))
        #expect(failure { $0.cropNLayers = 7 }.contains("crop-n-layers is 7"))
        #expect(failure { $0.cropOverlapRatio = 1.5 }.contains("crop-overlap-ratio"))
        #expect(failure { $0.minMaskRegionArea = -1 }.contains("min-mask-region-area"))
        #expect(
            failure {
                $0.cropNLayers = 2
                $0.cropNPointsDownscaleFactor = 8
            }.contains("points-per-side of crop layer 2 is 0"))
        #expect(failure { $0.pointGrids = [] }.contains("point grids"))
        #expect(failure { $0.pointGrids = [[PointGrid.Place(x: 0.5, y: 1.5)]] }.contains("(0.5, 1.5)"))
    }
}
