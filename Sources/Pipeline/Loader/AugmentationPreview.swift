package import Augmentation
internal import Runtime
internal import Yams

/// What a picture of augmentation is to show: of stages as a conversion takes them, or of steps alone.
package struct AugmentationPreview: Sendable {
    /// The steps of all `augment` stages one after the other, with the rules of the last for what is dropped.
    package let chain: AugmentationChain
    /// Names of the other stages, in order: they are checked, and not shown.
    package let leftOut: [String]

    /// - Parameters:
    ///   - argument: a file, or YAML in brackets or of several lines: stages, a list of steps, or such a list below the key
    ///     `augment`.
    ///   - seed: of everything random.
    /// - Throws: `FileError` when the file cannot be read, `PipelineError` for what is none of these, for a stage or step
    ///   that is not known, and for settings that cannot be.
    package init(_ argument: String, seed: UInt64) throws {
        let file = try Self.file(argument)
        var steps: [AugmentationStep] = []
        var dropRule: DropRule?
        var leftOut: [String] = []
        for description in file.stages {
            let stage: any SampleStage
            do {
                stage = try StageCatalogue.builtIn.stage(description, seed: seed)
            } catch let error as PipelineError {
                throw error.located(at: file.path)
            }
            if let augment = stage as? AugmentStage {
                steps += augment.chain.steps
                dropRule = augment.chain.dropRule
            } else {
                leftOut.append(description.name)
            }
        }
        guard let dropRule else {
            throw PipelineError(
                .stage, "no stage is augment: there is nothing to draw", location: DataLocation(path: file.path))
        }
        chain = AugmentationChain(steps: steps, dropRule: dropRule)
        self.leftOut = leftOut + file.settings
    }

    /// The stages of an argument, the names of its other entries, and the file that it stands in.
    private static func file(
        _ argument: String
    ) throws -> (stages: [StageDescription], settings: [String], path: String?) {
        let text: String
        let path: String?
        if PipelineFile.isText(argument) {
            (text, path) = (argument, nil)
        } else {
            (text, path) = (try PipelineFile.text(ofFile: argument), argument)
        }
        if let steps = try steps(text, path: path) {
            return ([StageDescription(AugmentStage.name, steps, at: DataLocation(path: path))], [], path)
        }
        let file = try PipelineFile(text: text, path: path)
        return (file.stages, file.settings.keys.sorted(), path)
    }

    /// The settings of an `augment` stage in which steps stand alone; nil for stages.
    private static func steps(_ text: String, path: String?) throws(PipelineError) -> [StageValue.Member]? {
        // What is no YAML is told of by the reader of stages.
        guard let root = try? Yams.compose(yaml: text) else { return nil }
        if let mapping = root.mapping, mapping["stages"] == nil {
            if mapping.count == 1, let inner = mapping["augment"] {
                return try settings(inner, path: path)
            }
            return mapping["steps"] == nil ? nil : try settings(root, path: path)
        }
        guard let items = root.sequence, let first = items.first else { return nil }
        let name = first.string ?? first.mapping?.first?.key.string ?? ""
        let stages = StageCatalogue.builtIn.names + PipelineFile.settingStages
        let known = StepCatalogue.specifications.map(\.name)
        // A name that is none of either is taken for what it is closer to.
        let isStep =
            known.contains(name)
            || (!stages.contains(name) && NameSuggestion.nearest(to: name, among: stages) == nil)
        return isStep ? [StageValue.Member("steps", try PipelineFile.value(of: root, path: path))] : nil
    }

    private static func settings(_ node: Node, path: String?) throws(PipelineError) -> [StageValue.Member] {
        switch try PipelineFile.value(of: node, path: path) {
        case .mapping(let members): return members
        case let steps: return [StageValue.Member("steps", steps)]
        }
    }
}

extension PipelineError {
    /// The same error, placed in a file unless it is placed already.
    fileprivate func located(at path: String?) -> PipelineError {
        var error = self
        var location = error.location ?? DataLocation()
        location.path = location.path ?? path
        error.location = location
        return error
    }
}
