internal import Runtime
internal import Shards

extension PipelineFile {
    /// Puts the file's entries into force.
    ///
    /// - Parameters:
    ///   - first: stages that stand before the file's, such as those of the command line.
    ///   - dropsEmpty: leave out what has no object behind the last stage that can leave objects out.
    ///   - catalogue: the stages that can be named.
    ///   - options: what is set already is overwritten by the file's entries; the caller puts back what the command line
    ///     says.
    /// - Throws: `PipelineError` for unknown names and values that cannot be.
    package func configure(
        _ options: inout ConversionOptions, first: [StageDescription] = [], dropsEmpty: Bool = false,
        catalogue: StageCatalogue = .builtIn
    ) throws {
        var descriptions = first + stages
        if dropsEmpty {
            let end = descriptions.lastIndex { !Self.keepingStages.contains($0.name) } ?? -1
            let drop = StageValue.Member("empty", .scalar(FilterSettings.Fate.drop.rawValue))
            if end >= 0, descriptions[end].name == FilterStage.name,
                !descriptions[end].settings.contains(where: { $0.key == drop.key })
            {
                let filter = descriptions[end]
                descriptions[end] = StageDescription(filter.name, filter.settings + [drop], at: filter.location)
            } else {
                descriptions.insert(StageDescription(FilterStage.name, [drop]), at: end + 1)
            }
        }
        options.chain = try SampleChain(descriptions.map { try catalogue.stage($0, seed: options.seed) })
        options.chainText = descriptions.isEmpty ? nil : StageDescription.text(of: descriptions)
        for name in Self.settingStages {
            guard let description = settings[name] else { continue }
            let settings = try StageSettings(description, keys: Self.settingKeys[name] ?? [])
            switch name {
            case "parse":
                options.dropPolicy = try settings.choice("on-error") ?? options.dropPolicy
                if let policy: ExifPolicy = try settings.choice("exif") {
                    options.exifPolicy = policy
                    options.exifIsStated = true
                }
                options.decodesImages = try settings.flag("decode") ?? options.decodesImages
                options.takesOutsideImages = try settings.flag("outside-images") ?? options.takesOutsideImages
            case "rasterise": options.ringRule = try settings.choice("rings") ?? options.ringRule
            case "split": options.split = try Self.split(settings, seed: options.seed)
            default:
                if let text = try settings.text("size") {
                    guard options.target == ConversionOptions.shards else {
                        throw settings.failure(
                            "size is of shards; with --to \(options.target) it would do nothing", key: "size")
                    }
                    guard let size = ByteSize(text: text), size.bytes > 0 else {
                        throw settings.failure(
                            "size must be a number of bytes such as 256MB, not \"\(text)\"", key: "size")
                    }
                    options.shardBytes = size.bytes
                }
                options.writesRepeats = try settings.flag("write-repeats") ?? options.writesRepeats
            }
        }
    }

    /// Stages that leave all objects in samples that go on.
    private static let keepingStages: Set<String> = [BalanceStage.name, EncodeStage.name, DeduplicateStage.name]

    /// The keys of the entries that are not stages of the stream.
    package static let settingKeys = [
        "parse": ["on-error", "exif", "decode", "outside-images"], "rasterise": ["rings"],
        "split": ["parts", "group-by", "by", "file"], "shard": ["size", "write-repeats"],
    ]

    private static func split(_ settings: StageSettings, seed: UInt64) throws -> SplitRule {
        guard let pairs = try settings.pairs("parts") else {
            throw settings.failure("parts is not set, as in parts: {train: 0.8, val: 0.2}")
        }
        var shares: [(name: String, share: Double)] = []
        for (name, value) in pairs {
            guard let share = Double(value) else {
                throw settings.failure("the share of \(name) must be a number, not \"\(value)\"", key: "parts")
            }
            shares.append((name, share))
        }
        var group = SplitRule.Group.image
        if let text = try settings.text("group-by") {
            guard let known = SplitRule.Group(rawValue: text) else {
                throw settings.failure(
                    "group-by must be image, folder, field:NAME or regex:EXPRESSION, not \"\(text)\"", key: "group-by")
            }
            group = known
        }
        var rule = try SplitRule(shares, group: group, seed: seed)
        rule.method = try settings.choice("by") ?? .hash
        rule.previousFile = try settings.text("file")
        return rule
    }
}
