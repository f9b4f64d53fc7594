import Annotations
import Foundation
import Images
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct DeduplicateStageTests {
    /// A picture of slow waves in all directions, such as photographs are mostly made of.
    static func photograph(_ seed: Int, width: Int = 96, height: Int = 72) -> RGBImage {
        var random = CounterRandom(seed: UInt64(seed), purpose: RandomPurpose("photographs"))
        let amplitudes = (0..<64).map { _ in 14 * random.normal() }
        func waves(_ size: Int) -> [[Double]] {
            (0..<8).map { k in (0..<size).map { cos(.pi * Double(k) * (Double($0) + 0.5) / Double(size)) } }
        }
        let (across, down) = (waves(width), waves(height))
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width {
                var value = 127.0
                for v in 0..<8 { for u in 0..<8 { value += amplitudes[8 * v + u] * down[v][y] * across[u][x] } }
                let byte = UInt8(min(max(value, 0), 255))
                pixels += [byte, byte, byte]
            }
        }
        return RGBImage(height: height, width: width, pixels: pixels)
    }

    @Test func equalFilesAndPixels() throws {
        let (a, b) = (StageFixture.picture(width: 20, height: 10), StageFixture.picture(width: 20, height: 10, seed: 3))
        var samples = [
            try StageFixture.sample(width: 20, height: 10, id: 1, index: 0, picture: a),
            try StageFixture.sample(width: 20, height: 10, id: 2, index: 1, picture: b),
            try StageFixture.sample(width: 20, height: 10, id: 3, index: 2, picture: a),
            try StageFixture.sample(
                width: 10, height: 20, id: 4, index: 3, picture: RGBImage(height: 20, width: 10, pixels: a.pixels)),
        ]
        // The same pixels in another file.
        samples.append(samples[1])
        samples[4].labelled.image.id = 9
        let grown = StagedSample(
            {
                var image = samples[1].labelled
                image.image.id = 9
                image.encoded += [0]
                return image
            }(), sourceIndex: 4, header: samples[1].header)
        samples[4] = grown
        let (bytes, ledger) = try StageFixture.run(DeduplicateStage(by: .bytes), samples)
        #expect(bytes.map(\.labelled.image.id) == [1, 2, 4, 9])
        #expect(ledger.counts.map(\.rule) == ["duplicate.bytes"] && ledger.counts[0].ids == ["3"])
        #expect(ledger.examples[0].message == "it is the same as image 1")
        let (pixels, _) = try StageFixture.run(DeduplicateStage(by: .pixels), samples)
        #expect(pixels.map(\.labelled.image.id) == [1, 2, 4])
    }

    /// Another size, another compression, a little more light: the same picture. Another picture is another.
    @Test func picturesThatLookAlike() throws {
        var samples: [StagedSample] = []
        for seed in 0..<6 {
            let picture = Self.photograph(seed)
            let brighter = RGBImage(height: 72, width: 96, pixels: picture.pixels.map { UInt8(min(255, Int($0) + 6)) })
            let compressed = try ImageCodec.decodeRGB(ImageCodec.encodeJPEG(picture, quality: 40))
            for (variant, image) in [picture, brighter, compressed, picture.resized(width: 50, height: 40)].enumerated()
            {
                samples.append(
                    try StageFixture.sample(
                        width: image.width, height: image.height, id: .integer(Int64(10 * seed + variant)),
                        index: samples.count, picture: image))
            }
        }
        let (kept, ledger) = try StageFixture.run(DeduplicateStage(by: .perceptual, distance: 6), samples)
        #expect(kept.map(\.labelled.image.id) == [0, 10, 20, 30, 40, 50])
        #expect(ledger.counts[0].count == 18)
    }

    /// The bands find exactly what comparing everything finds.
    @Test(arguments: [0, 1, 4, 7, 15, 16, 40, 64])
    func nearHashesAreThoseOfAFullSearch(distance: Int) throws {
        var random = CounterRandom(seed: UInt64(distance), purpose: RandomPurpose("near hashes"))
        var near = NearHashes(distance: distance)
        var all: [UInt64] = []
        for _ in 0..<600 {
            var hash = all.isEmpty || random.uniform() < 0.3 ? random.next() : all[random.index(below: all.count)]
            for _ in 0..<random.index(below: max(2, 2 * distance)) { hash ^= 1 << UInt64(random.index(below: 64)) }
            let expected = all.firstIndex { ($0 ^ hash).nonzeroBitCount <= distance }
            #expect(near.first(near: hash) == expected)
            near.add(hash)
            all.append(hash)
        }
    }

    /// The hash by the sums of the cosine transform as they are written in textbooks.
    @Test func hashIsTheTransformsSigns() {
        for seed in 0..<4 {
            let image = Self.photograph(seed)
            let small = image.resized(width: 32, height: 32)
            var spectrum: [Double] = []
            for v in 0..<8 {
                for u in 0..<8 {
                    var sum = 0.0
                    for y in 0..<32 {
                        for x in 0..<32 {
                            let colour = small[y, x]
                            let grey =
                                0.299 * Double(colour.red) + 0.587 * Double(colour.green) + 0.114 * Double(colour.blue)
                            sum +=
                                grey * cos(.pi * Double(u) * (Double(x) + 0.5) / 32)
                                * cos(.pi * Double(v) * (Double(y) + 0.5) / 32)
                        }
                    }
                    spectrum.append(sum)
                }
            }
            let sorted = spectrum.sorted()
            let median = (sorted[31] + sorted[32]) / 2
            let bits = spectrum.map { $0 > median ? "1" : "0" }.joined()
            #expect(ImageFingerprint.perceptual(image) == UInt64(bits, radix: 2))
        }
    }

    @Test(arguments: [
        "{deduplicate: {by: colour}}", "{deduplicate: {distance: 3}}", "{deduplicate: {by: perceptual, distance: 65}}",
    ])
    func mistakesAreNamed(text: String) {
        #expect(throws: PipelineError.self) { try StageFixture.stage(text) }
    }
}
