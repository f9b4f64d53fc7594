import Images
import Masks
import Pipeline
import Runtime
import SAM
import Shards
import Tensors
import TestSupport
import Training

/// A model and a set of shards small enough to train within a test.
enum TrainingFixture {
    /// 32 pixels, four tokens a side, low-resolution masks of 16.
    static let configuration: SAMConfiguration = {
        var configuration = SAMConfiguration()
        configuration.vit.imageSize = 32
        configuration.vit.patchSize = 8
        configuration.vit.embedDim = 16
        configuration.vit.depth = 2
        configuration.vit.numHeads = 2
        configuration.vit.mlpDim = 32
        configuration.vit.windowSize = 3
        configuration.vit.globalAttentionIndexes = [1]
        configuration.promptEmbedDim = 16
        configuration.maskInChannels = 4
        configuration.transformerNumHeads = 2
        configuration.transformerMLPDim = 32
        configuration.iouHeadHiddenDim = 16
        return configuration
    }()

    /// A disc on a canvas.
    static func disc(row: Int, column: Int, radius: Int, height: Int, width: Int) -> RLE {
        var bitmap = Bitmap(height: height, width: width)
        for y in 0..<height {
            for x in 0..<width
            where (y - row) * (y - row) + (x - column) * (x - column) <= radius * radius { bitmap[y, x] = true }
        }
        return RLE(bitmap)
    }

    /// Images of two bright discs on a dark ground each, at places that depend on the image's number.
    static func samples(_ count: Int, classes: Int = 1) throws -> [ShardSample] {
        try (0..<count).map { number in
            let (height, width) = (40 + number % 3, 48)
            let discs = [
                disc(row: 12 + number % 5, column: 10 + number, radius: 5, height: height, width: width),
                disc(row: 28, column: 34 - number % 4, radius: 7, height: height, width: width),
            ]
            var image = RGBImage(height: height, width: width, filling: RGBColour(20, 10, 30))
            for disc in discs {
                for (pixel, value) in disc.bitmap().pixels.enumerated() where value != 0 {
                    image[pixel / width, pixel % width] = RGBColour(220, 180, 200)
                }
            }
            let objects = discs.enumerated().map { index, mask in
                ShardObject(
                    annotationID: "\(number * 2 + index)", categoryID: Int64(index % classes + 1),
                    categoryName: "disc \(index % classes + 1)", isCrowd: false, area: Double(mask.area),
                    box: mask.boundingBox, mask: mask)
            }
            return ShardSample(
                imageID: "\(number)", fileName: "\(number).png", format: "png", width: width, height: height,
                encoded: try ImageCodec.encodePNG(image), objects: objects)
        }
    }

    /// Writes samples as shards into `directory`.
    static func write(_ samples: [ShardSample], to directory: String) throws {
        let names = Dictionary(
            samples.flatMap(\.objects).map { ($0.categoryID, $0.categoryName) }, uniquingKeysWith: { first, _ in first }
        )
        let classes = names.sorted { $0.key < $1.key }.map { ShardClass(categoryID: $0.key, name: $0.value) }
        try ShardSetWriter.write(samples, manifest: ShardManifest(name: "discs", classes: classes), to: directory)
    }

    /// Shards and starting weights in `directory`, and a configuration of a short run on them.
    static func prepare(
        in directory: TemporaryDirectory, images: Int = 5, validationImages: Int = 2
    ) throws -> TrainingConfiguration {
        let all = try samples(images + validationImages)
        try write(Array(all[..<images]), to: directory.file("train"))
        try write(Array(all[images...]), to: directory.file("val"))
        try SAMCheckpoint.write(
            ScratchWeights.model(Self.configuration, seed: 1), to: directory.file("start.safetensors"))
        var configuration = TrainingConfiguration()
        configuration.shards = directory.file("train")
        configuration.val = directory.file("val")
        configuration.weights = directory.file("start.safetensors")
        configuration.epochs = 3
        configuration.batchSize = 1
        configuration.accumulate = 2
        configuration.learningRate = 2e-3
        configuration.seed = 7
        // What it is about has tests of its own.
        configuration.report = false
        return configuration
    }

    /// The examples of the first epoch, in the order of the set.
    static func examples(
        _ configuration: TrainingConfiguration, model: SAMConfiguration = Self.configuration
    ) throws -> [TrainingExample] {
        let set = try ShardSet(path: configuration.shards)
        let maker = ExampleMaker(configuration, model: model)
        return try (0..<set.count).map { index in
            try maker.example(
                of: try set.sample(at: index), at: SamplePlace(epoch: 0, position: index, index: index))
        }
    }
}

extension TrainingExample {
    /// The pixels of an example that is not encoded yet.
    var pixels: Tensor {
        guard case .pixels(let pixels) = image else { preconditionFailure("the example's image is encoded already") }
        return pixels
    }
}
