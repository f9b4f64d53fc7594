package import Annotations
internal import Masks
package import Runtime
internal import Shards

/// Leaves out objects, and images, by what they are like.
package struct FilterStage: ConfiguredStage {
    package static let name = "filter"
    package static let keys = [
        "categories", "exclude-categories", "min-area", "max-area", "min-side", "max-side", "max-aspect", "crowd",
        "border", "where", "image-where", "empty", "audit", "rules",
    ]

    private let settings: FilterSettings
    private var wanted: Set<COCOIdentifier> = []
    private var unwanted: Set<COCOIdentifier> = []
    private var names: [COCOIdentifier: String] = [:]
    private var audit: AuditFindings?

    package init(_ settings: FilterSettings) { self.settings = settings }

    package init(_ settings: StageSettings) throws {
        var filter = FilterSettings()
        let pixels = 0.0...1e12
        filter.categories = try settings.texts("categories") ?? []
        filter.excludedCategories = try settings.texts("exclude-categories") ?? []
        filter.minimumArea = try settings.number("min-area", in: pixels)
        filter.maximumArea = try settings.number("max-area", in: pixels)
        filter.minimumSide = try settings.number("min-side", in: pixels)
        filter.maximumSide = try settings.number("max-side", in: pixels)
        filter.maximumAspect = try settings.number("max-aspect", in: 1...1e6)
        for (least, most, name) in [
            (filter.minimumArea, filter.maximumArea, "area"), (filter.minimumSide, filter.maximumSide, "side"),
        ] {
            // A shorter side is no longer than the longer one, so that these bounds exclude each other as well.
            guard let least, let most, least > most else { continue }
            throw settings.failure(
                "min-\(name) \(ConversionForecast.text(least)) is above max-\(name) \(ConversionForecast.text(most)): no object passes",
                key: "min-\(name)")
        }
        filter.crowd = try settings.choice("crowd") ?? .keep
        filter.border = try settings.choice("border") ?? .keep
        filter.empty = try settings.choice("empty") ?? .keep
        filter.condition = try Self.expression(settings, "where", .object)
        filter.imageCondition = try Self.expression(settings, "image-where", .image)
        filter.audit = try settings.text("audit")
        filter.auditRules = try settings.texts("rules") ?? []
        if !filter.auditRules.isEmpty && filter.audit == nil {
            throw settings.failure("rules needs audit, a report of samdata audit --json", key: "rules")
        }
        self.init(filter)
    }

    private static func expression(
        _ settings: StageSettings, _ key: String, _ scope: Expression.Scope
    ) throws(PipelineError) -> Expression? {
        guard let text = try settings.text(key) else { return nil }
        do throws(PipelineError) {
            return try Expression(text, scope: scope)
        } catch {
            throw settings.failure("\(key): \(error.message)", key: key)
        }
    }

    package var needsSourceIDs: Bool { settings.audit != nil }

    package var inputs: [String] { settings.audit.map { [$0] } ?? [] }

    package var summary: String {
        var parts: [String] = []
        func add(_ words: String, _ value: Double?) {
            if let value { parts.append("\(words) \(ConversionForecast.text(value))") }
        }
        if !settings.categories.isEmpty { parts.append("categories \(settings.categories.joined(separator: ", "))") }
        if !settings.excludedCategories.isEmpty {
            parts.append("not categories \(settings.excludedCategories.joined(separator: ", "))")
        }
        add("area from", settings.minimumArea)
        add("area to", settings.maximumArea)
        add("shorter side from", settings.minimumSide)
        add("longer side to", settings.maximumSide)
        add("aspect to", settings.maximumAspect)
        if settings.crowd != .keep { parts.append(settings.crowd == .drop ? "no crowds" : "crowds only") }
        if settings.border == .drop { parts.append("not at the border") }
        if let condition = settings.condition { parts.append("where \(condition)") }
        if let condition = settings.imageCondition { parts.append("images where \(condition)") }
        if let audit = settings.audit {
            let rules = settings.auditRules.isEmpty ? "errors" : settings.auditRules.joined(separator: ", ")
            parts.append("without \(rules) of \(audit)")
        }
        if settings.empty == .drop { parts.append("no empty images") }
        return parts.isEmpty ? "everything" : parts.joined(separator: "; ")
    }

    package func prepared(_ survey: StageSurvey, categories: [COCOCategory]) throws -> any SampleStage {
        var ready = self
        for name in settings.categories {
            for category in try CategoryNames.matching(name, in: categories, stage: Self.name) {
                ready.wanted.insert(category.id)
            }
        }
        for name in settings.excludedCategories {
            for category in try CategoryNames.matching(name, in: categories, stage: Self.name) {
                ready.unwanted.insert(category.id)
            }
        }
        ready.names = Dictionary(categories.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        if let path = settings.audit { ready.audit = try AuditFindings(path: path, rules: settings.auditRules) }
        return ready
    }

    package var findings: [Finding] {
        guard let audit, let path = settings.audit else { return [] }
        return audit.unmatched.sorted().map { name in
            Finding(
                rule: "filter.audit-rules", severity: .warning, location: DataLocation(path: path),
                message: "the report has no finding of a rule or family of rules called \(name)")
        }
    }

    package func process(_ sample: StagedSample, ledger: inout FindingLedger) -> [StagedSample]? {
        if let rule = audit?.rule(ofImage: sample.labelled.image.id.description) {
            ledger.reject(.image, "filter.audit", at: sample.location, "the audit found \(rule)")
            return []
        }
        if let condition = settings.imageCondition,
            !condition.holds(SampleFields(sample, names: names).value)
        {
            ledger.reject(.image, "filter.image-where", at: sample.location, "not so: \(condition)")
            return []
        }
        var passed = sample
        passed.objects = sample.objects.filter { object in
            guard let (rule, message) = reason(object, in: sample) else { return true }
            ledger.reject(.annotation, "filter." + rule, at: object.annotation.location, message)
            return false
        }
        if settings.empty == .drop && passed.objects.isEmpty {
            ledger.reject(.image, "filter.empty", at: sample.location, "no object is left")
            return []
        }
        return [passed]
    }

    /// Why an object does not pass, nil when it does.
    private func reason(_ object: LabelledObject, in sample: StagedSample) -> (rule: String, message: String)? {
        let annotation = object.annotation
        let id = annotation.categoryID
        if (!wanted.isEmpty && !wanted.contains(id)) || unwanted.contains(id) {
            return ("category", "it is of category \(names[id] ?? id.description)")
        }
        switch settings.crowd {
        case .keep: break
        case .drop: if annotation.isCrowd { return ("crowd", "it is a crowd") }
        case .only: if !annotation.isCrowd { return ("crowd", "it is not a crowd") }
        }
        let area = object.coveredArea
        if let least = settings.minimumArea, area < least {
            return ("area", "its area is \(ConversionForecast.text(area))")
        }
        if let most = settings.maximumArea, area > most {
            return ("area", "its area is \(ConversionForecast.text(area))")
        }
        let box = annotation.bbox ?? object.mask.boundingBox
        let (short, long) = (min(box.width, box.height), max(box.width, box.height))
        if let least = settings.minimumSide, short < least { return ("size", "its shorter side is \(short)") }
        if let most = settings.maximumSide, long > most { return ("size", "its longer side is \(long)") }
        if let most = settings.maximumAspect, long > most * short {
            return ("aspect", "its sides are \(long) and \(short)")
        }
        if settings.border == .drop && SampleFields.touchesBorder(object, in: sample) {
            return ("border", "it reaches the image's edge")
        }
        if let condition = settings.condition,
            !condition.holds(SampleFields(sample, names: names, object: object).value)
        {
            return ("where", "not so: \(condition)")
        }
        if let rule = audit?.rule(ofAnnotation: annotation.id.description, image: annotation.imageID.description) {
            return ("audit", "the audit found \(rule)")
        }
        return nil
    }
}
