package import ArgumentParser
package import Pipeline

/// Stages on the command line: a file of them, and options for the common ones, which stand before those of the file in
/// the order in which they are listed here.
package struct StageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Stages that images go through: a YAML file, or YAML text in brackets (schemas/pipeline.schema.json).",
            valueName: "file"))
    package var stages: String?

    @Option(
        help: ArgumentHelp("Categories to keep, names or ids separated by commas.", valueName: "list"))
    package var categories: String?

    @Option(help: ArgumentHelp("Categories to leave out.", valueName: "list"))
    package var excludeCategories: String?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Least area of an object's mask, in pixels.", valueName: "px"))
    package var minArea: Double?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Largest area of an object's mask, in pixels.", valueName: "px"))
    package var maxArea: Double?

    @Option(help: "What becomes of crowd regions: keep, drop, or only them are kept.")
    package var crowd: FilterSettings.Crowd?

    @Option(help: "What becomes of objects that reach the image's edge.")
    package var border: FilterSettings.Fate?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "What objects must be like, as in \"area > 100 and category in ['cell']\".", valueName: "expression"))
    package var condition: String?

    @Option(
        help: ArgumentHelp(
            "What images must be like, as in \"image.width >= 256\".", valueName: "expression"))
    package var imageWhere: String?

    @Option(
        help: ArgumentHelp(
            "Report of samdata audit --json: leave out what it found errors in.", valueName: "file"))
    package var dropAudited: String?

    @Option(
        help: ArgumentHelp("Rules of --drop-audited that count, instead of all errors.", valueName: "list"))
    package var auditRules: String?

    @Flag(help: "Leave out images, and tiles, in which the stages leave no object.")
    package var dropEmpty = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Least IoU of an object's mask with one of --against; others are left out.", valueName: "iou"))
    package var minIou: Double?

    @Option(
        help: ArgumentHelp(
            "COCO file of a second annotator, matched by file names, or predictions of a model, by image ids.",
            valueName: "file"))
    package var against: String?

    @Option(
        help: ArgumentHelp(
            "Leave out images like an earlier one: bytes, pixels, perceptual or perceptual=DISTANCE; may be given several times.",
            valueName: "criterion"))
    package var dedup: [String] = []

    @Option(
        help: ArgumentHelp(
            "Rename or merge categories, as in --map-category car=vehicle; may be given several times.",
            valueName: "old=new"))
    package var mapCategory: [String] = []

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Cut images into tiles of so many pixels.", valueName: "px"))
    package var tile: Int?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Pixels that neighbouring tiles share.", valueName: "px"))
    package var halo: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Share of an object that a tile must show to keep it, or of the tile that it must cover (default: 0.25).",
            valueName: "share"))
    package var minVisible: Double?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Scale images to this longest side.", valueName: "px"))
    package var resize: Int?

    @Option(
        help: ArgumentHelp(
            "Show rare classes more often: repeat-factor, instance-repeat-factor, inverse-frequency, effective-number or none. Of a split, the part train alone (else the first).",
            valueName: "method"))
    package var balance: BalanceSettings.Method?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("t of the repeat factors, or beta of the effective number.", valueName: "x"))
    package var balanceThreshold: Double?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("The most that an image comes up in an epoch.", valueName: "n"))
    package var maxRepeat: Double?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Objects that every class should have in an epoch; warns where not.", valueName: "n"))
    package var minPerClass: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Objects of a class in an epoch from which its images come up less often; warns where not.", valueName: "n")
    )
    package var maxPerClass: Int?

    @Flag(help: "Write images as often as balancing wants them, instead of noting it in the manifest.")
    package var writeRepeats = false

    package init() {}

    package func validate() throws {
        func needs(_ option: String, _ isSet: Bool, _ other: String, _ otherIsSet: Bool) throws {
            if isSet && !otherIsSet { throw ValidationError("\(option) needs \(other).") }
        }
        try needs("--min-iou", minIou != nil, "--against", against != nil)
        try needs("--against", against != nil, "--min-iou", minIou != nil)
        try needs("--audit-rules", auditRules != nil, "--drop-audited", dropAudited != nil)
        try needs("--halo", halo != nil, "--tile", tile != nil)
        try needs("--min-visible", minVisible != nil, "--tile", tile != nil)
        try needs("--balance-threshold", balanceThreshold != nil, "--balance", balance != nil)
        try needs(
            "--max-repeat", maxRepeat != nil, "--balance or --min-per-class",
            balance != nil && balance != BalanceSettings.Method.none || minPerClass != nil)
    }

    /// The file of stages.
    func file() throws -> PipelineFile? { try stages.map { try PipelineFile($0) } }

    /// The options' stages in their order.
    func descriptions() throws -> [StageDescription] {
        var stages: [StageDescription] = []
        func add(_ name: String, _ settings: [(String, StageValue?)]) {
            let members = settings.compactMap { key, value in value.map { StageValue.Member(key, $0) } }
            if !members.isEmpty { stages.append(StageDescription(name, members)) }
        }
        add(
            "filter",
            [
                ("categories", try Self.list("--categories", categories)),
                ("exclude-categories", try Self.list("--exclude-categories", excludeCategories)),
                ("min-area", minArea.map(Self.number)), ("max-area", maxArea.map(Self.number)),
                ("crowd", crowd.map { .scalar($0.rawValue) }), ("border", border.map { .scalar($0.rawValue) }),
                ("where", condition.map { .scalar($0) }), ("image-where", imageWhere.map { .scalar($0) }),
                ("audit", dropAudited.map { .scalar($0) }), ("rules", try Self.list("--audit-rules", auditRules)),
            ])
        add("quality", [("against", against.map { .scalar($0) }), ("min-iou", minIou.map(Self.number))])
        for dedup in dedup {
            let fields = dedup.split(separator: "=", maxSplits: 1).map(String.init)
            add(
                "deduplicate",
                [("by", .scalar(fields.first ?? "")), ("distance", fields.count > 1 ? .scalar(fields[1]) : nil)])
        }
        if !mapCategory.isEmpty {
            let pairs = try mapCategory.map { text in
                let fields = text.split(separator: "=", omittingEmptySubsequences: false)
                guard fields.count == 2, !fields[0].isEmpty, !fields[1].isEmpty else {
                    throw ValidationError("--map-category must be OLD=NEW, not \"\(text)\".")
                }
                return StageValue.Member(String(fields[0]), .scalar(String(fields[1])))
            }
            add("categories", [("map", .mapping(pairs))])
        }
        add(
            "tile",
            [
                ("size", tile.map { .scalar(String($0)) }), ("halo", halo.map { .scalar(String($0)) }),
                ("min-visible", minVisible.map(Self.number)),
            ])
        add("resize", [("longest-side", resize.map { .scalar(String($0)) })])
        let isEffectiveNumber = balance == .effectiveNumber
        let balances = balance != nil || minPerClass != nil || maxPerClass != nil || maxRepeat != nil
        add(
            "balance",
            [
                ("method", balances ? .scalar((balance ?? .none).rawValue) : nil),
                (isEffectiveNumber ? "beta" : "threshold", balanceThreshold.map(Self.number)),
                ("max-repeat", maxRepeat.map(Self.number)), ("cap", maxPerClass.map { .scalar(String($0)) }),
                ("minimum", minPerClass.map { .scalar(String($0)) }),
            ])
        return stages
    }

    /// The names in a list, without the blanks around them.
    private static func list(_ option: String, _ text: String?) throws -> StageValue? {
        guard let text else { return nil }
        let names = text.commaSeparated
        if names.isEmpty { throw ValidationError("\(option) names nothing: \"\(text)\".") }
        return .list(names.map { .scalar($0) })
    }

    private static func number(_ value: Double) -> StageValue {
        .scalar(value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value))
    }
}

extension String {
    /// What stands between the commas, without the blanks around it; empty pieces left out.
    var commaSeparated: [String] {
        split(separator: ",").map { piece in
            String(piece.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
        }.filter { !$0.isEmpty }
    }
}

extension FilterSettings.Crowd: ExpressibleByArgument {}
extension FilterSettings.Fate: ExpressibleByArgument {}
extension BalanceSettings.Method: ExpressibleByArgument {}
