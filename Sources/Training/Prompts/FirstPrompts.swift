package import Masks
package import Runtime
package import SAM

/// What an object is asked with first, after each protocol.
///
/// - `single` and `interactive`: a box with noise, or a point of the object, by chance for each object.
/// - `micro-sam`: images take turns, one with points for all its objects, the next with boxes (with another `box-probability`
///   than one half, that share of images has boxes). Its boxes only grow, each side by up to 2.5 % of the box's: `box-noise` is
///   of the other protocols. Source: Archit et al., "Segment Anything for Microscopy", 2025, and its training code.
package struct FirstPrompts: Sendable, Hashable {
    package let promptProtocol: PromptProtocol
    package let sampler: PromptSampler

    /// Largest growth of a side of micro-sam's boxes, as a share of that side.
    private static let growth = 0.025
    /// Share of the image above which the paper's protocol leaves an object out.
    private static let largestShare = 0.9

    package init(_ configuration: TrainingConfiguration) {
        promptProtocol = configuration.resolvedPrompts
        sampler = PromptSampler(
            boxProbability: configuration.boxProbability, boxNoise: configuration.boxNoise,
            boxNoiseLimit: configuration.boxNoiseLimit)
    }

    /// Whether the protocol trains on such an object: the paper's leaves out those that cover over 90 % of the image.
    package func accepts(_ mask: RLE) -> Bool {
        promptProtocol != .interactive || Double(mask.area) <= Self.largestShare * Double(mask.pixelCount)
    }

    /// - Parameters:
    ///   - mask: at least one pixel of foreground.
    ///   - place: of the image in the order of training, from 0; one more each epoch, so that a single image takes turns, too.
    ///   - random: of the object's image.
    package func prompt(for mask: RLE, place: Int, random: inout CounterRandom) -> Prompt {
        guard promptProtocol == .microSAM else { return sampler.prompt(for: mask, random: &random) }
        let share = sampler.boxProbability
        // As many boxes as the share says among the images so far, evenly spread: every second one for one half.
        let isBoxesTurn = (Double(place + 1) * share).rounded(.down) > (Double(place) * share).rounded(.down)
        return isBoxesTurn
            ? Prompt(box: Self.grownBox(around: mask, random: &random))
            : Prompt(points: [PromptSampler.point(in: mask, random: &random)])
    }

    /// The mask's box with each side moved outward, inside the image.
    private static func grownBox(around mask: RLE, random: inout CounterRandom) -> Box {
        let box = mask.boundingBox
        let left = max(0, box.x - random.uniform() * growth * box.width)
        let top = max(0, box.y - random.uniform() * growth * box.height)
        let right = min(Double(mask.width), box.maxX + random.uniform() * growth * box.width)
        let bottom = min(Double(mask.height), box.maxY + random.uniform() * growth * box.height)
        return Box(x: left, y: top, width: right - left, height: bottom - top)
    }
}
