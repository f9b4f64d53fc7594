package import Images
package import Masks
package import SAM

/// Something that answers prompts with masks, and can be judged by them: a model, or a rule to compare it with.
package protocol Answerer {
    /// What the answers are called in tables.
    var name: String { get }

    /// Masks of the image's size, one a prompt.
    ///
    /// - Parameter prompts: in pixels of the image.
    func masks(of image: RGBImage, for prompts: [Prompt]) throws -> [RLE]

    /// Masks of objects that are asked for with their boxes, and with up to so many clicks.
    ///
    /// - Parameters:
    ///   - objects: the labels, each with at least one pixel.
    ///   - clicks: at least 1; an answerer that learns nothing from a second one leaves the others out.
    func answers(about image: EvaluatedImage, objects: [RLE], clicks: Int) throws -> ObjectAnswers

    /// What it does otherwise than others when it is given so many clicks, and why.
    func remarks(clicks: Int) -> [String]
}

extension Answerer {
    package func answers(about image: EvaluatedImage, objects: [RLE], clicks: Int) throws -> ObjectAnswers {
        let prompts = PromptKind.allCases.map { kind in objects.map { kind.prompt(for: $0) } }
        let masks = try masks(of: image.pixels, for: prompts.flatMap { $0 })
        return ObjectAnswers(
            boxes: Array(masks[..<objects.count]), clicks: [Array(masks[objects.count...])],
            points: prompts[1].map(\.points))
    }

    /// The same of an image that no cache knows.
    package func answers(about image: RGBImage, objects: [RLE], clicks: Int) throws -> ObjectAnswers {
        try answers(about: EvaluatedImage(image), objects: objects, clicks: clicks)
    }

    package func remarks(clicks: Int) -> [String] { [] }
}
