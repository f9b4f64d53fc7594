import Checkpoints
import Images
import Layers
import Masks
import Runtime
import SAM
import Tensors
import TestSupport
import Testing

/// Other input sizes, other recipes, and what a checkpoint may hold beside the model.
@Suite struct CheckpointOptionsTests {
    private static let weights = Repository.fixture("SAM/windowed/weights.safetensors")
    private static let base = SAMConfiguration.Preset.nano.configuration

    /// A model at another input size: positions interpolated, windows as they were, masks of the image's size.
    @Test(arguments: [32, 48, 96, 128]) func otherInputSizesWork(side: Int) throws {
        let trained = try SAMCheckpoint.read(Self.weights).configuration
        let opened = try SAMCheckpoint.open(Self.weights, options: CheckpointOptions(imageSize: side))
        #expect(opened.configuration.imageSize == side)
        #expect(opened.remarks.contains { $0.contains("\(side) pixels instead of 64; positions") })
        let model = try opened.model()
        var predictor = SAMPredictor(model: model)
        predictor.setImage(RGBImage(height: 50, width: 70, pixels: (0..<50 * 70 * 3).map { UInt8($0 * 7 % 251) }))
        let features = try #require(predictor.image?.features)
        #expect(features.embedding.shape == [1, side / 8, side / 8, trained.promptEmbedDim])
        let masks = try predictor.predict([Prompt(box: Box(x: 5, y: 5, width: 40, height: 30))], multimaskOutput: true)
        #expect(masks[0].count == 3 && masks[0].allSatisfy { $0.rle.height == 50 && $0.rle.width == 70 })
        #expect(features.embedding.sumOfSquares.isFinite)
    }

    /// The numbers are those of the reference with its positions interpolated.
    @Test(arguments: [48, 96]) func anotherInputSizeAgrees(side: Int) throws {
        let stored = try SafeTensors.read(Repository.fixture("SAM/resized.safetensors"))
        let model = try SAMCheckpoint.read(Self.weights, options: CheckpointOptions(imageSize: side))
        let image = try #require(stored["\(side).image"]).tensor()
        let embedding = GradientRecording.off { model.imageEncoder(image).embedding }
        #expect(relativeError(embedding, try #require(stored["\(side).embedding"])) < ParityTests.forwardTolerance)
    }

    /// What is written at another size is read as that, and computes the same.
    @Test func anotherInputSizeTravels() throws {
        let directory = try TemporaryDirectory()
        let model = try SAMCheckpoint.read(Self.weights, options: CheckpointOptions(imageSize: 96))
        try SAMCheckpoint.write(model, to: directory.file("model.safetensors"))
        let again = try SAMCheckpoint.read(directory.file("model.safetensors"))
        #expect(again.configuration == model.configuration)
        let image = Tensor((0..<96 * 96 * 3).map { Float($0 % 17) / 9 - 1 }, shape: [1, 96, 96, 3])
        let (first, second) = GradientRecording.off { (model.imageEncoder(image), again.imageEncoder(image)) }
        #expect(first.embedding.values == second.embedding.values)
    }

    /// Going to a size and back leaves the tables as they were; the tables of global blocks are kept in between.
    @Test func tablesKeepTheirLength() throws {
        var configuration = SAMConfiguration()
        try configuration.resizeInput(to: 512)
        #expect(configuration.gridSize == 32)
        #expect(
            configuration.vit.relativePositionRows
                == Dictionary(
                    uniqueKeysWithValues: [2, 5, 8, 11].map {
                        ($0, ViTConfiguration.RelativePositionRows(height: 127, width: 127))
                    }))
        try configuration.resizeInput(to: 1024)
        #expect(configuration == SAMConfiguration())
    }

    /// Tables interpolated once and for all compute the same bits as ones that are interpolated every time.
    @Test func settledPositionsChangeNothing() throws {
        let model = try SAMCheckpoint.read(Self.weights, options: CheckpointOptions(imageSize: 96))
        let settled = model.withSettledPositions()
        #expect(!model.configuration.vit.relativePositionRows.isEmpty)
        #expect(settled.configuration.vit.relativePositionRows.isEmpty)
        let image = Tensor((0..<96 * 96 * 3).map { Float($0 % 23) / 11 - 1 }, shape: [1, 96, 96, 3])
        let (first, second) = GradientRecording.off { (model.imageEncoder(image), settled.imageEncoder(image)) }
        #expect(first.embedding.values == second.embedding.values)
        let directory = try TemporaryDirectory()
        #expect(throws: SAMError.self) { try HuggingFaceFolder.write(model, to: directory.file("a")) }
        try HuggingFaceFolder.write(settled, to: directory.file("b"))
        #expect(try SAMCheckpoint.read(directory.file("b")).configuration.vit == settled.configuration.vit)
    }

    @Test(arguments: [0, -8, 60, 1 << 20]) func impossibleSizesAreNamed(side: Int) {
        let error = #expect(throws: SAMError.self) {
            try SAMCheckpoint.open(Self.weights, options: CheckpointOptions(imageSize: side))
        }
        #expect(error?.message.contains("\(side)") == true)
    }

    @Test func theRecipeOfTheOptionsHolds() throws {
        let model = try SAMCheckpoint.read(Self.weights, options: CheckpointOptions(preprocessing: .medSAM))
        #expect(model.configuration.preprocessing == .medSAM)
        #expect(SAMPredictor(model: model).preprocessing.recipe == .medSAM)
    }

    /// Mean and deviation, which some files hold as tensors, are no surprise; anything else is named.
    @Test func sparePartsAreTold() throws {
        let directory = try TemporaryDirectory()
        var state = try SafeTensors.read(Self.weights)
        state.append("pixel_mean", StateTensor(shape: [3, 1, 1], values: [1, 2, 3]))
        state.append("pixel_std", StateTensor(shape: [3, 1, 1], values: [1, 2, 3]))
        try SafeTensors.write(state, to: directory.file("spare.safetensors"))
        _ = try SAMCheckpoint.read(directory.file("spare.safetensors"))
        state.append("image_encoder.blocks.0.adapter.weight", StateTensor(shape: [1], values: [1]))
        try SafeTensors.write(state, to: directory.file("adapter.safetensors"))
        let error = #expect(throws: CheckpointError.self) {
            try SAMCheckpoint.read(directory.file("adapter.safetensors"))
        }
        #expect(error?.message.contains("1 unexpected: image_encoder.blocks.0.adapter.weight") == true)
    }

    /// The model's tensors may stand under any name of somebody's own, among others that are not the model's.
    @Test func aPrefixOfAnyNameIsFound() throws {
        let directory = try TemporaryDirectory()
        let original = try SafeTensors.read(Self.weights)
        var state = StateDict()
        for entry in original.entries { state.append("trainer.net_a." + entry.name, entry.tensor) }
        for index in 0..<300 { state.append("other.\(index)", StateTensor(shape: [1], values: [1])) }
        try SafeTensors.write(state, to: directory.file("a.safetensors"))
        let opened = try SAMCheckpoint.open(directory.file("a.safetensors"))
        #expect(opened.remarks.contains { $0.contains("under trainer.net_a.; 300 others") })
        #expect(try opened.model().parameters.map(\.name) == SAMCheckpoint.read(Self.weights).parameters.map(\.name))
        // Two models in one file are nobody's to choose from.
        for entry in original.entries { state.append("teacher." + entry.name, entry.tensor) }
        try SafeTensors.write(state, to: directory.file("b.safetensors"))
        #expect(throws: SAMError.self) { try SAMCheckpoint.open(directory.file("b.safetensors")) }
    }

    /// What shapes leave open is said, unless the model is one of the known ones.
    @Test func guessesAreTold() throws {
        let opened = try SAMCheckpoint.open(Self.weights)
        #expect(opened.remarks.contains { $0.contains("8 are taken") } && opened.teller == .shapes)
        let directory = try TemporaryDirectory()
        try SAMCheckpoint.write(try opened.model(), to: directory.file("told.safetensors"))
        let told = try SAMCheckpoint.open(directory.file("told.safetensors"))
        #expect(told.remarks.isEmpty && told.teller == .metadata)
    }

    /// MobileSAM's head, which nothing uses, may be missing, and buffers that follow from the windows may be there.
    @Test func sparePartsOfTinyViTMayBeMissing() throws {
        let directory = try TemporaryDirectory()
        let folder = Repository.fixture("SAM/hq-tiny")
        var state = StateDict()
        let original = try SafeTensors.read(folder + "/weights.safetensors")
        // Without the finer head of SAM-HQ, which wants strides that shapes do not tell.
        let others = ["hf_", "compress_vit_feat", "embedding_encoder", "embedding_maskfeature"]
        for entry in original.entries where !others.contains(where: { entry.name.contains("mask_decoder." + $0) }) {
            let isSpare = entry.name.contains("head.") && entry.name.hasPrefix("image_encoder.")
            if !isSpare { state.append(entry.name, entry.tensor) }
        }
        state.append(
            "image_encoder.layers.1.blocks.0.attn.attention_bias_idxs", StateTensor(shape: [2], values: [0, 1]))
        try SafeTensors.write(state, to: directory.file("a.safetensors"))
        let configuration = try SAMCheckpoint.open(directory.file("a.safetensors")).configuration
        guard case .tinyViT(let vit) = configuration.encoder else {
            Issue.record("\(configuration.encoder)")
            return
        }
        #expect(vit.embedDims == [8, 12, 16, 20] && vit.numClasses == 1000)
    }

    /// A width that no ratio of whole numbers gives back exactly.
    @Test func hiddenWidthsOfTinyViTAreExact() throws {
        for (width, hidden) in [(22, 98), (15, 37), (64, 256), (10, 7), (30, 61)] {
            var vit = TinyViTConfiguration()
            vit.embedDims[0] = 2 * width
            vit.mbconvExpandRatio = Double(hidden) / Double(2 * width)
            #expect(vit.hiddenDim(ofStage: 0) == hidden)
        }
    }

    /// The weights in every form that is written, read again by us.
    @Test func everyFormHoldsTheSameModel() throws {
        let directory = try TemporaryDirectory()
        let model = try SAMCheckpoint.read(Self.weights)
        try PyTorchArchive.write(StateDict(model.parameters), to: directory.file("model.pth"))
        try HuggingFaceFolder.write(model, to: directory.file("folder"))
        for path in ["model.pth", "folder"].map(directory.file) {
            let other = try SAMCheckpoint.read(path)
            #expect(other.configuration.encoder == model.configuration.encoder)
            for (found, wanted) in zip(other.parameters, model.parameters) {
                #expect(found.value.values == wanted.value.values, "\(found.name)")
            }
        }
    }

    /// Blocks pruned to different widths are told by their shapes.
    @Test func prunedWidthsAreRead() throws {
        var configuration = Self.base
        configuration.transformerNumHeads = 8
        configuration.vit.attentionDims = [0: 32, 2: 16]
        configuration.vit.mlpDims = [1: 100]
        #expect(try SAMConfiguration(json: configuration.json) == configuration)
        #expect(try SAMConfiguration.identify(from: SAMConfigurationTests.state(configuration)) == configuration)
        configuration.vit.attentionDims = [0: 32, 1: 32, 2: 16]
        #expect(try SAMConfiguration.identify(from: SAMConfigurationTests.state(configuration)) == configuration)
        configuration.vit.attentionDims = [0: 30]
        #expect(throws: SAMError.self) { try configuration.validate() }
    }
}
