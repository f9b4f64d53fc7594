internal import Annotations
private import Images
internal import Runtime
internal import Shards

/// Reads one image and its annotations, given its position in the set.
typealias SampleLoading = StageChain<ImageReading, Rasterising>

/// All that happens to one image on a thread: reading, rasterising, the chain's stages, and making of each sample what the
/// target writes. Its input is a position in the set's images.
struct ImageConversion<Payload: Sendable>: Stage {
    let loading: SampleLoading
    let chain: SampleChain
    let repeats: RepeatWriting?
    var turn = FrameTurn()
    let finish: @Sendable (StagedSample) throws -> Payload

    struct Output: Sendable {
        let payloads: [Payload]
        let counts: [ShardManifest.StageCount]
    }

    func process(_ index: Int, ledger: inout FindingLedger) throws -> Output? {
        guard let sample = try loading.process(index, ledger: &ledger) else { return nil }
        do {
            var (samples, counts) = try chain.process(sample, ledger: &ledger)
            if sample.header.bitDepth == 16, samples.contains(where: \.hasNewPixels) {
                ledger.note(
                    Finding(
                        rule: ConversionRule.imageDepth, severity: .warning, location: sample.location,
                        message:
                            "\(sample.labelled.image.fileName): 16 bits a sample; stages change the pixels, which are written with 8"
                    ))
            }
            if let repeats { samples = samples.flatMap { repeats.copies(of: $0, ledger: &ledger) } }
            samples = samples.map { turn($0, ledger: &ledger) }
            return Output(payloads: try samples.map(finish), counts: counts)
        } catch {
            guard let damage = SampleDamage(error) else { throw error }
            ledger.drop(
                .image,
                Finding(
                    rule: damage.rule, severity: .error, location: sample.location,
                    message: "\(sample.labelled.image.fileName): \(damage.message); the image is dropped"))
            return nil
        }
    }
}
