import Augmentation
import Foundation
import Images
import Masks
import Runtime

/// Pictures with objects of which everything is known.
enum SyntheticSample {
    /// Discs of one colour each on black, and their masks; the discs do not touch. Each has its middle as point.
    static func discs(
        height: Int = 120, width: Int = 160, count: Int = 4, seed: UInt64 = 1, radius: Double = 14
    ) -> AugmentationSample {
        var random = CounterRandom(seed: seed, purpose: RandomPurpose("discs"))
        var image = RGBImage(height: height, width: width)
        var objects: [AugmentedObject] = []
        var centres: [(x: Double, y: Double)] = []
        while centres.count < count {
            let centre = (
                x: random.uniform(radius + 1..<Double(width) - radius - 1),
                y: random.uniform(radius + 1..<Double(height) - radius - 1)
            )
            let isFree = centres.allSatisfy { hypot($0.x - centre.x, $0.y - centre.y) > 2 * radius + 4 }
            if isFree { centres.append(centre) }
        }
        for (index, centre) in centres.enumerated() {
            var bitmap = Bitmap(height: height, width: width)
            let colour = RGBColour(
                UInt8(120 + 30 * (index % 4)), UInt8(255 - 40 * (index % 5)), UInt8(90 + 50 * (index % 3)))
            for row in 0..<height {
                for column in 0..<width
                where hypot(Double(column) - centre.x, Double(row) - centre.y) <= radius {
                    bitmap[row, column] = true
                    image[row, column] = colour
                }
            }
            objects.append(
                AugmentedObject(
                    index: index, category: index % 3, mask: RLE(bitmap),
                    points: [AugmentedObject.Point(x: centre.x.rounded(), y: centre.y.rounded())]))
        }
        return AugmentationSample(image: image, objects: objects)
    }

    /// Smooth colours, in which a shift of a fraction of a pixel changes little.
    static func waves(height: Int, width: Int) -> RGBImage {
        RGBImage(
            height: height, width: width,
            pixels: (0..<height * width).flatMap { pixel -> [UInt8] in
                let (y, x) = (Double(pixel / width), Double(pixel % width))
                return [
                    UInt8(127 + 110 * sin(x / 6 + y / 9)), UInt8(127 + 110 * sin(y / 5 - x / 11 + 2)),
                    UInt8(127 + 110 * cos(x / 8 + y / 7 + 1)),
                ]
            })
    }

    /// A mask as a picture of black and white.
    static func picture(of mask: RLE) -> RGBImage {
        RGBImage(
            height: mask.height, width: mask.width,
            pixels: mask.bitmap().pixels.flatMap { [$0 * 255, $0 * 255, $0 * 255] })
    }

    /// The pixels of a picture whose red is at least one half.
    static func mask(of image: RGBImage) -> RLE {
        RLE(
            Bitmap(
                height: image.height, width: image.width,
                pixels: (0..<image.height * image.width).map { image.pixels[3 * $0] >= 128 ? 1 : 0 }))
    }

    /// Intersection over union; 1 for two empty masks.
    static func overlap(_ a: RLE, _ b: RLE) -> Double {
        let shared = a.intersectionArea(b)
        let union = a.area + b.area - shared
        return union == 0 ? 1 : Double(shared) / Double(union)
    }

    /// The largest difference of two images' samples.
    static func difference(_ a: RGBImage, _ b: RGBImage) -> Int {
        guard a.height == b.height, a.width == b.width else { return .max }
        return zip(a.pixels, b.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
    }

    /// The mean difference of two images' samples.
    static func meanDifference(_ a: RGBImage, _ b: RGBImage) -> Double {
        guard a.height == b.height, a.width == b.width else { return .infinity }
        return Double(zip(a.pixels, b.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }) / Double(a.pixels.count)
    }
}
