internal import Masks
private import Runtime
internal import SAM

/// The clicks on several objects of one image, and the masks after each: the first on the deepest point of the label, each of
/// the others where the mask before was wrong most.
///
/// All clicks are kept, the logits of the mask before are fed back, and after the first click the single mask is the answer.
/// Nothing is random. Objects do not see each other; they go through the decoder together for speed alone.
struct ClickDialogue {
    private let labels: [RLE]
    private let predictor: SAMPredictor
    private var prompts: [Prompt]
    private var logits: [[Float]]
    /// Objects whose mask can be told nothing more.
    private var isSettled: [Bool]

    /// Objects with a mask prompt that go through the decoder together: each needs image tokens of its own, which take far
    /// more memory than those that prompts without a mask share.
    private static let batchSize = 4

    /// The masks after the last click.
    private(set) var masks: [RLE]

    /// Gives the first click.
    ///
    /// - Parameters:
    ///   - labels: each with at least one pixel.
    ///   - predictor: with the image in force.
    /// - Throws: `SAMError` as the predictor does.
    init(about labels: [RLE], with predictor: SAMPredictor) throws(SAMError) {
        self.labels = labels
        self.predictor = predictor
        prompts = labels.map { PromptKind.point.prompt(for: $0) }
        let answers = try predictor.predictBest(prompts)
        masks = answers.map(\.rle)
        logits = answers.map(\.lowResLogits)
        isSettled = labels.map { _ in false }
    }

    /// The clicks of each object so far.
    var points: [[Prompt.Point]] { prompts.map(\.points) }

    /// Gives every object one more click, where it has something wrong with it.
    ///
    /// - Throws: `SAMError` as the predictor does.
    mutating func click() throws {
        let limits = predictor.model.configuration.promptLimits
        let (masks, labels) = (masks, labels)
        let open = prompts.indices.filter {
            !isSettled[$0] && prompts[$0].points.count < limits.maximumPlaces ?? .max
        }
        let clicks = try Workers.map(open.count) { index in
            ErrorClick.next(
                prediction: masks[open[index]], label: labels[open[index]],
                takesBackground: limits.takesBackgroundPoints)
        }
        var asked: [Int] = []
        for (index, click) in zip(open, clicks) {
            guard let click else {
                isSettled[index] = true
                continue
            }
            prompts[index].points.append(click)
            if limits.takesMasks { prompts[index].mask = logits[index] }
            asked.append(index)
        }
        for start in stride(from: 0, to: asked.count, by: Self.batchSize) {
            let batch = asked[start..<min(start + Self.batchSize, asked.count)]
            for (index, answer) in zip(batch, try predictor.predictBest(batch.map { prompts[$0] })) {
                self.masks[index] = answer.rle
                logits[index] = answer.lowResLogits
            }
        }
    }
}
