internal import Runtime
internal import SAM

/// What a run that needs too much memory could change, each change planned as the run was.
struct MemoryAdvice {
    /// A change of the configuration, and what the run would then need.
    struct Change: Sendable, Hashable {
        /// What to do, as one would type it.
        let text: String
        let peakBytes: Int
    }

    /// Bytes that the run may use.
    let limit: Int
    /// What would help, the least first.
    let changes: [Change]

    /// Changes that are enough, in the order in which they are worth trying.
    var fitting: [Change] { changes.filter { $0.peakBytes <= limit } }

    /// - Parameters:
    ///   - model: the architecture.
    ///   - configuration: of the run that needs too much.
    ///   - data: what is trained on.
    ///   - otherBytes: resident memory that is not the tensors'.
    ///   - limit: bytes that the run may use.
    init(
        _ model: SAMConfiguration, configuration: TrainingConfiguration, data: MemoryPlan.Data, otherBytes: Int,
        limit: Int
    ) {
        self.limit = limit
        func plan(_ changed: TrainingConfiguration, _ architecture: SAMConfiguration) -> Int? {
            (try? MemoryPlan(architecture, configuration: changed, data: data, otherBytes: otherBytes))?.peakBytes
        }
        let before = plan(configuration, model) ?? Int.max
        var changes: [Change] = []
        for alternative in Self.alternatives(to: configuration, data: data, blocks: Self.blockCount(of: model)) {
            if let bytes = plan(alternative.configuration, model), bytes < before {
                changes.append(Change(text: alternative.text, peakBytes: bytes))
            }
        }
        // Half the objects, or half of these, until it fits.
        var fewer = configuration
        fewer.objectsPerImage = min(configuration.objectsPerImage, data.objectsPerImage)
        while fewer.objectsPerImage > 1 {
            fewer.objectsPerImage /= 2
            guard let bytes = plan(fewer, model), bytes < before else { break }
            if bytes > limit && fewer.objectsPerImage > 1 { continue }
            changes.append(Change(text: "--objects-per-image \(fewer.objectsPerImage)", peakBytes: bytes))
            break
        }
        for preset in Self.models where preset != model.preset {
            guard let bytes = plan(configuration, preset.configuration), bytes <= limit, bytes < before else { continue }
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
        let others = changes.filter { $0.peakBytes > limit }.sorted { $0.peakBytes < $1.peakBytes }
        var message =
            "the run needs about \(ByteSize(bytes: plan.peakBytes)), more than the \(ByteSize(bytes: limit)) of max-memory"
        if !fitting.isEmpty { message += "\nwould fit:" + list(fitting) }
        if !others.isEmpty { message += "\nwould help, but not enough:" + list(others) }
        if changes.isEmpty { message += "; nothing that could be changed makes it less" }
        return TrainingError(.memory, message)
    }

    // MARK: Alternatives

    /// Models of one family, the largest first.
    private static let models: [SAMConfiguration.Preset] = [.vitH, .vitL, .vitB, .slimSAM50, .vitT, .slimSAM77, .nano]

    private typealias Alternative = (text: String, configuration: TrainingConfiguration)

    /// Changes that leave the results the same, or nearly so, come first; then those that train less.
    private static func alternatives(
        to configuration: TrainingConfiguration, data: MemoryPlan.Data, blocks: Int
    ) -> [Alternative] {
        var all: [Alternative] = []
        func add(_ text: String, _ change: (inout TrainingConfiguration) -> Void) {
            var changed = configuration
            change(&changed)
            if changed != configuration { all.append((text, changed)) }
        }
        let steps = configuration.imagesPerStep
        let small = "--batch-size 1 --accumulate \(steps)"
        func makeSmall(_ changed: inout TrainingConfiguration) { (changed.batchSize, changed.accumulate) = (1, steps) }
        add(small, makeSmall)
        add("--checkpoint-activations") { $0.checkpointActivations = true }
        add("--precision bf16") { if $0.precision == .f32 { $0.precision = .bf16 } }
        add("--checkpoint-activations \(small)") {
            $0.checkpointActivations = true
            makeSmall(&$0)
        }
        add("--checkpoint-activations --precision bf16 \(small) --objects-per-image 1") {
            $0.checkpointActivations = true
            if $0.precision == .f32 { $0.precision = .bf16 }
            makeSmall(&$0)
            $0.objectsPerImage = 1
        }
        let first = frozen(blocks: blocks / 2)
        add("--freeze \(first.joined(separator: ","))") { $0.freeze += first }
        add("--freeze image_encoder") { $0.freeze += ["image_encoder"] }
        add("--freeze image_encoder \(small) --objects-per-image 1") {
            $0.freeze += ["image_encoder"]
            makeSmall(&$0)
            $0.objectsPerImage = 1
        }
        return all
    }

    /// Patterns of the encoder's beginning: its embedding and first blocks; they fit a ViT's names.
    private static func frozen(blocks: Int) -> [String] {
        ["image_encoder.patch_embed", "image_encoder.pos_embed"] + (0..<blocks).map { "image_encoder.blocks.\($0)" }
    }

    private static func blockCount(of model: SAMConfiguration) -> Int {
        switch model.encoder {
        case .vit(let vit): vit.depth
        case .plainViT(let vit): vit.depth
        case .tinyViT: 0
        }
    }
}
