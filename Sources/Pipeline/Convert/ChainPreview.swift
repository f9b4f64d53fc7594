package import Annotations
private import Runtime
package import Shards

/// What the stages of a conversion make of one image, stage after stage.
package struct ChainPreview: Sendable {
    /// One stage, and what comes out of it.
    package struct Step: Sendable {
        package let name: String
        /// Its settings in words.
        package let summary: String
        package let samples: [StagedSample]
        /// What was found and left out.
        package let counts: [FindingCount]
        /// Whether it says how pixels are written, which shows once they are.
        package let decidesOnEncoding: Bool
    }

    /// The image as it goes into the first stage.
    package let source: StagedSample
    package let steps: [Step]
    /// Stages that change neither pixels nor objects, but how often and where images are written.
    package let leftOut: [String]
}

extension Conversion {
    /// What the stages make of one image; nothing is written. Stages that have to know all images look at them, as in a run.
    ///
    /// - Parameters:
    ///   - id: of the image.
    ///   - draws: variants that stages `augment` make, in place of what their settings say; the original is then not kept.
    /// - Returns: nil when the labels have no such image that can be used.
    /// - Throws: as ``run(forecast:progress:)``, and `PipelineError.dropped` when the image itself cannot be used.
    package func preview(image id: COCOIdentifier, draws: Int) throws -> ChainPreview? {
        let labels = try openLabels()
        guard let index = labels.images.firstIndex(where: { $0.id == id }) else { return nil }
        var options = options
        let stages = options.chain.stages.filter { !($0 is BalanceStage) }.map { stage -> any SampleStage in
            (stage as? AugmentStage)?.drawing(draws) ?? stage
        }
        let leftOut = options.chain.stages.filter { $0 is BalanceStage }.map(\.name)
        options.chain = try SampleChain(stages)
        let (loading, chain) = try ConversionPlanner(options: options, labels: labels).readied()
        var ledger = FindingLedger()
        guard let source = try loading.process(index, ledger: &ledger) else {
            guard let drop = ledger.firstDrop else { return nil }
            throw PipelineError(.dropped, "\(drop.message) [\(drop.rule)]", location: drop.location)
        }
        var samples = [source]
        var steps: [ChainPreview.Step] = []
        for stage in chain.stages {
            var ledger = FindingLedger()
            samples = try samples.flatMap { try stage.process($0, ledger: &ledger) ?? [] }
            steps.append(
                ChainPreview.Step(
                    name: stage.name, summary: stage.summary, samples: samples, counts: ledger.counts,
                    decidesOnEncoding: stage is EncodeStage))
        }
        return ChainPreview(source: source, steps: steps, leftOut: leftOut)
    }
}
