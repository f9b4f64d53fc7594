package import Checkpoints
package import Tensors

/// Low-rank updates of the image encoder's attention, as Sam_LoRA and SAMed save them: `W += B A` for the queries and the
/// values of each block.
///
/// Tensors `w_a_000`, `w_b_000`, `w_a_001`, ...: an even number is the queries of block number / 2, an odd one its values;
/// A is [rank, D], B [D, rank]. SAMed's files hold prompt encoder and mask decoder as well, which replace the model's; a
/// `fc_...` tensor of a classification head is no part of SAM. Sam_LoRA trains with biases that it does not save.
/// Source: `src/lora.py` of MathieuNlp/Sam_LoRA, `sam_lora_image_encoder.py` of SAMed.
package struct LoRAAdapter: Sendable {
    /// One update.
    private struct Update: Sendable {
        let a: StateTensor
        let b: StateTensor
    }

    /// Two for each block: queries, values.
    private let updates: [Update]
    /// Tensors of parts that are replaced as a whole.
    private let replacements: [StateDict.Entry]

    /// Width of the updates.
    package var rank: Int { updates[0].a.shape[0] }
    /// Blocks that are updated.
    package var blockCount: Int { updates.count / 2 }
    /// Number of tensors that replace the model's own.
    package var replacedCount: Int { replacements.count }

    /// The matrices of one update.
    ///
    /// - Parameters:
    ///   - block: 0 ..< ``blockCount``.
    ///   - part: of the queries or the values; keys have none.
    /// - Returns: A [rank, D] and B [D, rank], or nil.
    package func factors(block: Int, part: AdapterSite.Part) -> (a: Tensor, b: Tensor)? {
        guard (0..<blockCount).contains(block), part != .k else { return nil }
        let update = updates[2 * block + (part == .q ? 0 : 1)]
        return (update.a.tensor(), update.b.tensor())
    }

    private static let replacedParts = ["prompt_encoder.", "mask_decoder."]

    /// Whether tensors are those of such a file.
    package static func isAdapter(_ state: StateDict) -> Bool { state["w_a_000"] != nil }

    /// - Throws: `CheckpointError.mismatch` for tensors that are missing, of other shapes, or of no known purpose.
    package init(_ state: StateDict) throws(CheckpointError) {
        var updates: [Update] = []
        while let a = state[Self.name("a", updates.count)] {
            let (nameA, nameB) = (Self.name("a", updates.count), Self.name("b", updates.count))
            guard let b = state[nameB] else {
                throw CheckpointError(.mismatch, "the adapter has \(nameA), but not \(nameB)")
            }
            guard a.shape.count == 2, b.shape.count == 2, a.shape[0] >= 1, b.shape == [a.shape[1], a.shape[0]] else {
                throw CheckpointError(
                    .mismatch,
                    "\(nameA) and \(nameB) have shapes \(a.shape) and \(b.shape); [rank, D] and [D, rank] are wanted")
            }
            updates.append(Update(a: a, b: b))
        }
        guard let first = updates.first, updates.count.isMultiple(of: 2),
            updates.allSatisfy({ $0.a.shape == first.a.shape })
        else {
            throw CheckpointError(
                .mismatch,
                "the adapter has \(updates.count) pairs w_a, w_b; two of the same shape are wanted for each block")
        }
        self.updates = updates
        replacements = state.entries.filter { entry in Self.replacedParts.contains { entry.name.hasPrefix($0) } }
        let known = 2 * updates.count + replacements.count
        let others = state.names.filter { name in
            !name.hasPrefix("w_a_") && !name.hasPrefix("w_b_") && !Self.replacedParts.contains { name.hasPrefix($0) }
                && !name.hasPrefix("fc_")
        }
        guard others.isEmpty, state.names.filter({ !$0.hasPrefix("fc_") }).count == known else {
            throw CheckpointError(
                .mismatch,
                "besides \(updates.count) pairs w_a, w_b the adapter has "
                    + (others.isEmpty ? "more of them, with gaps in their numbers" : others.joined(separator: ", ")))
        }
    }

    static func name(_ letter: String, _ index: Int) -> String {
        let digits = String(index)
        return "w_\(letter)_" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits
    }

    /// A model's tensors with the updates added to them.
    ///
    /// - Parameter base: under the reference's names.
    /// - Throws: `CheckpointError.mismatch` when the model has another number of blocks, or another width.
    package func merged(into base: StateDict) throws(CheckpointError) -> StateDict {
        let blocks = base.names.filter { $0.hasPrefix("image_encoder.blocks.") && $0.hasSuffix(".attn.qkv.weight") }
            .count
        guard blocks == blockCount else {
            throw CheckpointError(
                .mismatch, "the adapter is for a ViT of \(blockCount) blocks; the model's encoder has \(blocks)")
        }
        var changed: [String: StateTensor] = [:]
        for block in 0..<blockCount {
            let name = "image_encoder.blocks.\(block).attn.qkv.weight"
            let width = updates[2 * block].a.shape[1]
            guard let weight = base[name], weight.shape == [3 * width, width] else {
                throw CheckpointError(
                    .mismatch, "the adapter is for a width of \(width); \(name) has shape \(base[name]?.shape ?? [])")
            }
            changed[name] = Self.updated(weight, query: updates[2 * block], value: updates[2 * block + 1])
        }
        var result = StateDict()
        result.metadata = base.metadata
        let replaced = Set(Self.replacedParts.filter { part in replacements.contains { $0.name.hasPrefix(part) } })
        // The configuration in the metadata speaks of the parts that go; it holds where they come back in the same shapes.
        let isSame =
            replacements.allSatisfy { base[$0.name]?.shape == $0.tensor.shape }
            && base.entries.count { entry in replaced.contains { entry.name.hasPrefix($0) } } == replacements.count
        if !isSame { result.metadata[SAMConfiguration.metadataKey] = nil }
        for entry in base.entries where !replaced.contains(where: { entry.name.hasPrefix($0) }) {
            result.append(entry.name, changed[entry.name] ?? entry.tensor)
        }
        for entry in replacements { result.append(entry.name, entry.tensor) }
        return result
    }

    private static func updated(_ weight: StateTensor, query: Update, value: Update) -> StateTensor {
        let base = weight.tensor()
        let width = weight.shape[1]
        func change(_ update: Update) -> Tensor { update.b.tensor().matmul(update.a.tensor()) }
        let parts = [
            base.sliced(axis: 0, range: 0..<width) + change(query), base.sliced(axis: 0, range: width..<2 * width),
            base.sliced(axis: 0, range: 2 * width..<3 * width) + change(value),
        ]
        return StateTensor(GradientRecording.off { Tensor.concatenated(parts, axis: 0) })
    }
}
