import SAM
import Testing
import Training

/// Keys of a configuration that change nothing beside others.
@Suite struct IdleKeysTests {
    private static func remarks(
        _ settings: [String: String], frozen depth: EncoderDepth = .pixels
    ) throws -> [String] {
        var configuration = TrainingConfiguration()
        configuration.shards = "shards"
        for (key, value) in settings { try configuration.set(key, to: .text(value)) }
        return configuration.idleRemarks(frozenDepth: depth)
    }

    @Test func defaultsAreNeverIdle() throws {
        for depth in [EncoderDepth.pixels, .blocks(1), .features] {
            #expect(try Self.remarks([:], frozen: depth) == [])
        }
    }

    /// What somebody wrote is remarked even where it is the default.
    @Test func writtenDefaultsAreRemarked() throws {
        let configuration = TrainingConfiguration()
        let remarks = configuration.idleRemarks(frozenDepth: .pixels, given: ["lora-targets", "epochs"])
        #expect(remarks.count == 1 && remarks[0].hasPrefix("lora-targets has no effect: "), "\(remarks)")
    }

    /// A key without effect is remarked once; with what it needs it is not.
    @Test(arguments: [
        ("lora-alpha", "2", "lora-rank", "4"), ("lora-targets", "q", "preset", "decoder+lora"),
        ("unfreeze-warmup-steps", "3", "unfreeze", "2:mask_decoder"), ("momentum", "0.5", "optimizer", "sgd"),
        ("loss-scale", "1024", "precision", "f16"), ("polynomial-power", "2", "schedule", "polynomial"),
        ("steps-at", "0.5", "schedule", "step"), ("step-factor", "0.5", "schedule", "step"),
        ("plateau-factor", "0.5", "schedule", "plateau"), ("plateau-patience", "5", "schedule", "plateau"),
        ("tversky-alpha", "0.5", "loss", "tversky=1"), ("mask-probability", "0.2", "prompts", "micro-sam"),
        ("run-name", "a", "track", "mlflow"), ("experiment", "a", "track", "wandb"),
        ("validate-every", "2", "val", "v"), ("sample-images", "9", "val", "v"), ("report-clicks", "2", "val", "v"),
    ])
    func keysThatNeedAnother(key: String, value: String, needed: String, setting: String) throws {
        let remarks = try Self.remarks([key: value])
        #expect(remarks.count == 1 && remarks[0].hasPrefix("\(key) has no effect: "), "\(remarks)")
        #expect(try Self.remarks([key: value, needed: setting]) == [])
    }

    /// A key that another one takes the effect from.
    @Test(arguments: [
        ("beta1", "0.5", "optimizer", "sgd"), ("final-learning-rate", "0.5", "schedule", "constant"),
        ("final-learning-rate", "0.5", "schedule", "step"), ("focal-alpha", "0.5", "loss", "dice=1"),
        ("box-noise", "0.3", "prompts", "micro-sam"), ("box-noise", "0.3", "box-probability", "0"),
        ("augment", "crop", "augment-steps", "[D4]"), ("loss-points", "64", "loss", "boundary=1"),
        ("report-images", "5", "report", "false"),
    ])
    func keysThatAnotherOneOverrules(key: String, value: String, other: String, setting: String) throws {
        var settings = ["val": "v", key: value]
        #expect(try Self.remarks(settings) == [])
        settings[other] = setting
        let remarks = try Self.remarks(settings)
        #expect(remarks.count == 1 && remarks[0].hasPrefix("\(key) has no effect: "), "\(remarks)")
    }

    @Test func theCacheNeedsAFrozenEncoder() throws {
        let settings = ["cache-format": "f16", "cache-variants": "2"]
        #expect(try Self.remarks(settings, frozen: .features) == [])
        #expect(try Self.remarks(settings, frozen: .blocks(2)) == [])
        #expect(try Self.remarks(settings).count == 1)
        #expect(
            try Self.remarks(["cache-variants": "2", "augment": "none"], frozen: .features) == [
                "cache-variants has no effect: without augmentation there is one variant of an image"
            ])
        #expect(try Self.remarks(settings.merging(["cache": "off"]) { $1 }, frozen: .features).count == 1)
        let checkpoints = ["checkpoint-activations": "true"]
        #expect(try Self.remarks(checkpoints) == [] && Self.remarks(checkpoints, frozen: .features).count == 1)
    }
}
