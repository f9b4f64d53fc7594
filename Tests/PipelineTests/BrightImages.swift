import Images
import Pipeline
import Shards

/// Keeps images whose pixels are bright enough on average.
struct BrightImages: ConfiguredStage {
    static let name = "bright-images"
    static let keys = ["least"]

    private let least: Double

    init(_ settings: StageSettings) throws {
        least = try settings.number("least", in: 0...255) ?? 128
    }

    func process(_ sample: StagedSample, ledger: inout FindingLedger) throws -> [StagedSample]? {
        let pixels = try sample.image().pixels
        let mean = Double(pixels.reduce(0) { $0 + Int($1) }) / Double(pixels.count)
        if mean >= least { return [sample] }
        ledger.reject(.image, "bright-images.mean", at: sample.location, "the mean is \(mean)")
        return []
    }
}
