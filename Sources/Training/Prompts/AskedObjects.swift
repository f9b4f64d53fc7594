private import Kernels
private import Runtime
internal import SAM
internal import Tensors

/// The objects of one image between two rounds: what each was asked with so far, and its last mask.
struct AskedObjects {
    /// Objects that go through the decoder together: prompts of the same kinds.
    struct Group {
        let indices: [Int]
        let prompts: PromptBatch
        /// Whether several masks are wanted.
        let wantsSeveral: Bool
    }

    /// What makes prompts alike: a batch needs the same tokens for each of them, and filling up with padding points would
    /// change the answers, as each is a token of its own.
    private struct Kind: Hashable {
        let points: Int
        let hasBox: Bool
        let wantsSeveral: Bool
    }

    /// Masks of a group's objects.
    private struct LastMasks {
        /// Logits [P, M, L, L].
        let masks: Tensor
        /// Each object, and which of the P * M masks is its own.
        let rows: [(object: Int, row: Int)]
    }

    private let example: TrainingExample
    private let plan: PromptPlan
    private let model: SAMConfiguration
    private let samplers: [ClickSampler]
    private var prompts: [Prompt]
    /// Of the last round, by group.
    private var lastMasks: [LastMasks] = []

    init(_ example: TrainingExample, plan: PromptPlan, model: SAMConfiguration) {
        self.example = example
        self.plan = plan
        self.model = model
        prompts = example.objects.map(\.prompt)
        // In a simulation no mask is looked at.
        samplers =
            MemorySimulation.current != nil
            ? []
            : Self.map(example.objects.count) {
                ClickSampler(example.objects[$0], frame: example.frame, plan: plan)
            }
    }

    /// Adds each object's clicks of a round, where its last mask is wrong.
    mutating func addClicks(round: Int) {
        let (samplers, objects, plan) = (samplers, example.objects, plan)
        let cells = model.lowResSize * model.lowResSize
        for last in lastMasks {
            let rows = last.rows
            if MemorySimulation.current != nil {
                for row in rows { prompts[row.object].points += rehearsedClicks }
                continue
            }
            let added = last.masks.withUnsafeBuffer { buffer -> [[Prompt.Point]] in
                nonisolated(unsafe) let logits = buffer.baseAddress
                return Self.map(rows.count) { index in
                    guard let logits = logits.map({ $0 + rows[index].row * cells }) else { return [] }
                    let object = rows[index].object
                    var random = CounterRandom(
                        seed: objects[object].stream, sample: UInt64(round), purpose: RandomPurpose("clicks"))
                    return plan.promptProtocol == .microSAM
                        ? samplers[object].clickPair(after: logits, random: &random)
                        : [samplers[object].click(after: logits, random: &random)]
                }
            }
            for (row, clicks) in zip(rows, added) { prompts[row.object].points += clicks }
        }
    }

    /// As many clicks as a round adds to an object; where they are is no matter of memory.
    private var rehearsedClicks: [Prompt.Point] {
        let hasPair = plan.promptProtocol == .microSAM && plan.limits.takesBackgroundPoints
        return Array(repeating: Prompt.Point(x: 0, y: 0), count: hasPair ? 2 : 1)
    }

    /// Maps `0..<count` in parallel.
    private static func map<Element: Sendable>(
        _ count: Int, _ transform: @Sendable (Int) -> Element
    ) -> [Element] {
        var elements = [Element?](repeating: nil, count: count)
        elements.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            let target = SharedBuffer(base, count: count)
            Workers.forEachChunk(of: count, grain: 1) { range, _ in
                for index in range { target.base[index] = transform(index) }
            }
        }
        return elements.compactMap { $0 }
    }

    /// The objects by kind of prompt, kinds in the order in which they come first.
    func groups(_ round: PromptPlan.Round, isFirst: Bool) -> [Group] {
        var groups: [(kind: Kind, indices: [Int])] = []
        for (index, prompt) in prompts.enumerated() {
            let wantsSeveral =
                isFirst
                ? plan.firstRoundWantsSeveral(prompt, model: model)
                // From the second round on there is more than one prompt.
                : model.family == .efficientSAM
            let kind = Kind(points: prompt.points.count, hasBox: prompt.box != nil, wantsSeveral: wantsSeveral)
            if let place = groups.firstIndex(where: { $0.kind == kind }) {
                groups[place].indices.append(index)
            } else {
                groups.append((kind, [index]))
            }
        }
        return groups.map { group in
            Group(
                indices: group.indices, prompts: batch(group.indices, feedsMask: round.feedsMask),
                wantsSeveral: group.kind.wantsSeveral)
        }
    }

    private func batch(_ indices: [Int], feedsMask: Bool) -> PromptBatch {
        let batch = PromptBatch(
            indices.map { prompts[$0] }, in: example.frame, lowResSize: model.lowResSize)
        guard feedsMask, !lastMasks.isEmpty else { return batch }
        let side = model.lowResSize
        let logits = Tensor(shape: [indices.count, side, side]) { target in
            for last in lastMasks {
                last.masks.withUnsafeBuffer { source in
                    guard let source = source.baseAddress else { return }
                    for (object, row) in last.rows {
                        guard let place = indices.firstIndex(of: object) else { continue }
                        (target + place * side * side).initialize(from: source + row * side * side, count: side * side)
                    }
                }
            }
        }
        return PromptBatch(points: batch.points, boxes: batch.boxes, masks: logits, emptyCount: batch.count)
    }

    /// Keeps each object's mask for the next round, all groups of a round together: of several masks the one whose
    /// predicted IoU is highest, whichever was learnt from, as the model will choose when it is used.
    mutating func remember(_ outputs: [(group: Group, output: MaskDecoder.Output)]) {
        lastMasks = outputs.map { group, output in
            let count = output.lowResMasks.shape[1]
            let ious = output.iouPredictions.values
            let rows = group.indices.enumerated().map { row, object -> (object: Int, row: Int) in
                let own = row * count..<(row + 1) * count
                return (object, own.reduce(own.lowerBound) { ious[$1] > ious[$0] ? $1 : $0 })
            }
            return LastMasks(masks: output.lowResMasks.detached, rows: rows)
        }
    }
}
