import Augmentation
import Foundation
import Images
import JSONText
import Masks
import Runtime

/// Images of 1024 x 1024 pixels with eight objects each, taken through a step of augmentation: as many at once as there
/// are threads, one thread an image, as loaders do it.
struct AugmentationCase: BenchCase {
    static let group = "augmentation"
    static let all = [
        AugmentationCase(
            kind: "affine", step: ["Affine": ["rotate": [-30, 30], "scale": [0.8, 1.2], "p": 1]], objects: 8),
        AugmentationCase(
            kind: "affine-one-mask", step: ["Affine": ["rotate": [-30, 30], "scale": [0.8, 1.2], "p": 1]], objects: 1),
        AugmentationCase(kind: "color-jitter", step: ["ColorJitter": ["p": 1]], objects: 0),
        AugmentationCase(
            kind: "elastic", step: ["ElasticTransform": ["alpha": 300, "sigma": 30, "p": 1]], objects: 8),
        AugmentationCase(kind: "rotate-90", step: ["RandomRotate90": ["p": 1]], objects: 8),
        AugmentationCase(kind: "clahe", step: ["CLAHE": ["clip_limit": [4, 4], "p": 1]], objects: 0),
        AugmentationCase(kind: "median-3", step: ["MedianBlur": ["blur_limit": [3, 3], "p": 1]], objects: 0),
        AugmentationCase(kind: "median-5", step: ["MedianBlur": ["blur_limit": [5, 5], "p": 1]], objects: 0),
        AugmentationCase(kind: "median-7", step: ["MedianBlur": ["blur_limit": [7, 7], "p": 1]], objects: 0),
    ]

    /// Images that one run takes through the step.
    private static let images = 8
    private static let side = 1024

    /// Of the step, in the name.
    let kind: String
    /// As a chain's description has it; the peer takes the same.
    let step: AugmentationValue
    /// Masks of each image: discs of 180 pixels across.
    let objects: Int

    var title: String { kind }
    var detail: String {
        "\(kind) of \(Self.images) images of \(Self.side) x \(Self.side), \(objects) masks each, one thread an image"
    }
    var peers: [Peer] { [.albumentations] }
    var peerRequest: JSONValue {
        .request("augmentation", ["images": Self.images, "side": Self.side, "objects": objects])
            .with("step", .string(step.json))
    }

    func prepare() throws -> () throws -> Void {
        let chain = try AugmentationChain([step])
        let samples = try (0..<Self.images).map { try sample(UInt64($0)) }
        let count = RunCount()
        return {
            let epoch = count.next()
            // Only that it was made is kept, so that memory is that of the images in flight.
            _ = try Workers.map(samples.count) { index in
                let result = try chain(
                    samples[index], key: AugmentationKey(seed: 1, epoch: epoch, sample: UInt64(index)))
                return result.image.pixels.count
            }
        }
    }

    private func sample(_ number: UInt64) throws -> AugmentationSample {
        var random = CounterRandom(seed: 1, sample: number, purpose: RandomPurpose("augmentation bench"))
        let side = Self.side
        let image = RGBImage(
            height: side, width: side,
            pixels: (0..<side * side * 3).map { index in
                let pixel = index / 3
                let wave = sin(Double(pixel % side) / 40) + cos(Double(pixel / side) / 25 + Double(index % 3))
                return UInt8(120 + 50 * wave + random.uniform(0..<20))
            })
        let objects = try (0..<objects).map { index -> AugmentedObject in
            let (x, y) = (random.uniform(120..<900), random.uniform(120..<900))
            let ring = (0..<90).flatMap { step -> [Double] in
                let angle = Double(step) * .pi / 45
                return [x + 90 * cos(angle), y + 90 * sin(angle)]
            }
            return AugmentedObject(index: index, mask: try RLE(height: side, width: side, polygons: [ring]))
        }
        return AugmentationSample(image: image, objects: objects)
    }
}

/// Counts the runs, so that each draws anew.
private final class RunCount {
    private var count: UInt64 = 0

    /// The number of this run, from 1.
    func next() -> UInt64 {
        count += 1
        return count
    }
}
