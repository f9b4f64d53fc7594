private import Runtime

/// A choice of what is trained, by name.
///
/// - `decoder`: the mask decoder; the prompt encoder stays as it is, as in micro-sam's frozen parts and lightning-sam.
/// - `decoder+lora`: the mask decoder, and low-rank adapters in the image encoder, of rank 4 unless `lora-rank` says more.
/// - `last-N-blocks`: the encoder's last N blocks and all that follows: its neck and the mask decoder.
/// - `full`: everything but buffers.
package enum TrainingPreset: Sendable, Hashable {
    case decoder
    case decoderAndAdapters
    case lastBlocks(Int)
    case full

    /// Rank of adapters that a preset brings where none is given.
    package static let defaultRank = 4

    /// Names as they are listed in messages.
    static let names = ["decoder", "decoder+lora", "last-4-blocks", "full"]

    /// - Returns: nil for what is no preset's name.
    package init?(name: String) {
        switch name {
        case "decoder": self = .decoder
        case "decoder+lora": self = .decoderAndAdapters
        case "full": self = .full
        default:
            let parts = name.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[0] == "last", parts[2] == "blocks" || parts[2] == "block",
                parts[1].allSatisfy(\.isNumber), let count = Int(parts[1]), (1...999_999).contains(count)
            else { return nil }
            self = .lastBlocks(count)
        }
    }

    /// The preset of a configuration, if it names one.
    ///
    /// - Throws: `TrainingError.configuration` for a name that is none, with the nearest one.
    static func named(_ name: String?) throws(TrainingError) -> TrainingPreset? {
        guard let name else { return nil }
        guard let preset = TrainingPreset(name: name) else {
            throw TrainingError(
                .configuration,
                "preset: there is no '\(name)'; the presets are decoder, decoder+lora, last-N-blocks (as last-4-blocks) and "
                    + "full.\(NameSuggestion.sentence(for: name, among: names))")
        }
        return preset
    }

    /// Whether a parameter is trained.
    ///
    /// - Throws: `TrainingError.parameters` for more blocks than the encoder has.
    func selects(_ name: String, in blocks: EncoderBlocks) throws(TrainingError) -> Bool {
        let isDecoder = name.hasPrefix("mask_decoder.")
        switch self {
        case .decoder, .decoderAndAdapters: return isDecoder
        case .full: return true
        case .lastBlocks(let count):
            guard count <= blocks.count else {
                throw TrainingError(
                    .parameters, "last-\(count)-blocks: the model's image encoder has only \(blocks.count) blocks")
            }
            switch blocks.place(of: name) {
            case .block(let index): return index >= blocks.count - count
            case .neck: return true
            case .stem: return false
            case nil: return isDecoder
            }
        }
    }
}
