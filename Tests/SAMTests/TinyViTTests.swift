import Checkpoints
import Kernels
import Layers
import SAM
import Tensors
import TestSupport
import Testing

/// The TinyViT encoder against PyTorch's forward and backward pass, with running statistics and with the batch's own.
@Suite struct TinyViTTests {
    @Test(arguments: TinyViTReference.committed)
    func parametersHaveTheReferencesNamesAndShapes(reference: TinyViTReference) throws {
        let parameters = try reference.encoder().parameters
        let stored = try reference.file("weights")
        let listed = try reference.configuration().tensorShapes
        #expect(listed.map(\.name) == parameters.map(\.name) && listed.map(\.shape) == parameters.map(\.shape))
        #expect(Set(listed.map(\.name)) == Set(stored.names) && listed.count == stored.count)
        for tensor in listed { #expect(stored[tensor.name]?.shape == tensor.shape, "\(tensor.name)") }
    }

    /// The numbers of MobileSAM's checkpoint.
    @Test func theDefaultIsMobileSAM() throws {
        let configuration = TinyViTConfiguration()
        try configuration.validate()
        let shapes = configuration.tensorShapes
        #expect(shapes.count == 302)
        #expect(shapes.reduce(0) { $0 + $1.shape.reduce(1, *) } == 6_075_415)
        #expect(shapes[0].name == "image_encoder.patch_embed.seq.0.c.weight")
        #expect(configuration.gridSize == 64 && (0..<4).map(configuration.gridSize(ofStage:)) == [256, 128, 64, 64])
    }

    /// What is read is written again, integers as integers, the head that nothing uses among them.
    @Test(arguments: TinyViTReference.committed)
    func aCheckpointComesOutAsItWentIn(reference: TinyViTReference) throws {
        let stored = try reference.file("weights")
        let written = StateDict(try reference.encoder().parameters)
        #expect(written.count == stored.count)
        for name in stored.names {
            let (old, new) = (try #require(stored[name]), try #require(written[name]))
            #expect(new.scalarType == old.scalarType && new.shape == old.shape, "\(name)")
            #expect(new.withBytes { Array($0) } == old.withBytes { Array($0) }, "\(name)")
        }
        #expect(written["image_encoder.patch_embed.seq.0.bn.num_batches_tracked"]?.scalarType == .int64)
    }

    @Test(arguments: TinyViTReference.committed, [false, true])
    func forwardAgrees(reference: TinyViTReference, usesBatchStatistics: Bool) throws {
        try Self.checkForward(reference, usesBatchStatistics: usesBatchStatistics)
    }

    static func checkForward(_ reference: TinyViTReference, usesBatchStatistics: Bool) throws {
        let encoder = try reference.encoder()
        let stored = try reference.file("cases")
        let mode = usesBatchStatistics ? "batch" : "frozen"
        encoder.usesBatchStatistics = usesBatchStatistics
        encoder.setTrainable(false)
        let found = encoder(try #require(stored["image"]).tensor(), keepingStage: 1)
        #expect(found.embedding.node == nil, "frozen parameters recorded something")
        for (part, tensor) in [("embedding", found.embedding), ("features", found.features)] {
            let wanted = try #require(stored["\(mode).\(part)"])
            #expect(tensor.shape == wanted.shape)
            let error = relativeError(tensor, wanted)
            #expect(error < ParityTests.forwardTolerance, "\(mode).\(part): \(error)")
        }
    }

    @Test(arguments: TinyViTReference.committed, [false, true])
    func everyGradientAgrees(reference: TinyViTReference, usesBatchStatistics: Bool) throws {
        let encoder = try reference.encoder()
        let stored = try reference.file("cases")
        let mode = usesBatchStatistics ? "batch" : "frozen"
        encoder.usesBatchStatistics = usesBatchStatistics
        let output = encoder(try #require(stored["image"]).tensor())
        backward(output, seed: try #require(stored["\(mode).seed"]).tensor())
        let gradients = try reference.file(mode)
        #expect(Set(encoder.parameters.filter { $0.gradient != nil }.map(\.name)) == Set(gradients.names))
        for parameter in encoder.parameters {
            guard let expected = gradients[parameter.name], let gradient = parameter.gradient else { continue }
            if usesBatchStatistics, try reference.isFollowedByMerge(parameter.name) {
                // A constant added to a channel changes nothing behind a normalisation by the batch's own mean: the true
                // gradient is zero, and both sides hold rounding errors, measured by what the weight's gradient is.
                let weight = try #require(gradients[parameter.name.replacing(".bias", with: ".weight")])
                let scale = weight.floats().reduce(0) { max($0, abs($1)) }
                #expect(gradient.values.allSatisfy { abs($0) < ParityTests.gradientTolerance * scale })
                continue
            }
            let error = relativeError(gradient, expected)
            #expect(error < ParityTests.gradientTolerance, "\(mode) \(parameter.name): \(error)")
        }
        // Running statistics moved in one mode and are those of the file in the other.
        for parameter in encoder.parameters where parameter.name.contains("running_") || parameter.isCount {
            let before = try #require(try reference.file("weights")[parameter.name])
            let wanted = usesBatchStatistics ? try #require(stored[parameter.name]) : before
            #expect(relativeError(parameter.value, wanted) < 1e-5, "\(mode) \(parameter.name)")
        }
    }

    /// The same bytes with blocks computed twice, at any number of workers.
    @Test(arguments: TinyViTReference.committed, [false, true])
    func bytesDoNotDependOnWorkersOrCheckpoints(reference: TinyViTReference, usesBatchStatistics: Bool) throws {
        let stored = try reference.file("cases")
        let (image, seed) = (try #require(stored["image"]).tensor(), try #require(stored["frozen.seed"]).tensor())
        func run(isCheckpointing: Bool) throws -> [[Float]] {
            let encoder = try reference.encoder()
            encoder.usesBatchStatistics = usesBatchStatistics
            let output = encoder(image, isCheckpointing: isCheckpointing)
            backward(output, seed: seed)
            let predicted = GradientRecording.off { encoder(image) }
            return [output.values, predicted.values]
                + encoder.parameters.flatMap { [$0.value.values, $0.gradient?.values ?? []] }
        }
        let results = try atEveryWorkerCount { try run(isCheckpointing: false) }
        #expect(results.allSatisfy { $0 == results[0] })
        #expect(try run(isCheckpointing: true) == results[0])
    }

    /// Of a step at the full size, on shapes alone.
    @Test func checkpointsTakeLessMemory() {
        func peak(isCheckpointing: Bool) -> Int {
            MemorySimulation.peakBytes {
                let encoder = TinyViTEncoder(TinyViTConfiguration(), from: .zero)
                let images = Tensor(zeros: [1, 1024, 1024, 3])
                backward(encoder(images, isCheckpointing: isCheckpointing).sum())
                #expect(encoder.parameters.contains { $0.gradient != nil })
            }
        }
        let (plain, checkpointed) = (peak(isCheckpointing: false), peak(isCheckpointing: true))
        #expect(Double(checkpointed) < 0.5 * Double(plain), "\(checkpointed) of \(plain)")
    }

    @Test func wrongDimensionsAreRefused() {
        let changes: [(inout TinyViTConfiguration) -> Void] = [
            { $0.imageSize = 1000 }, { $0.imageSize = 0 }, { $0.embedDims = [64] }, { $0.embedDims[0] = 63 },
            { $0.embedDims[2] = 161 }, { $0.depths = [2, 2, 6] }, { $0.numHeads[1] = 0 }, { $0.windowSizes[3] = -7 },
            { $0.mergeStrides = [2, 3, 1] }, { $0.mergeStrides = [2, 2] }, { $0.mlpRatio = .nan },
            { $0.mbconvExpandRatio = 1e9 }, { $0.numClasses = 1 << 20 }, { $0.promptEmbedDim = 0 },
            { $0 = small($0) },
        ]
        /// No hidden unit is left of a width of two.
        func small(_ configuration: TinyViTConfiguration) -> TinyViTConfiguration {
            var configuration = configuration
            configuration.embedDims = [2, 2, 2, 2]
            configuration.numHeads = [1, 1, 1, 1]
            configuration.mlpRatio = 0.25
            return configuration
        }
        for (index, change) in changes.enumerated() {
            var configuration = TinyViTConfiguration()
            change(&configuration)
            #expect(throws: SAMError.self, "change \(index)") { try configuration.validate() }
        }
    }
}

/// The encoder of MobileSAM at its full size, on weights that PyTorch makes on the spot.
@Suite(.enabled(if: PeerPython.path != nil, "needs SAMDATA_PEER_PYTHON with torch and safetensors"))
struct TinyViTPeerTests {
    @Test func theFullSizeAgrees() throws {
        let directory = try TemporaryDirectory()
        let run = try PeerPython.run([
            Repository.fixture("SAM/make_tinyvit_fixtures.py"), "--full", "--output", directory.path,
        ])
        try #require(run.status == 0, "\(run.output)")
        let reference = TinyViTReference(folder: directory.file("tinyvit-full"))
        let encoder = try reference.encoder()
        let stored = try reference.file("cases")
        let image = try #require(stored["image"]).tensor()
        let found = GradientRecording.off { encoder(image, keepingStage: 1) }
        for (part, tensor) in [("embedding", found.embedding), ("features", found.features)] {
            let error = relativeError(tensor, try #require(stored["frozen.\(part)"]))
            print("TinyViT at 1024 x 1024: \(part) \(tensor.shape), max relative error \(error)")
            #expect(error < ParityTests.forwardTolerance, "\(part): \(error)")
        }
    }

    /// The committed shapes with other weights.
    @Test func otherWeightsAgree() throws {
        let directory = try TemporaryDirectory()
        let run = try PeerPython.run([
            Repository.fixture("SAM/make_tinyvit_fixtures.py"), "--seed", "23", "--output", directory.path,
        ])
        try #require(run.status == 0, "\(run.output)")
        for reference in TinyViTReference.committed {
            let other = TinyViTReference(folder: directory.file(reference.testDescription))
            for mode in [false, true] { try TinyViTTests.checkForward(other, usesBatchStatistics: mode) }
        }
    }
}
