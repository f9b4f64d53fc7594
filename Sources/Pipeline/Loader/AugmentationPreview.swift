package import Augmentation
internal import Runtime
internal import Yams

/// What a picture of `--stages` is to show: steps of augmentation, or stages as a conversion takes them.
package enum AugmentationPreview: Sendable {
    /// Steps alone, or those of stages that are all `augment`, one after the other, with the rules of the last for what is
    /// dropped.
    case steps(AugmentationChain)
    /// Stages of which some are others.
    case stages(PipelineFile)

    /// - Parameters:
    ///   - argument: a file, or YAML in brackets or of several lines: stages, a list of steps, or such a list below the key
    ///     `augment`.
    ///   - seed: of everything random.
    /// - Throws: `FileError` when the file cannot be read, `PipelineError` for what is none of these, for a stage or step
    ///   that is not known, and for settings that cannot be.
    package init(_ argument: String, seed: UInt64) throws {
        let (file, path) = try Self.file(argument)
        var steps: [AugmentationStep] = []
        var dropRule: DropRule?
        do {
            for description in file.stages {
                guard let augment = try StageCatalogue.builtIn.stage(description, seed: seed) as? AugmentStage else {
                    continue
                }
                steps += augment.chain.steps
                dropRule = augment.chain.dropRule
            }
            // Settings of reading and writing are checked as well.
            var unused = ConversionOptions(input: "", images: "", output: "")
            try file.configure(&unused)
        } catch let error as PipelineError {
            throw error.located(at: path)
        }
        guard !file.stages.isEmpty else {
            throw PipelineError(.stage, "there is no stage: nothing to draw", location: DataLocation(path: path))
        }
        guard let dropRule, file.settings.isEmpty, file.stages.allSatisfy({ $0.name == AugmentStage.name }) else {
            self = .stages(file)
            return
        }
        self = .steps(AugmentationChain(steps: steps, dropRule: dropRule))
    }

    /// The stages of an argument, and the file that it stands in.
    private static func file(_ argument: String) throws -> (stages: PipelineFile, path: String?) {
        let text: String
        let path: String?
        if PipelineFile.isText(argument) {
            (text, path) = (argument, nil)
        } else {
            (text, path) = (try PipelineFile.text(ofFile: argument), argument)
        }
        if let steps = try steps(text, path: path) {
            var file = PipelineFile()
            file.stages = [StageDescription(AugmentStage.name, steps, at: DataLocation(path: path))]
            return (file, path)
        }
        return (try PipelineFile(text: text, path: path), path)
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
