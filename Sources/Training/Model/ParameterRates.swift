/// The learning rate of each parameter as a factor of the run's: `learning-rates` times `layer-decay`.
struct ParameterRates {
    /// A factor, and what it is called.
    struct Rate: Sendable, Hashable {
        let name: String
        let factor: Double
    }

    private let patterns: [NamedNumber]
    private let layerDecay: Double
    private let depths: EncoderDepths

    /// - Parameter model: the names of all parameters of the model, in its order.
    init(_ configuration: TrainingConfiguration, model: [String]) {
        patterns = configuration.learningRates
        layerDecay = configuration.layerDecay
        depths = EncoderDepths(model)
    }

    /// The factor of a parameter: that of the first pattern which its name matches, times the decay once for each layer
    /// that lies between it and the neck.
    ///
    /// Source: BEiT's and ViTDet's layer-wise decay: `decay ^ (blocks + 1 - layer)` with layer 0 for the embedding of
    /// patches and positions, i for the i-th block from 1, blocks + 1 for all that follows.
    func rate(of name: String) -> Rate {
        let pattern = patterns.first { ParameterSelection.matches(name, $0.name) }
        var factor = pattern?.number ?? 1
        var labels = pattern.map { [$0.name] } ?? []
        if layerDecay < 1 {
            let distance = depths.last - depths.depth(of: name)
            for _ in 0..<distance { factor *= layerDecay }
            if distance > 0 { labels.append("layer \(depths.depth(of: name))") }
        }
        return Rate(name: labels.isEmpty ? "all" : labels.joined(separator: ", "), factor: factor)
    }

    /// Demands that every pattern selects something, since one that does not is a slip of the pen.
    ///
    /// - Throws: `TrainingError.parameters`.
    static func check(_ configuration: TrainingConfiguration, against names: [String]) throws(TrainingError) {
        for pattern in configuration.learningRates
        where !names.contains(where: { ParameterSelection.matches($0, pattern.name) }) {
            throw TrainingError(
                .parameters,
                "learning-rates: '\(pattern.name)' selects no parameter that is trained; "
                    + "`samdata inspect` of a checkpoint lists all names")
        }
    }
}

/// How deep each parameter of an image encoder lies: 0 for what comes before its blocks, then their numbers from 1.
///
/// Blocks are counted in the order of their parameters, so that the stages of TinyViT count on: `layers.0.blocks.1` comes
/// before `layers.1.blocks.0`. What joins two stages lies as deep as the block before it.
struct EncoderDepths {
    /// The depth of the neck, and of all parts behind the encoder: blocks + 1.
    let last: Int
    private var depths: [String: Int] = [:]

    /// - Parameter names: of all parameters of a model, in its order.
    init(_ names: [String]) {
        var blocks: [String: Int] = [:]
        for name in names where name.hasPrefix(Self.encoder) {
            let behind = name.dropFirst(Self.encoder.count)
            if let block = Self.block(of: behind) {
                blocks[block] = blocks[block] ?? blocks.count + 1
                depths[name] = blocks[block]
            } else if behind.hasPrefix("patch_embed") || behind.hasPrefix("pos_embed") {
                depths[name] = 0
            } else if behind.hasPrefix("layers.") {
                depths[name] = blocks.count
            }
        }
        last = blocks.count + 1
    }

    /// The depth of a parameter, 0...``last``.
    func depth(of name: String) -> Int { depths[name] ?? last }

    private static let encoder = "image_encoder."

    /// The part of a name that stands for a block: up to and with the number behind `blocks`.
    private static func block(of name: Substring) -> String? {
        let parts = name.split(separator: ".")
        guard let place = parts.firstIndex(of: "blocks"), place + 1 < parts.count, Int(parts[place + 1]) != nil else {
            return nil
        }
        return parts[...(place + 1)].joined(separator: ".")
    }
}
