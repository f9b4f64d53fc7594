package import Augmentation

/// A chain of augmentation as one argument says it.
package enum AugmentationArgument {
    /// - Parameter text: names of steps separated by commas, each with its defaults; a list of steps as YAML in brackets; or
    ///   a file of stages, whose `augment` stage counts.
    /// - Throws: `PipelineError` for what is none of these, `FileError` when the file cannot be read.
    package static func chain(_ text: String) throws -> AugmentationChain {
        let start = text.first { !$0.isWhitespace }
        let steps: StageValue
        if start == "[" {
            let file = try PipelineFile(text: "[{augment: {steps: \(text)}}]", path: nil)
            steps = try Self.steps(of: file)
        } else if text.contains("/") || text.contains(".") {
            steps = try Self.steps(of: PipelineFile(path: text))
        } else {
            let names = text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
            steps = .list(names.map { .scalar($0) })
        }
        do throws(AugmentationError) {
            return try AugmentationChain(steps.augmentation)
        } catch {
            throw PipelineError(.stage, error.message)
        }
    }

    private static func steps(of file: PipelineFile) throws(PipelineError) -> StageValue {
        guard let stage = file.stages.first(where: { $0.name == AugmentStage.name }),
            let member = stage.settings.first(where: { $0.key == "steps" })
        else { throw PipelineError(.stage, "there is no stage augment with steps") }
        return member.value
    }
}

extension Substring {
    /// Without blanks at both ends.
    fileprivate var trimmed: String {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
