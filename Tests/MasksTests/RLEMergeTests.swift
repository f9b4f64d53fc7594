import Masks
import TestSupport
import Testing

@Suite struct RLEMergeTests {
    @Test func mergesMatchCOCO() throws {
        for item in try MaskFixtures.load("merges.json", as: MaskFixtures.Merge.self) {
            let masks = try item.masks.map { try RLE(item.h, item.w, $0) }
            #expect(try RLE.union(masks).compressedString == item.union)
            #expect(try RLE.intersection(masks).compressedString == item.intersection)
        }
    }

    @Test(arguments: 0..<60)
    func mergesMatchPixels(index: Int) throws {
        let a = ReferenceMask.random(index)
        let other = ReferenceMask.random(index + 1000)
        let b = ReferenceMask.remapped(other, height: a.height, width: a.width) {
            ($0 % other.height, $1 % other.width)
        }
        let masks = [RLE(a), RLE(b)]
        let union = ReferenceMask.combined(a, b) { $0 || $1 }
        let intersection = ReferenceMask.combined(a, b) { $0 && $1 }
        #expect(try RLE.union(masks) == RLE(union))
        #expect(try RLE.intersection(masks) == RLE(intersection))
        #expect(try RLE.symmetricDifference(masks) == RLE(ReferenceMask.combined(a, b) { $0 != $1 }))
        #expect(masks[0].intersectionArea(masks[1]) == intersection.area)
        let overlap = try RLE.intersectionOverUnion(detections: [masks[0]], groundTruth: [masks[1]])
        #expect(overlap == [union.area == 0 ? 0 : Double(intersection.area) / Double(union.area)])
    }

    @Test func overlapsMatchCOCO() throws {
        for item in try MaskFixtures.load("overlaps.json", as: MaskFixtures.Overlap.self) {
            let detections = try item.dt.map { try RLE(item.h, item.w, $0) }
            let truth = try item.gt.map { try RLE(item.h, item.w, $0) }
            let crowd = item.iscrowd.map { $0 == 1 }
            for overlaps in try atEveryWorkerCount({
                try RLE.intersectionOverUnion(detections: detections, groundTruth: truth, isCrowd: crowd)
            }) {
                #expect(overlaps == item.iou)
            }
            let boxes = Box.intersectionOverUnion(
                detections: item.dtBoxes.map(Box.init), groundTruth: item.gtBoxes.map(Box.init), isCrowd: crowd)
            #expect(boxes == item.boxIou)
        }
    }

    @Test func differentSizesAreRefused() throws {
        let a = try RLE(height: 2, width: 3)
        let b = try RLE(height: 3, width: 2)
        #expect(throws: MaskError.self) { try RLE.union([a, b]) }
        #expect(throws: MaskError.self) { try RLE.intersection([a, b]) }
        #expect(throws: MaskError.self) { try RLE.intersectionOverUnion(detections: [a], groundTruth: [b]) }
        #expect(throws: MaskError.self) { try RLE.union([]) }
    }

    @Test func nothingToCompareIsNoOverlap() throws {
        let mask = try RLE(height: 2, width: 3, counts: [1, 5])
        #expect(try RLE.intersectionOverUnion(detections: [], groundTruth: [mask]) == [])
        #expect(try RLE.intersectionOverUnion(detections: [mask], groundTruth: []) == [])
    }
}
