package import SAM

/// The learning rate of each parameter as a factor of the run's: `learning-rates` times `layer-decay`.
package struct ParameterRates {
    /// A factor, and what it is called.
    struct Rate: Sendable, Hashable {
        let name: String
        let factor: Double
    }

    private let patterns: [NamedNumber]
    private let layerDecay: Double
    private let blocks: EncoderBlocks
    /// The weights that adapters change, by the names of the adapters' own matrices.
    private let weights: [String: String]

    /// - Parameters:
    ///   - model: the names of all parameters of the model, in its order.
    ///   - updates: the adapters.
    package init(_ configuration: TrainingConfiguration, model: [String], updates: [AdapterUpdate] = []) {
        patterns = configuration.learningRates
        layerDecay = configuration.layerDecay
        blocks = EncoderBlocks(model)
        weights = Dictionary(
            updates.flatMap { update in
                [update.site.nameOfA, update.site.nameOfB].map { ($0, update.site.weight) }
            }, uniquingKeysWith: { first, _ in first })
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
            let layer = layer(of: name)
            for _ in layer..<blocks.count + 1 { factor *= layerDecay }
            if layer <= blocks.count { labels.append("layer \(layer)") }
        }
        return Rate(name: labels.isEmpty ? "all" : labels.joined(separator: ", "), factor: factor)
    }

    /// 0 before the first block, then the blocks from 1, then all that follows. An adapter lies where its weight does.
    private func layer(of name: String) -> Int {
        switch blocks.place(of: weights[name] ?? name) {
        case .stem: 0
        case .block(let index): index + 1
        case .neck, nil: blocks.count + 1
        }
    }

    /// Demands that every pattern selects something, since one that does not is a slip of the pen.
    ///
    /// - Parameter isNew: whether the run begins; one that an earlier version began may have patterns that others overrule.
    /// - Throws: `TrainingError.parameters`.
    static func check(
        _ configuration: TrainingConfiguration, against names: [String], isNew: Bool
    ) throws(TrainingError) {
        var left = names
        for pattern in configuration.learningRates {
            let meant = names.filter { ParameterSelection.matches($0, pattern.name) }
            guard !meant.isEmpty else {
                throw TrainingError(
                    .parameters,
                    "learning-rates: '\(pattern.name)' selects no parameter that is trained; "
                        + "`samdata inspect` of a checkpoint lists all names"
                        + ParameterSelection.hint(for: pattern.name, among: names))
            }
            guard !isNew || meant.contains(where: left.contains) else {
                throw TrainingError(
                    .parameters,
                    "learning-rates: '\(pattern.name)' has no effect, as the first pattern that fits a parameter holds and others "
                        + "before it fit all of its; put it before them")
            }
            left.removeAll { ParameterSelection.matches($0, pattern.name) }
        }
    }
}
