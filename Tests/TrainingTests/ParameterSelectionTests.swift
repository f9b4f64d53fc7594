import Layers
import Runtime
import SAM
import Tensors
import Testing
import Training

@Suite struct ParameterSelectionTests {
    private func trained(_ trainOnly: [String], _ freeze: [String]) throws -> Set<String> {
        let model = SAMModel(TrainingFixture.configuration, seed: 0)
        return Set(
            try ParameterSelection(trainOnly: trainOnly, freeze: freeze).apply(to: model.parameters).map(\.name))
    }

    @Test func partsAndPatternsSelect() throws {
        let all = try trained([], [])
        #expect(!all.contains("prompt_encoder.pe_layer.positional_encoding_gaussian_matrix"))
        #expect(try trained(["mask_decoder"], []) == all.filter { $0.hasPrefix("mask_decoder.") })
        #expect(try trained([], ["image_encoder", "prompt_encoder"]) == all.filter { $0.hasPrefix("mask_decoder.") })
        #expect(
            try trained(["*.bias"], ["mask_decoder.*"])
                == all.filter {
                    $0.hasSuffix(".bias") && !$0.hasPrefix("mask_decoder.")
                })
        #expect(
            try trained(["image_encoder.blocks.?.attn.rel_pos_h"], [])
                == ["image_encoder.blocks.0.attn.rel_pos_h", "image_encoder.blocks.1.attn.rel_pos_h"])
    }

    @Test(arguments: [(["image_encodr"], [] as [String]), ([], ["lora*"]), (["mask_decoder"], ["mask_decoder"])])
    func selectionsOfNothingAreErrors(trainOnly: [String], freeze: [String]) throws {
        let error = try #require(throws: TrainingError.self) { try trained(trainOnly, freeze) }
        #expect(error.code == .parameters && error.kind == .usage)
    }
}
