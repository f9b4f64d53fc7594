import Checkpoints
import SAM
import Tensors
import TestSupport
import Testing

/// Low-rank updates from files.
@Suite struct LoRAAdapterTests {
    private static let folder = Repository.fixture("SAM/adapters")
    private static func file(_ name: String) throws -> StateDict {
        try SafeTensors.read("\(folder)/\(name).safetensors")
    }

    /// Merged weights give what the reference computes with the updates beside the layer.
    @Test func mergingEqualsRunning() throws {
        let merged = try LoRAAdapter(Self.file("adapter")).merged(into: Self.file("base"))
        let expected = try Self.file("expected")
        let x = try #require(expected["x"]).tensor()
        for block in 0..<2 {
            let path = "image_encoder.blocks.\(block).attn.qkv"
            let found = x.linear(
                weight: try #require(merged[path + ".weight"]).tensor(),
                bias: try #require(merged[path + ".bias"]).tensor())
            #expect(relativeError(found, try #require(expected["block.\(block)"])) < 1e-5)
        }
    }

    /// Keys stay as they are, and updates of zero change nothing.
    @Test func onlyQueriesAndValuesChange() throws {
        let base = try Self.file("base")
        let merged = try LoRAAdapter(Self.file("adapter")).merged(into: base)
        #expect(merged.names == base.names)
        let name = "image_encoder.blocks.1.attn.qkv.weight"
        let (before, after) = (try #require(base[name]).floats(), try #require(merged[name]).floats())
        let third = before.count / 3
        #expect(before[third..<2 * third] == after[third..<2 * third])
        #expect(before[..<third] != after[..<third] && before[(2 * third)...] != after[(2 * third)...])

        var nothing = StateDict()
        for entry in try Self.file("adapter").entries {
            let isB = entry.name.hasPrefix("w_b")
            let values = entry.tensor.floats().map { isB ? 0 : $0 }
            nothing.append(entry.name, StateTensor(shape: entry.tensor.shape, values: values))
        }
        let same = try LoRAAdapter(nothing).merged(into: base)
        for entry in base.entries { #expect(same[entry.name]?.floats() == entry.tensor.floats()) }
    }

    /// SAMed's files bring a decoder of their own, with one mask a class.
    @Test func aDecoderIsReplaced() throws {
        var base = try Self.file("base")
        base.append(
            "mask_decoder.mask_tokens.weight", StateTensor(shape: [4, 2], values: [Float](repeating: 1, count: 8)))
        base.append("mask_decoder.old", StateTensor(shape: [1], values: [1]))
        base.append("prompt_encoder.kept", StateTensor(shape: [1], values: [1]))
        base.metadata[SAMConfiguration.metadataKey] = "{}"
        var adapter = try Self.file("adapter")
        adapter.append(
            "mask_decoder.mask_tokens.weight", StateTensor(shape: [9, 2], values: [Float](repeating: 2, count: 18)))
        let merged = try LoRAAdapter(adapter).merged(into: base)
        #expect(merged["mask_decoder.mask_tokens.weight"]?.shape == [9, 2])
        #expect(merged["mask_decoder.old"] == nil && merged["prompt_encoder.kept"] != nil)
        #expect(merged.metadata[SAMConfiguration.metadataKey] == nil)
    }

    @Test func whatDoesNotFitIsNamed() throws {
        let base = try Self.file("base")
        let adapter = try Self.file("adapter")
        func changed(_ change: (String, StateTensor) -> StateTensor?) -> StateDict {
            var result = StateDict()
            for entry in adapter.entries {
                if let tensor = change(entry.name, entry.tensor) { result.append(entry.name, tensor) }
            }
            return result
        }
        func demand(_ words: String, _ state: StateDict) {
            let error = #expect(throws: CheckpointError.self) { try LoRAAdapter(state).merged(into: base) }
            #expect(error?.message.contains(words) == true, "\(words): \(String(describing: error))")
        }
        demand("not w_b_002", changed { $0 == "w_b_002" ? nil : $1 })
        demand("two of the same shape", changed { $0 == "w_a_001" ? nil : $1 })
        demand("more of them", changed { $0 == "w_a_002" ? nil : $1 })
        demand("[rank, D]", changed { $0 == "w_b_001" ? StateTensor(shape: [3, 12], values: $1.floats()) : $1 })
        var odd = adapter
        odd.append("strange", StateTensor(shape: [1], values: [1]))
        demand("strange", odd)
        var half = StateDict()
        for entry in adapter.entries where entry.name.hasSuffix("0") || entry.name.hasSuffix("1") {
            half.append(entry.name, entry.tensor)
        }
        demand("of 1 blocks", half)
    }

    /// The real adapter of Sam_LoRA fits the real dimensions of vit_b.
    @Test(.enabled(if: Repository.sharedData("sam-lora") != nil, "needs ../shared/data/sam-lora"))
    func theRealAdapterIsRead() throws {
        let folder = try #require(Repository.sharedData("sam-lora"))
        let file = try CheckpointFile.read(folder + "/lora_weights/lora_rank2.safetensors")
        let adapter = try LoRAAdapter(file.state)
        #expect(adapter.rank == 2 && adapter.blockCount == 12 && adapter.replacedCount == 0)
        var base = StateDict()
        for block in 0..<12 {
            base.append(
                "image_encoder.blocks.\(block).attn.qkv.weight", StateTensor(Tensor(zeros: [3 * 768, 768])))
        }
        let merged = try adapter.merged(into: base)
        let weight = try #require(merged["image_encoder.blocks.3.attn.qkv.weight"]).tensor()
        // Of the values of block 3: number 7, B A by hand.
        let (a, b) = (try #require(file.state["w_a_007"]).floats(), try #require(file.state["w_b_007"]).floats())
        for (row, column) in [(0, 0), (5, 700), (767, 3)] {
            let expected = (0..<2).reduce(Float(0)) { $0 + b[row * 2 + $1] * a[$1 * 768 + column] }
            #expect(abs(weight.values[(2 * 768 + row) * 768 + column] - expected) < 1e-7)
        }
        #expect(weight.values[(768 * 768)..<(2 * 768 * 768)].allSatisfy { $0 == 0 })
    }
}
