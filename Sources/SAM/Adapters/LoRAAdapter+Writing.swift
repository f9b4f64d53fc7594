package import Checkpoints
private import Layers
private import Runtime
private import Tensors

extension LoRAAdapter {
    /// Whose file is written.
    package enum Form: Sendable, Hashable {
        /// Updates alone, as `load_lora_parameters` of MathieuNlp/Sam_LoRA reads them.
        case samLoRA
        /// Updates, prompt encoder and mask decoder, as `load_lora_parameters` of SAMed reads them.
        case samed
    }

    /// What samdata trained beside a base, as tensors of Sam_LoRA or SAMed. What an update counts goes into B.
    ///
    /// - Parameters:
    ///   - checkpoint: of updates of one rank, for queries and values of every block of a ViT.
    ///   - form: SAMed's files have place for a trained prompt encoder and mask decoder, Sam_LoRA's for updates alone.
    /// - Throws: `CheckpointError.mismatch` for anything else; what reading the base throws.
    package static func state(of checkpoint: AdapterCheckpoint, as form: Form) throws -> StateDict {
        let model = try checkpoint.attached()
        guard case .vit(let vit) = model.configuration.encoder else {
            throw CheckpointError(.mismatch, "Sam_LoRA's and SAMed's files are for the encoders vit_b, vit_l and vit_h")
        }
        let updates = Dictionary(
            uniqueKeysWithValues: checkpoint.description.updates.map { ($0.site, $0) })
        var state = StateDict()
        let rank = checkpoint.description.rank
        for number in 0..<2 * vit.depth {
            let part: AdapterSite.Part = number % 2 == 0 ? .q : .v
            let site = AdapterSite(
                weight: "image_encoder.blocks.\(number / 2)" + AdapterSite.jointSuffix, part: part)
            guard let update = updates[site], update.rank == rank, let a = checkpoint[site.nameOfA],
                let b = checkpoint[site.nameOfB]
            else {
                throw CheckpointError(
                    .mismatch,
                    "Sam_LoRA's and SAMed's files hold updates of one rank for the queries and the values of every block; "
                        + "the adapter has none of rank \(rank) for \(part.rawValue) of block \(number / 2)")
            }
            let scale = Float(update.alpha / Double(rank))
            let name = (a: LoRAAdapter.name("a", number), b: LoRAAdapter.name("b", number))
            state.append(name.a, StateTensor(a.tensor()))
            state.append(name.b, StateTensor(scale == 1 ? b.tensor() : b.tensor().scaled(by: scale)))
        }
        let parts = ["prompt_encoder.", "mask_decoder."]
        let surplus =
            updates.keys.filter { !($0.weight.hasPrefix("image_encoder.") && ($0.part == .q || $0.part == .v)) }
            .map(\.nameOfB)
            + checkpoint.replacements.map(\.name).filter { name in
                form == .samLoRA || !parts.contains { name.hasPrefix($0) }
            }
        guard surplus.isEmpty else {
            let hint =
                form == .samLoRA && surplus.allSatisfy { name in
                    !name.contains(".lora_") && parts.contains { name.hasPrefix($0) }
                }
                ? "; a file of SAMed's, which ends in .pth, has" : ""
            throw CheckpointError(
                .mismatch,
                "\(form == .samLoRA ? "Sam_LoRA" : "SAMed")'s files have no place for "
                    + "\(surplus.sorted().prefix(3).joined(separator: ", "))\(surplus.count > 3 ? " and \(surplus.count - 3) more" : "")"
                    + ", which was trained as well\(hint)")
        }
        if form == .samed {
            for parameter in model.parameters where parts.contains(where: { parameter.name.hasPrefix($0) }) {
                state.append(parameter.name, StateTensor(parameter.value))
            }
        }
        return state
    }
}
