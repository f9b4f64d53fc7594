internal import Runtime
package import SAM

/// What a run that needs too much memory could change, each change planned as the run was.
package struct MemoryAdvice {
    /// A change of the configuration, and what the run would then need.
    package struct Change: Sendable, Hashable {
        /// What to do, as one would type it; every part of it makes the run need less.
        package let text: String
        package let peakBytes: Int
    }

    /// Bytes that the run may use.
    let limit: Int
    /// What would help, the least first.
    package let changes: [Change]

    /// Changes that are enough, in the order in which they are worth trying.
    var fitting: [Change] { changes.filter { Self.fits($0.peakBytes, limit) } }

    /// - Parameters:
    ///   - model: the architecture.
    ///   - configuration: of the run that needs too much.
    ///   - data: what is trained on.
    ///   - otherBytes: resident memory that is not the tensors'.
    ///   - limit: bytes that the run may use.
    package init(
        _ model: SAMConfiguration, configuration: TrainingConfiguration, data: MemoryPlan.Data, otherBytes: Int,
        limit: Int
    ) {
        self.limit = limit
        func plan(_ changed: TrainingConfiguration, _ architecture: SAMConfiguration) -> Int? {
            (try? MemoryPlan(architecture, configuration: changed, data: data, otherBytes: otherBytes))?.peakBytes
        }
        let before = plan(configuration, model) ?? Int.max
        var changes: [Change] = []
        /// Plans a change, without those of its parts that make no difference.
        ///
        /// - Returns: whether the run would then fit.
        @discardableResult
        func add(_ changed: TrainingConfiguration, ifItFits isWanted: Bool = false) -> Bool {
            guard var bytes = plan(changed, model) else { return false }
            var changed = changed
            for part in Self.parts {
                var without = changed
                part(&without, configuration)
                guard without != changed, let needed = plan(without, model), !Self.isLess(bytes, than: needed) else {
                    continue
                }
                (changed, bytes) = (without, needed)
            }
            let text = Self.text(of: changed, from: configuration)
            guard changed != configuration, Self.isLess(bytes, than: before) else { return false }
            if isWanted && !Self.fits(bytes, limit) { return false }
            if !changes.contains(where: { $0.text == text }) { changes.append(Change(text: text, peakBytes: bytes)) }
            return Self.fits(bytes, limit)
        }
        for changed in Self.lessAtOnce(configuration) where add(changed, ifItFits: changed.batchSize > 1) { break }
        for changed in Self.otherwise(configuration) { add(changed) }
        for changed in Self.fewerObjects(configuration, data)
        where add(changed, ifItFits: changed.objectsPerImage > 1) { break }
        for changed in Self.trainingLess(configuration, blocks: Self.blockCount(of: model)) { add(changed) }
        for changed in Self.everything(configuration) { add(changed) }
        for preset in Self.models where preset != model.preset {
            guard let bytes = plan(configuration, preset.configuration), Self.fits(bytes, limit),
                Self.isLess(bytes, than: before)
            else { continue }
            // Of weights one has no smaller model; somebody may have published one.
            let start = configuration.weights == nil ? "--model \(preset.rawValue)" : "weights of \(preset.rawValue)"
            changes.append(Change(text: "a smaller model: \(start)", peakBytes: bytes))
            break
        }
        self.changes = changes
    }

    /// The error of a run that is not begun.
    func refusal(of plan: MemoryPlan) -> TrainingError {
        func list(_ changes: [Change]) -> String {
            changes.map { "\n  \($0.text)  (about \(ByteSize(bytes: $0.peakBytes)))" }.joined()
        }
        let others = changes.filter { !Self.fits($0.peakBytes, limit) }.sorted { $0.peakBytes < $1.peakBytes }
        var message =
            "the run needs about \(ByteSize(bytes: plan.peakBytes)), more than the \(ByteSize(bytes: limit)) of max-memory"
        if !fitting.isEmpty { message += "\nwould fit:" + list(fitting) }
        if !others.isEmpty { message += "\nwould help, but not enough:" + list(others) }
        if changes.isEmpty { message += "; nothing that could be changed makes it less" }
        return TrainingError(.memory, message)
    }

    // MARK: Alternatives

    /// What a change may consist of, each part set back to what it was, those first that cost more of the results.
    private static let parts: [@Sendable (inout TrainingConfiguration, TrainingConfiguration) -> Void] = [
        { $0.preset = $1.preset }, { $0.report = $1.report }, { $0.objectsPerImage = $1.objectsPerImage },
        { $0.precision = $1.precision },
        { $0.checkpointActivations = $1.checkpointActivations },
        { ($0.batchSize, $0.accumulate) = ($1.batchSize, $1.accumulate) },
    ]

    /// Whether a need is so much less that a change is worth it: by a hundredth.
    private static func isLess(_ bytes: Int, than other: Int) -> Bool { bytes < other - other / 100 }

    /// Whether a run fits for certain: what the process itself takes differs from one start to the next.
    private static func fits(_ bytes: Int, _ limit: Int) -> Bool { bytes + (1 << 20) <= limit }

    /// Models of one family, the largest first.
    private static let models: [SAMConfiguration.Preset] = [.vitH, .vitL, .vitB, .slimSAM50, .vitT, .slimSAM77, .nano]

    /// Half as many images at once, or half of these, for more times a step: the same results, nearly.
    private static func lessAtOnce(_ configuration: TrainingConfiguration) -> [TrainingConfiguration] {
        var all: [TrainingConfiguration] = []
        var changed = configuration
        while changed.batchSize > 1 {
            let isEven = changed.batchSize % 2 == 0
            changed.accumulate *= isEven ? 2 : changed.batchSize
            changed.batchSize = isEven ? changed.batchSize / 2 : 1
            // More passes a step than can be asked for.
            if changed.accumulate > 4096 { break }
            all.append(changed)
        }
        return all
    }

    /// The same results in more time, or nearly the same.
    private static func otherwise(_ configuration: TrainingConfiguration) -> [TrainingConfiguration] {
        var (checkpointed, half) = (configuration, configuration)
        checkpointed.checkpointActivations = true
        if half.precision == .f32 { half.precision = .bf16 }
        var smallest = lessAtOnce(configuration).last ?? configuration
        smallest.checkpointActivations = true
        // Where large images are validated on, the report is what needs most.
        var unreported = configuration
        unreported.report = false
        return [checkpointed, half] + (smallest == checkpointed ? [] : [smallest]) + [unreported]
    }

    /// Half the objects, or half of these.
    private static func fewerObjects(
        _ configuration: TrainingConfiguration, _ data: MemoryPlan.Data
    ) -> [TrainingConfiguration] {
        var all: [TrainingConfiguration] = []
        var changed = configuration
        changed.objectsPerImage = data.worstBatch(configuration).first ?? 0
        while changed.objectsPerImage > 1 {
            changed.objectsPerImage /= 2
            all.append(changed)
        }
        return all
    }

    /// The encoder's second half and the decoder alone, or the decoder alone.
    private static func trainingLess(_ configuration: TrainingConfiguration, blocks: Int) -> [TrainingConfiguration] {
        // Who says what is trained by name means it.
        guard configuration.trainOnly.isEmpty else { return [] }
        let half = max(1, blocks / 2)
        return ["last-\(half)-block\(half == 1 ? "" : "s")", "decoder"].map { preset in
            var changed = configuration
            changed.preset = preset
            return changed
        }
    }

    /// Several of these together, for runs that need far too much.
    private static func everything(_ configuration: TrainingConfiguration) -> [TrainingConfiguration] {
        var all = lessAtOnce(configuration).last ?? configuration
        all.checkpointActivations = true
        if all.precision == .f32 { all.precision = .bf16 }
        all.objectsPerImage = 1
        all.report = false
        var frozen = all
        (frozen.checkpointActivations, frozen.precision) = (
            configuration.checkpointActivations, configuration.precision
        )
        if frozen.trainOnly.isEmpty { frozen.preset = "decoder" }
        return [all, frozen]
    }

    /// The options that lead from one configuration to another, as one would type them.
    private static func text(of changed: TrainingConfiguration, from before: TrainingConfiguration) -> String {
        var parts: [String] = []
        if changed.batchSize != before.batchSize {
            parts.append("--batch-size \(changed.batchSize) --accumulate \(changed.accumulate)")
        }
        if changed.checkpointActivations != before.checkpointActivations { parts.append("--checkpoint-activations") }
        if changed.precision != before.precision { parts.append("--precision \(changed.precision)") }
        if changed.objectsPerImage != before.objectsPerImage {
            parts.append("--objects-per-image \(changed.objectsPerImage)")
        }
        if changed.report != before.report { parts.append("--set report=\(changed.report)") }
        if let preset = changed.preset, preset != before.preset { parts.append("--preset " + preset) }
        return parts.joined(separator: " ")
    }

    /// Blocks of the encoder as `last-N-blocks` counts them.
    private static func blockCount(of model: SAMConfiguration) -> Int {
        switch model.encoder {
        case .vit(let vit): vit.depth
        case .plainViT(let vit): vit.depth
        case .tinyViT(let vit): vit.depths.reduce(0, +)
        }
    }
}
