import Checkpoints
import Layers
import SAM
import Tensors
import TestSupport
import Testing

/// The image encoder cut behind any of its blocks.
@Suite struct EncoderPrefixTests {
    static let models = ReferenceModel.committed + ReferenceModel.variants

    private func bits(_ tensor: Tensor?) -> [UInt32]? { tensor.map { $0.values.map(\.bitPattern) } }

    /// The beginning and the rest compute the bytes of the whole, early tokens included, wherever it is cut.
    @Test(arguments: models) func thePartsAreTheWhole(reference: ReferenceModel) throws {
        let encoder = try reference.model().imageEncoder
        let images = try #require(try reference.file("cases")["image"]).tensor()
        GradientRecording.off {
            let whole = encoder(images)
            for blocks in 1...encoder.blockCount {
                let prefix = encoder.prefix(images, blocks: blocks)
                let parts = encoder(from: prefix)
                #expect(bits(parts.embedding) == bits(whole.embedding), "cut behind \(blocks) blocks")
                #expect(bits(parts.early) == bits(whole.early), "cut behind \(blocks) blocks")
            }
        }
    }

    /// What is trained behind the cut gets the gradients that it gets in one piece.
    @Test(arguments: models, [false, true])
    func gradientsBehindTheCutAreTheSame(reference: ReferenceModel, isCheckpointing: Bool) throws {
        let encoder = try reference.model().imageEncoder
        let images = try #require(try reference.file("cases")["image"]).tensor()
        let blocks = encoder.blockCount / 2
        for parameter in encoder.parameters(to: .blocks(blocks)) { parameter.isTrainable = false }
        #expect(encoder.frozenDepth == .blocks(blocks))
        func gradients(_ features: ImageFeatures) -> [[UInt32]?] {
            for parameter in encoder.parameters { parameter.gradient = nil }
            var losses = [(features.embedding * features.embedding).sum()]
            if let early = features.early, early.node != nil { losses.append((early * early).sum()) }
            backward(losses.map { ($0, Tensor(1)) })
            return encoder.parameters.map { bits($0.gradient) }
        }
        let whole = gradients(encoder(images, isCheckpointing: isCheckpointing))
        let prefix = encoder.prefix(images, blocks: blocks)
        #expect(prefix.tokens.node == nil)
        let parts = gradients(encoder(from: prefix, isCheckpointing: isCheckpointing))
        #expect(parts == whole)
        #expect(whole.contains { $0 != nil } && whole.contains { $0 == nil })
    }

    @Test(arguments: models) func shapesAreKnownBefore(reference: ReferenceModel) throws {
        let model = try reference.model()
        let images = try #require(try reference.file("cases")["image"]).tensor().sliced(axis: 0, range: 0..<1)
        GradientRecording.off {
            let whole = model.imageEncoder(images)
            let known = ImageEncoder.shapes(model.configuration, at: .features)
            #expect(known.tokens == whole.embedding.shape && known.early == whole.early?.shape)
            for blocks in 1...model.imageEncoder.blockCount {
                let prefix = model.imageEncoder.prefix(images, blocks: blocks)
                let known = ImageEncoder.shapes(model.configuration, at: .blocks(blocks))
                #expect(known.tokens == prefix.tokens.shape && known.early == prefix.early?.shape, "\(blocks) blocks")
            }
        }
    }

    /// A frozen beginning counts as far as nothing before its end is trained.
    @Test(arguments: models) func theFrozenBeginningIsFound(reference: ReferenceModel) throws {
        let encoder = try reference.model().imageEncoder
        func depth(frozen: [Parameter]) -> EncoderDepth {
            // What is no weight was never trainable.
            let trainable = encoder.parameters.filter(\.isTrainable)
            defer { for parameter in trainable { parameter.isTrainable = true } }
            for parameter in frozen { parameter.isTrainable = false }
            return encoder.frozenDepth
        }
        // What is no weight was never trainable.
        let first = encoder.parameters(to: .blocks(1)).filter(\.isTrainable)
        #expect(depth(frozen: []) == .pixels)
        #expect(depth(frozen: encoder.parameters) == .features)
        #expect(depth(frozen: first) == .blocks(1))
        #expect(depth(frozen: Array(first.dropFirst())) == .pixels, "the embedding is trained")
        #expect(depth(frozen: Array(first.dropLast())) == .pixels, "the first block is trained")
        let all = encoder.parameters(to: .blocks(encoder.blockCount))
        #expect(depth(frozen: all) == .blocks(encoder.blockCount), "the neck is trained")
    }

    /// Results that depend on the other images of a batch are nobody's to keep.
    @Test(arguments: [false, true]) func batchStatisticsAreNotFrozen(usesBatchStatistics: Bool) throws {
        var configuration = SAMConfiguration.Preset.vitT.configuration
        guard case .tinyViT(var vit) = configuration.encoder else { return }
        vit.imageSize = 64
        configuration.encoder = .tinyViT(vit)
        let encoder = ImageEncoder(configuration, from: .zero)
        encoder.setTrainable(false)
        encoder.usesBatchStatistics = usesBatchStatistics
        #expect(encoder.frozenDepth == (usesBatchStatistics ? .pixels : .features))
    }

    /// The digest of a beginning depends on its weights and not on those behind it.
    @Test func digestsAreOfTheBeginning() throws {
        let model = try ReferenceModel.committed[0].model()
        let depths: [EncoderDepth] = [.blocks(1), .blocks(model.imageEncoder.blockCount), .features]
        let before = depths.map(model.encoderDigest)
        #expect(Set(before).count == depths.count)
        let inside = Set(model.imageEncoder.parameters(to: .blocks(1)).map(\.name))
        let behind = try #require(model.imageEncoder.parameters.last)
        #expect(!inside.contains(behind.name))
        behind.withMutableElements { $0[0] += 1 }
        #expect(depths.map(model.encoderDigest).prefix(2) == before.prefix(2))
        #expect(model.encoderDigest(to: .features) != before[2])
        model.imageEncoder.parameters(to: .blocks(1))[0].withMutableElements { $0[0] += 1 }
        for (digest, earlier) in zip(depths.map(model.encoderDigest), before) { #expect(digest != earlier) }
    }

    @Test func prefixesAreJoined() throws {
        for reference in [ReferenceModel.committed[0], ReferenceModel.variants[0]] {
            let encoder = try reference.model().imageEncoder
            let image = try #require(try reference.file("cases")["image"]).tensor().sliced(axis: 0, range: 0..<1)
            let other = image.scaled(by: 0.5)
            GradientRecording.off {
                for blocks in 1...encoder.blockCount {
                    let parts = [image, other].map { encoder.prefix($0, blocks: blocks) }
                    let joined = EncoderPrefix(joining: parts)
                    #expect(bits(joined.tokens) == parts.flatMap { bits($0.tokens) ?? [] })
                    let early = parts.compactMap { bits($0.early) }
                    #expect(bits(joined.early) == (early.isEmpty ? nil : early.flatMap { $0 }))
                }
            }
        }
    }
}
