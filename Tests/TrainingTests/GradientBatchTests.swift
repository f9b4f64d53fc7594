import Layers
import Runtime
import SAM
import Tensors
import TestSupport
import Testing
import Training

@Suite struct GradientBatchTests {
    /// The gradients of all parameters by name.
    private func gradients(
        _ model: SAMModel, of batches: [[TrainingExample]], precision: Precision = .f32
    ) throws -> [String: [Float]] {
        for parameter in model.parameters { parameter.gradient = nil }
        let batch = GradientBatch(model, objective: MaskObjective(weights: LossWeights()), precision: precision)
        let objects = batches.joined().reduce(0) { $0 + $1.objects.count }
        for examples in batches { _ = try batch.accumulate(examples, objectsInStep: Double(objects)) }
        return Dictionary(
            uniqueKeysWithValues: model.parameters.compactMap { parameter in
                parameter.gradient.map { (parameter.name, $0.values) }
            })
    }

    @Test func accumulatingIsOneLargeBatch() throws {
        let directory = try TemporaryDirectory()
        let configuration = try TrainingFixture.prepare(in: directory, images: 4)
        let examples = try TrainingFixture.examples(configuration)
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 3)
        let atOnce = try gradients(model, of: [examples])
        let oneByOne = try gradients(model, of: examples.map { [$0] })
        let inPairs = try gradients(model, of: [Array(examples[..<2]), Array(examples[2...])])
        #expect(atOnce.count > 100 && Set(atOnce.keys) == Set(oneByOne.keys))
        for (name, values) in atOnce {
            let size = values.map(abs).max() ?? 0
            for other in [oneByOne, inPairs] {
                let difference = zip(values, other[name] ?? []).map { abs($0 - $1) }.max() ?? .infinity
                // The true gradient of a key bias is zero: what is there is rounding.
                #expect(difference <= 1e-5 * size + 1e-8, "\(name)")
            }
        }
    }

    @Test(arguments: Precision.allCases) func threadsChangeNothing(precision: Precision) throws {
        let directory = try TemporaryDirectory()
        let examples = try TrainingFixture.examples(try TrainingFixture.prepare(in: directory))
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 3)
        let results = try atEveryWorkerCount {
            try gradients(model, of: [examples], precision: precision)
        }
        for result in results { #expect(result == results[0]) }
    }

    /// Formats of 16 bits change a gradient's digits and not where it points. (TinyViT's norms of 8 to 16 channels, nearly
    /// equal with random weights, magnify what is rounded before them, so that of its length less is asked.)
    @Test(arguments: [(Precision.bf16, "vit", 0.05), (.bf16, "tiny", 0.2), (.f16, "tiny", 0.001)])
    func gradientsPointTheSameWay(precision: Precision, family: String, tolerance: Double) throws {
        let directory = try TemporaryDirectory()
        let model = AdapterFixture.model(family)
        let configuration = try TrainingFixture.prepare(in: directory)
        let examples = try TrainingFixture.examples(configuration, model: model.configuration)
        let exact = try gradients(model, of: [examples])
        let rounded = try gradients(model, of: [examples], precision: precision)
        #expect(rounded != exact && Set(rounded.keys) == Set(exact.keys))
        var (both, ofExact, ofRounded) = (0.0, 0.0, 0.0)
        for (name, values) in exact {
            for (a, b) in zip(values, rounded[name] ?? []) {
                both += Double(a) * Double(b)
                ofExact += Double(a) * Double(a)
                ofRounded += Double(b) * Double(b)
            }
        }
        let cosine = both / (ofExact * ofRounded).squareRoot()
        #expect(
            cosine > 0.99 && abs((ofRounded / ofExact).squareRoot() - 1) < tolerance,
            "\(cosine), \(ofRounded / ofExact)")
    }

    /// Boxes and points reach every weight but those that speak of masks and background points, of which there are none,
    /// and but the networks of masks that were never the best of three. The bias of the last attention's keys is unused as
    /// well: its softmax does not see it.
    @Test func everyTrainableTensorGetsAGradient() throws {
        let directory = try TemporaryDirectory()
        let examples = try TrainingFixture.examples(try TrainingFixture.prepare(in: directory))
        #expect(Set(examples.flatMap(\.objects).map(\.prompt.isAmbiguous)) == [false, true])
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 3)
        let gradients = try gradients(model, of: [examples])
        func isReached(_ name: String) -> Bool { gradients[name]?.contains { $0 != 0 } ?? false }
        let networks = "mask_decoder.output_hypernetworks_mlps."
        for parameter in model.parameters where parameter.isTrainable && !parameter.name.hasPrefix(networks) {
            let isUnused =
                parameter.name.contains("mask_downscaling") || parameter.name.contains("point_embeddings.0.")
                || parameter.name.hasSuffix("final_attn_token_to_image.k_proj.bias")
            #expect(isReached(parameter.name) != isUnused, "\(parameter.name)")
        }
        let reached = (0..<4).map { isReached("\(networks)\($0).layers.0.weight") }
        #expect(reached[0] && reached[1...].contains(true))
    }

    @Test func frozenPartsRecordNothing() throws {
        let directory = try TemporaryDirectory()
        let examples = try TrainingFixture.examples(try TrainingFixture.prepare(in: directory))
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 3)
        let chosen = try ParameterSelection(freeze: ["image_encoder", "*.norm?.*"]).apply(to: model.parameters)
        let gradients = try gradients(model, of: [examples])
        #expect(gradients.keys.allSatisfy { name in chosen.contains { $0.name == name } })
        #expect(!gradients.keys.contains { $0.hasPrefix("image_encoder.") || $0.contains(".norm1.") })
        #expect(gradients.keys.contains("mask_decoder.iou_token.weight"))
    }

    @Test func aWeightThatIsNoNumberIsNamed() throws {
        let directory = try TemporaryDirectory()
        let examples = try TrainingFixture.examples(try TrainingFixture.prepare(in: directory))
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 3)
        let name = "image_encoder.blocks.1.mlp.lin1.weight"
        let parameter = try #require(model.parameters.first { $0.name == name })
        parameter.withMutableElements { $0[5] = .nan }
        let error = try #require(throws: TrainingError.self) { try gradients(model, of: [examples]) }
        #expect(error.code == .notFinite && error.message.contains(name))
        #expect(error.location?.imageID == "0")
    }

    /// An image whose objects are all gone changes nothing.
    @Test func anImageWithoutObjectsTeachesNothing() throws {
        let directory = try TemporaryDirectory()
        let examples = try TrainingFixture.examples(try TrainingFixture.prepare(in: directory))
        let empty = TrainingExample(
            imageID: "empty", image: examples[0].image, frame: examples[0].frame, objects: [])
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 3)
        #expect(try gradients(model, of: [[empty]]).isEmpty)
        let alone = try gradients(model, of: [[examples[1]]])
        #expect(try gradients(model, of: [[empty], [examples[1]]]) == alone)
        let both = try gradients(model, of: [[empty, examples[1]]])
        #expect(Set(both.keys) == Set(alone.keys))
        for (name, values) in alone {
            let size = values.map(abs).max() ?? 0
            let difference = zip(values, both[name] ?? []).map { abs($0 - $1) }.max() ?? .infinity
            #expect(difference <= 1e-5 * size + 1e-7, "\(name)")
        }
    }

    /// Every object of a step counts the same, in however large a company: of an image with one and one with two of them the
    /// gradient is a third of the one's and two thirds of the other's.
    @Test func everyObjectCountsTheSame() throws {
        let directory = try TemporaryDirectory()
        let examples = try TrainingFixture.examples(try TrainingFixture.prepare(in: directory))
        let two = examples[1]
        let one = TrainingExample(
            imageID: "one", image: examples[0].image, frame: examples[0].frame,
            objects: Array(examples[0].objects.prefix(1)), stream: examples[0].stream)
        #expect(one.objects.count == 1 && two.objects.count == 2)
        let model = ScratchWeights.model(TrainingFixture.configuration, seed: 3)
        let (small, large) = (try gradients(model, of: [[one]]), try gradients(model, of: [[two]]))
        for batches in [[[one, two]], [[one], [two]]] {
            let all = try gradients(model, of: batches)
            #expect(all.count > 100)
            for (name, values) in all {
                let (a, b) = (small[name], large[name])
                let expected = values.indices.map { ((a?[$0] ?? 0) + 2 * (b?[$0] ?? 0)) / 3 }
                let size = expected.map(abs).max() ?? 0
                let difference = zip(values, expected).map { abs($0 - $1) }.max() ?? .infinity
                #expect(difference <= 1e-5 * size + 1e-7, "\(name)")
            }
        }
    }
}
