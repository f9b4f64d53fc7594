import Augmentation
import Images
import Masks
import Runtime
import Testing

@Suite struct MixingTests {
    /// Twelve samples of discs, all of the size of the sample itself.
    static let partners = AugmentationPartners(count: 12) { SyntheticSample.discs(count: 3, seed: UInt64(50 + $0)) }

    static func paste(_ parameters: [AugmentationMember], _ number: UInt64, on sample: AugmentationSample) throws
        -> AugmentedSample
    {
        let step = AugmentationMember("CopyPaste", .object(parameters + [AugmentationMember("p", 1)]))
        return try AugmentationChain([.object([step])])(
            sample, key: AugmentationKey(seed: 4, sample: number), partners: partners)
    }

    @Test func pastedObjectsAreOnTop() throws {
        let sample = SyntheticSample.discs(count: 5, seed: 20)
        var pasted = 0
        for number in 0..<40 as Range<UInt64> {
            let result = try Self.paste([AugmentationMember("blend", 0)], number, on: sample)
            // No pixel has two masks, since the discs of one sample share none.
            for (index, object) in result.objects.enumerated() {
                for other in result.objects[..<index] { #expect(object.mask.intersectionArea(other.mask) == 0) }
            }
            let new = result.objects.filter { $0.partner != nil }
            #expect(new.count <= 5)
            pasted += new.count
            // Where nothing was pasted, the picture is as it was; where something was, it has a disc's colour.
            let cover = try RLE.union(new.map(\.mask) + [RLE(height: 120, width: 160)]).bitmap()
            for pixel in 0..<120 * 160 {
                if cover.pixels[pixel] == 0 {
                    #expect(result.image.pixels[3 * pixel] == sample.image.pixels[3 * pixel])
                }
            }
            // Every object of the sample is there or dropped, and masks only lose what is covered.
            let own = result.objects.filter { $0.partner == nil }
            let lost = result.dropped.filter { $0.partner == nil }
            #expect((own.map(\.index) + lost.map(\.index)).sorted() == Array(0..<5))
            for object in own {
                let before = sample.objects[object.index].mask
                #expect(
                    object.mask == (try before.subtracting(RLE.union(new.map(\.mask) + [RLE(height: 120, width: 160)])))
                )
                #expect(Double(object.mask.area) >= 0.1 * Double(before.area))
            }
            #expect(lost.allSatisfy { $0.rule == .covered })
        }
        #expect(pasted > 60)
    }

    @Test func categoriesAndCrowdsAreHeeded() throws {
        let crowds = AugmentationPartners(count: 1) { _ in
            var sample = SyntheticSample.discs(count: 4, seed: 77)
            sample.objects[1].isCrowd = true
            return sample
        }
        let sample = SyntheticSample.discs(count: 2, seed: 30)
        for number in 0..<20 as Range<UInt64> {
            // Discs 0 and 3 are of category 0, disc 1 of category 1 and a crowd.
            let chain = try AugmentationChain([["CopyPaste": ["categories": [0, 1], "num_objects_range": 9, "p": 1]]])
            let result = try chain(sample, key: AugmentationKey(seed: 1, sample: number), partners: crowds)
            let indices = (result.objects + []).filter { $0.partner != nil }.map(\.index)
            #expect(Set(indices).isSubset(of: [0, 3]))
            let gone = result.dropped.filter { $0.partner != nil }.count
            #expect(indices.count + gone >= 1)
        }
        // A crowd below is covered like any other object, but never dropped for the share that is left.
        var crowded = sample
        crowded.objects[0].isCrowd = true
        crowded.objects[0].mask = RLE(Bitmap(height: 120, width: 160, pixels: [UInt8](repeating: 1, count: 120 * 160)))
        let result = try Self.paste([AugmentationMember("min_visibility", 1)], 3, on: crowded)
        let crowd = try #require(result.objects.first { $0.isCrowd })
        #expect(crowd.mask.area < 120 * 160)
    }

    /// Nothing fits, nothing is there to paste: the sample stays.
    @Test func nothingToPaste() throws {
        let empty = AugmentationPartners(count: 2) { _ in
            AugmentationSample(image: RGBImage(height: 8, width: 8), objects: [])
        }
        let sample = SyntheticSample.discs()
        let result = try AugmentationChain([["CopyPaste": ["p": 1]]])(
            sample, key: AugmentationKey(seed: 1, sample: 1), partners: empty)
        #expect(result.image == sample.image && result.objects == sample.objects)
    }

    @Test func smallFramesTakeSmallPieces() throws {
        let sample = AugmentationSample(image: RGBImage(height: 7, width: 5, filling: .white), objects: [])
        for number in 0..<10 as Range<UInt64> {
            let result = try Self.paste([], number, on: sample)
            #expect(result.image.height == 7 && result.image.width == 5)
            for object in result.objects { #expect(object.mask.area <= 35 && !object.mask.isEmpty) }
        }
    }

    @Test func blendingKeepsTheInside() throws {
        let sample = AugmentationSample(image: RGBImage(height: 120, width: 160, filling: .white), objects: [])
        let sharp = try Self.paste(
            [AugmentationMember("blend", 0), AugmentationMember("num_objects_range", [1, 1])], 6, on: sample)
        let soft = try Self.paste(
            [AugmentationMember("blend", 2), AugmentationMember("num_objects_range", [1, 1])], 6, on: sample)
        #expect(sharp.objects == soft.objects)
        let mask = try #require(sharp.objects.first).mask.bitmap()
        let inner = mask.eroded(iterations: 2)
        var border = 0
        for pixel in 0..<120 * 160 {
            if inner.pixels[pixel] == 1 || mask.pixels[pixel] == 0 {
                #expect(sharp.image.pixels[3 * pixel] == soft.image.pixels[3 * pixel])
            } else if sharp.image.pixels[3 * pixel] < soft.image.pixels[3 * pixel] {
                border += 1
            }
        }
        #expect(border > 40)
    }

    @Test(arguments: ["cover", "contain"])
    func mosaicShowsItsPieces(mode: String) throws {
        let sample = SyntheticSample.discs(count: 4, seed: 40)
        let chain = try AugmentationChain([
            [
                "Mosaic": [
                    "target_size": [140, 180], "cell_shape": [100, 120], "fit_mode": .text(mode), "fill": 200, "p": 1,
                ]
            ]
        ])
        var parts: Set<Int> = []
        for number in 0..<20 as Range<UInt64> {
            let result = try chain(sample, key: AugmentationKey(seed: 4, sample: number), partners: Self.partners)
            #expect(result.image.height == 140 && result.image.width == 180)
            for (place, object) in result.objects.enumerated() {
                #expect(object.mask.height == 140 && object.mask.width == 180)
                for other in result.objects[..<place] { #expect(object.mask.intersectionArea(other.mask) == 0) }
                // Each mask lies on a disc: neither on black ground nor on fill, but for its border.
                let inner = object.mask.bitmap().eroded(iterations: 2)
                for pixel in 0..<inner.pixels.count where inner.pixels[pixel] == 1 {
                    let colour = (result.image.pixels[3 * pixel], result.image.pixels[3 * pixel + 1])
                    #expect(colour.0 >= 100 && colour != (200, 200))
                }
                for point in object.points {
                    #expect(object.mask.bitmap()[Int(point.y.rounded()), Int(point.x.rounded())])
                }
            }
            // Own objects come first.
            let own = result.objects.map { $0.partner == nil }
            #expect(own == own.sorted { $0 && !$1 })
            parts.formUnion(result.objects.compactMap(\.partner))
        }
        #expect(parts.count > 6)
    }

    @Test func dropoutTakesMasksWhereAsked() throws {
        let sample = SyntheticSample.discs(count: 4, seed: 41)
        for number in 0..<10 as Range<UInt64> {
            let key = AugmentationKey(seed: 1, sample: number)
            func run(_ fill: AugmentationValue) throws -> AugmentedSample {
                try AugmentationChain([
                    ["CoarseDropout": ["num_holes_range": [3, 6], "fill": 250, "fill_mask": fill, "p": 1]]
                ])(sample, key: key)
            }
            let (kept, taken) = (try run(nil), try run(0))
            #expect(kept.objects == sample.objects && kept.image == taken.image && kept.image != sample.image)
            for object in taken.objects {
                let mask = object.mask.bitmap()
                for pixel in 0..<mask.pixels.count where mask.pixels[pixel] == 1 {
                    #expect(taken.image.pixels[3 * pixel] == sample.image.pixels[3 * pixel])
                }
                #expect(object.points.allSatisfy { mask[Int($0.y), Int($0.x)] })
            }
            #expect(taken.dropped.allSatisfy { $0.rule == .covered })
        }
    }
}
