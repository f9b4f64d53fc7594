import Checkpoints
import Layers
import Runtime
import SAM
import Tensors
import TestSupport
import Testing

@Suite struct SAMModelTests {
    private static let nano = SAMConfiguration.Preset.nano.configuration

    @Test func weightsDependOnTheSeedAlone() {
        let a = SAMModel(Self.nano, seed: 1).parameters
        let b = SAMModel(Self.nano, seed: 1).parameters
        let c = SAMModel(Self.nano, seed: 2).parameters
        #expect(a.map(\.value.values) == b.map(\.value.values))
        #expect(a.map(\.value.values) != c.map(\.value.values))
    }

    /// Spread of the first values, as the reference's constructors leave them.
    @Test func initialisationIsTheReferences() throws {
        let parameters = SAMModel(Self.nano, seed: 1).parameters
        func values(_ name: String) throws -> [Float] {
            try #require(parameters.first { $0.name == name }).value.values
        }
        #expect(try values("image_encoder.pos_embed").allSatisfy { $0 == 0 })
        #expect(try values("image_encoder.blocks.1.attn.rel_pos_h").allSatisfy { $0 == 0 })
        #expect(try values("image_encoder.blocks.0.norm1.weight").allSatisfy { $0 == 1 })
        for (name, fanIn) in [
            ("image_encoder.blocks.0.attn.qkv.weight", 64), ("image_encoder.blocks.0.attn.qkv.bias", 64),
            ("image_encoder.patch_embed.proj.weight", 192), ("image_encoder.neck.2.weight", 576),
            ("mask_decoder.output_upscaling.0.weight", 64),
        ] {
            let bound = 1 / Float(fanIn).squareRoot()
            let found = try values(name)
            let largest = found.reduce(0) { max($0, abs($1)) }
            #expect(largest <= bound && largest > 0.9 * bound, "\(name): \(largest) of \(bound)")
        }
        for name in [
            "mask_decoder.mask_tokens.weight", "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
        ] {
            let found = try values(name)
            let variance = found.reduce(0) { $0 + $1 * $1 } / Float(found.count)
            #expect((0.6...1.5).contains(variance), "\(name): \(variance)")
        }
    }

    @Test func checkpointSurvivesTheRoundTrip() throws {
        let model = SAMModel(Self.nano, seed: 4)
        let directory = try TemporaryDirectory()
        try SAMCheckpoint.write(model, to: directory.file("a"), metadata: ["step": "12"])
        let copy = try SAMCheckpoint.read(directory.file("a"))
        #expect(copy.configuration == model.configuration)
        #expect(zip(copy.parameters, model.parameters).allSatisfy { $0.value.values == $1.value.values })
        try SAMCheckpoint.write(copy, to: directory.file("b"), metadata: ["step": "12"])
        #expect(try SafeTensors.read(directory.file("b")).metadata["step"] == "12")
    }

    @Test func checkpointErrorsNameTheFile() throws {
        let directory = try TemporaryDirectory()
        var state = StateDict(SAMModel(Self.nano).parameters)
        state.append("surplus", StateTensor(shape: [1], values: [0]))
        state.metadata[SAMConfiguration.metadataKey] = Self.nano.metadataText
        try SafeTensors.write(state, to: directory.file("a"))
        let surplus = #expect(throws: CheckpointError.self) { try SAMCheckpoint.read(directory.file("a")) }
        #expect(surplus?.description.contains("surplus") == true)
        #expect(surplus?.location?.path == directory.file("a"))
        try SafeTensors.write(StateDict(), to: directory.file("b"))
        let empty = #expect(throws: SAMError.self) { try SAMCheckpoint.read(directory.file("b")) }
        #expect(empty?.location?.path == directory.file("b"))
    }
}
