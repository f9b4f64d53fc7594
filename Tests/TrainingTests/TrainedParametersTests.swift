import Layers
import Runtime
import SAM
import Tensors
import Testing
import Training

/// What is trained, and from when on.
@Suite struct TrainedParametersTests {
    private typealias Change = (inout TrainingConfiguration) -> Void

    private func parameters(_ family: String = "vit", _ change: Change) throws -> (SAMModel, TrainedParameters) {
        let model = AdapterFixture.model(family)
        var configuration = TrainingConfiguration()
        change(&configuration)
        return (model, try TrainedParameters(model, configuration: configuration))
    }

    private func trained(_ family: String = "vit", _ change: Change) throws -> Set<String> {
        let (model, parameters) = try parameters(family, change)
        let flags = Set(model.parameters.filter(\.isTrainable).map(\.name))
        #expect(
            flags == Set(parameters.all.map(\.name)).subtracting(parameters.updates.flatMap(\.parameters).map(\.name)))
        return Set(parameters.all.map(\.name))
    }

    // MARK: Presets

    @Test func presetsSelect() throws {
        for family in AdapterFixture.families {
            let all = try trained(family) { _ in }
            #expect(try trained(family) { $0.preset = "full" } == all)
            let decoder = try trained(family) { $0.preset = "decoder" }
            #expect(decoder == all.filter { $0.hasPrefix("mask_decoder.") } && decoder.count > 50)
            #expect(!all.contains { $0.contains("gaussian") || $0.contains("running_mean") })
        }
    }

    @Test(arguments: ["vit", "plain", "hq"])
    func theLastBlocksOfAViT(family: String) throws {
        let all = try trained(family) { _ in }
        let expected = all.filter { name in
            ["mask_decoder.", "image_encoder.neck.", "image_encoder.blocks.1."].contains { name.hasPrefix($0) }
        }
        #expect(try trained(family) { $0.preset = "last-1-blocks" } == expected)
        let two = try trained(family) { $0.preset = "last-2-blocks" }
        #expect(two == expected.union(all.filter { $0.hasPrefix("image_encoder.blocks.0.") }))
        let error = try #require(throws: TrainingError.self) { try trained(family) { $0.preset = "last-3-blocks" } }
        #expect(error.code == .parameters && error.message.contains("only 2 blocks"))
    }

    /// Blocks of a TinyViT are counted over its stages; merges behind the first of them belong to it.
    @Test func theLastBlocksOfATinyViT() throws {
        let all = try trained("tiny") { _ in }
        func encoder(_ parts: [String]) -> Set<String> {
            all.filter { name in
                (parts.map { "image_encoder.\($0)." } + ["mask_decoder."]).contains { name.hasPrefix($0) }
            }
        }
        #expect(try trained("tiny") { $0.preset = "last-2-blocks" } == encoder(["layers.2", "layers.3", "neck"]))
        #expect(
            try trained("tiny") { $0.preset = "last-3-blocks" }
                == encoder(["layers.1.blocks.1", "layers.1.downsample", "layers.2", "layers.3", "neck"]))
        #expect(
            try trained("tiny") { $0.preset = "last-5-blocks" }
                == encoder(["layers.0", "layers.1", "layers.2", "layers.3", "neck"]))
    }

    @Test(arguments: [
        ("decodr", "'decoder'"), ("last-x-blocks", "last-4-blocks"), ("last-0-blocks", "last-4-blocks"),
        ("lora", "full"),
    ])
    func unknownPresetsAreErrors(name: String, words: String) throws {
        let error = try #require(throws: TrainingError.self) { try trained { $0.preset = name } }
        #expect(error.code == .configuration && error.message.contains(words), "\(error.message)")
    }

    @Test func presetsAndPatterns() throws {
        let error = try #require(throws: TrainingError.self) {
            try trained {
                $0.preset = "decoder"
                $0.trainOnly = ["mask_decoder"]
            }
        }
        #expect(error.code == .configuration)
        let left = try trained {
            $0.preset = "decoder"
            $0.freeze = ["mask_decoder.transformer"]
        }
        #expect(left.allSatisfy { !$0.hasPrefix("mask_decoder.transformer.") } && left.count > 10)
        #expect(throws: TrainingError.self) {
            try trained {
                $0.preset = "decoder"
                $0.freeze = ["mask_decoder"]
            }
        }
    }

    // MARK: Adapters

    @Test func adaptersTakeThePlaceOfTheirLayers() throws {
        let (model, alone) = try parameters { $0.loraRank = 2 }
        #expect(alone.all.map(\.name).allSatisfy { $0.contains(".lora_") } && alone.updates.count == 4)
        #expect(alone.updates.map(\.site.part) == [.q, .v, .q, .v] && alone.targets == ["q=2", "v=2"])
        #expect(model.parameters.filter(\.isTrainable).isEmpty)
        let names = try trained { $0.preset = "decoder+lora" }
        #expect(names.contains("image_encoder.blocks.0.attn.qkv.q.lora_A.weight"))
        #expect(try names.isSuperset(of: trained { $0.preset = "decoder" }))
        let (_, decoder) = try parameters { $0.preset = "decoder+lora" }
        #expect(decoder.updates.allSatisfy { $0.rank == 4 && $0.alpha == 4 })
        let full = try trained {
            $0.preset = "full"
            $0.loraRank = 1
            $0.loraTargets = ["decoder"]
        }
        #expect(
            full.contains("image_encoder.blocks.0.attn.qkv.weight") && full.contains("mask_decoder.iou_token.weight"))
        #expect(!full.contains("mask_decoder.transformer.layers.0.mlp.lin1.weight"))
        #expect(!full.contains("mask_decoder.transformer.layers.0.mlp.lin1.bias"))
        #expect(full.contains("mask_decoder.transformer.layers.0.mlp.lin1.lora_B.weight"))
        // What freeze names is about the model's own parameters.
        let frozen = try trained {
            $0.preset = "full"
            $0.freeze = ["image_encoder"]
            $0.loraRank = 1
        }
        #expect(frozen.filter { $0.hasPrefix("image_encoder.") }.count == 8)
    }

    @Test func ranksAndAlphas() throws {
        let (_, parameters) = try parameters {
            $0.loraRank = 2
            $0.loraAlpha = 6
            $0.loraTargets = ["q", "out=3", "decoder=1:5", "mask_decoder.*.self_attn.?_proj.weight=4:8"]
        }
        func update(_ words: String) throws -> AdapterUpdate {
            try #require(parameters.updates.first { $0.site.nameOfA.contains(words) }, "\(words)")
        }
        let expected: [(String, Int, Double)] = [
            ("blocks.0.attn.qkv.q", 2, 6), ("blocks.1.attn.proj", 3, 6), ("iou_prediction_head", 1, 5),
            ("layers.1.self_attn.k_proj", 4, 8), ("cross_attn_token_to_image.k_proj", 1, 5),
        ]
        for (words, rank, alpha) in expected {
            let found = try update(words)
            #expect(found.rank == rank && found.alpha == alpha, "\(words)")
            #expect(found.update.scale == Float(alpha / Double(rank)) && found.update.a.shape[0] == rank)
            #expect(found.update.b.value.values.allSatisfy { $0 == 0 })
            let bound = 1 / Float(found.update.a.shape[1]).squareRoot()
            let a = found.update.a.value.values
            #expect(a.allSatisfy { abs($0) <= bound } && a.contains { abs($0) > bound / 4 })
        }
        // A rank of its own is enough to be an adapter.
        let (_, own) = try self.parameters {
            $0.preset = "decoder"
            $0.loraTargets = ["q", "v=2"]
        }
        #expect(Set(own.updates.map(\.site.part)) == [.v])
    }

    @Test(arguments: [
        (["qq"], "'q'"), (["decodr"], "'decoder'"), (["q=0"], "=RANK"), (["q=2:0"], "=RANK"), (["q=2:1:1"], "=RANK"),
        (["q=many"], "=RANK"), (["image_encoder.blocks.7.*"], "selects no weight"),
        (["image_encoder.blocks.0.attn.rel_pos_h"], "rel_pos_h is none"), (["q=17"], "larger than"),
        (["mask_decoder.output_hypernetworks_mlps.0.layers.2.weight=3"], "2 x 16"),
        (["image_encoder.blocks.0.attn.qkv.weight", "v"], "as a whole"), ([], "names nothing"),
    ])
    func wrongTargetsAreErrors(targets: [String], words: String) throws {
        let error = try #require(throws: TrainingError.self) {
            try trained {
                $0.loraRank = 1
                $0.loraTargets = targets
            }
        }
        #expect(error.message.contains(words) && error.kind == .usage, "\(error.message)")
    }

    /// Names of a ViT mean nothing to a TinyViT.
    @Test func targetsOfAnotherEncoder() throws {
        let error = try #require(throws: TrainingError.self) {
            try trained("tiny") {
                $0.loraRank = 1
                $0.loraTargets = ["image_encoder.blocks.0.mlp.lin1.weight"]
            }
        }
        #expect(error.code == .parameters)
        let (_, tiny) = try parameters("tiny") {
            $0.loraRank = 1
            $0.loraTargets = ["q", "mlp", "out"]
        }
        #expect(tiny.updates.count == 4 * 4 && !tiny.updates.contains { $0.site.weight.contains(".head.") })
    }

    // MARK: Joining

    @Test func parametersJoin() throws {
        let (model, parameters) = try parameters {
            $0.preset = "decoder"
            $0.unfreeze = ["2:image_encoder.neck", "4:last-1-blocks", "5:prompt_encoder"]
            $0.freeze = ["*.rel_pos_?"]
        }
        func trainable() -> Set<String> { Set(model.parameters.filter(\.isTrainable).map(\.name)) }
        let start = trainable()
        #expect(start.allSatisfy { $0.hasPrefix("mask_decoder.") } && parameters.joinEpochs == [2, 4, 5])
        parameters.begin(epoch: 1)
        #expect(trainable() == start)
        parameters.begin(epoch: 2)
        let neck = trainable()
        #expect(
            neck.subtracting(start).allSatisfy { $0.hasPrefix("image_encoder.neck.") } && neck.count == start.count + 6)
        parameters.begin(epoch: 4)
        let block = trainable().subtracting(neck)
        #expect(block.allSatisfy { $0.hasPrefix("image_encoder.blocks.1.") } && block.count == 12)
        parameters.begin(epoch: 9)
        #expect(trainable() == Set(parameters.all.map(\.name)))
        #expect(parameters.joinEpoch("image_encoder.neck.0.weight") == 2)
        #expect(parameters.joinEpoch("mask_decoder.iou_token.weight") == 0)
        #expect(parameters.joinEpoch("image_encoder.pos_embed") == nil)
        func scale(_ name: String, _ step: Int) -> Double {
            parameters.rateScale(name, atStep: step, stepsPerEpoch: 10, warmupSteps: 4)
        }
        #expect([19, 20, 21, 23, 24].map { scale("image_encoder.neck.0.weight", $0) } == [0, 0.25, 0.5, 1, 1])
        #expect(scale("mask_decoder.iou_token.weight", 0) == 1)
        #expect(parameters.rateScale("image_encoder.neck.0.weight", atStep: 20, stepsPerEpoch: 10, warmupSteps: 0) == 1)
    }

    @Test(arguments: [
        ("neck", "EPOCH:PATTERN"), ("0:image_encoder.neck", "EPOCH:PATTERN"), ("x:image_encoder", "EPOCH:PATTERN"),
        ("2:", "EPOCH:PATTERN"), ("2:image_encodr", "selects no parameter"), ("2:mask_decoder", "selects no parameter"),
        ("2:last-9-blocks", "only 2 blocks"), ("3:image_encoder.blocks.0.attn.qkv.weight", "beside an adapter"),
    ])
    func wrongRulesAreErrors(rule: String, words: String) throws {
        let error = try #require(throws: TrainingError.self) {
            try trained {
                $0.preset = "decoder+lora"
                $0.unfreeze = [rule]
            }
        }
        #expect(error.message.contains(words), "\(error.message)")
        #expect(throws: TrainingError.self) { try trained { $0.unfreeze = ["1:image_encoder"] } }
    }

    // MARK: What is frozen

    /// What the cache goes by: how far an image's way is the same in every epoch.
    @Test func theFrozenBeginningFollowsFromWhatIsTrained() throws {
        func frozen(_ family: String, _ epoch: Int = 0, _ change: Change) throws -> EncoderDepth {
            let (model, parameters) = try parameters(family, change)
            parameters.begin(epoch: epoch)
            return model.imageEncoder.frozenDepth
        }
        #expect(try frozen("vit") { _ in } == .pixels)
        #expect(try frozen("vit") { $0.preset = "decoder" } == .features)
        #expect(try frozen("vit") { $0.preset = "last-1-blocks" } == .blocks(1))
        #expect(try frozen("vit") { $0.trainOnly = ["image_encoder.neck"] } == .blocks(2))
        #expect(try frozen("vit") { $0.trainOnly = ["image_encoder.pos_embed"] } == .pixels)
        #expect(try frozen("vit") { $0.preset = "decoder+lora" } == .pixels)
        #expect(
            try frozen("vit") {
                $0.loraRank = 1
                $0.loraTargets = ["image_encoder.blocks.1.attn.proj.weight"]
            } == .blocks(1))
        for (epoch, expected) in [(0, EncoderDepth.features), (1, .features), (2, .blocks(2)), (3, .blocks(1))] {
            let found = try frozen("vit", epoch) {
                $0.preset = "decoder"
                $0.unfreeze = ["2:image_encoder.neck", "3:last-1-blocks"]
            }
            #expect(found == expected)
        }
        // Stages of 1, 2, 1 and 1 blocks, with a merge behind each of the first three.
        #expect(try frozen("tiny") { $0.preset = "last-2-blocks" } == .blocks(5))
        #expect(try frozen("tiny") { $0.trainOnly = ["image_encoder.layers.1.downsample"] } == .blocks(4))
        #expect(try frozen("tiny") { $0.trainOnly = ["image_encoder.patch_embed"] } == .pixels)
        #expect(try frozen("plain") { $0.preset = "decoder" } == .features)
    }
}
