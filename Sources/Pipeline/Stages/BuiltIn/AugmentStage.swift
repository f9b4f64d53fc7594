package import Annotations
package import Augmentation
internal import Images
internal import Masks
private import Runtime
private import Shards

/// Makes augmented samples of each sample, with the steps and parameters of albumentations; what comes out depends on seed
/// and image id alone.
///
/// Of a split, only the parts that are trained on (``SplitRule/trainedParts``) are augmented, unless others are named: what
/// a model is judged by stays as it is. Steps that take parts of other samples (copy-paste, mosaic) take them of those of the same part that come into
/// the stage, so that no part sees anything of another. To show rare classes more often, copy-paste may be lent only their
/// objects.
package struct AugmentStage: ConfiguredStage {
    package static let name = "augment"
    package static let keys = [
        "steps", "variants", "keep-original", "parts", "paste-categories", "paste-rarer-than", "min_area",
        "min_visibility",
        "min_width", "min_height",
    ]

    private let settings: AugmentSettings
    private var partners: PartnerTable?
    private var split: SplitParts?
    /// Numbers of the parts that are augmented.
    private var augmented: Set<Int> = []

    package init(_ settings: AugmentSettings) { self.settings = settings }

    package init(_ settings: StageSettings) throws {
        guard let steps = settings.value("steps") else { throw settings.failure("steps is not set") }
        let rules = ["min_area", "min_visibility", "min_width", "min_height"].compactMap { key in
            settings.value(key).map { AugmentationMember(key, $0.augmentation) }
        }
        let chain: AugmentationChain
        do throws(AugmentationError) {
            chain = try AugmentationChain(.object([AugmentationMember("steps", steps.augmentation)] + rules))
        } catch {
            throw settings.failure(error.message, key: "steps")
        }
        var augment = AugmentSettings(chain: chain)
        augment.names = chain.steps.map(\.name)
        augment.seed = settings.seed
        augment.variants = try settings.integer("variants", in: 1...1000) ?? 1
        augment.keepsOriginal = try settings.flag("keep-original") ?? true
        augment.parts = try settings.texts("parts") ?? []
        augment.pastedCategories = try settings.texts("paste-categories") ?? []
        augment.pastesRarerThan = try settings.integer("paste-rarer-than", in: 1...1_000_000_000)
        let isSelective = !augment.pastedCategories.isEmpty || augment.pastesRarerThan != nil
        if isSelective && !chain.needsPartners {
            throw settings.failure("paste-categories and paste-rarer-than need a step that pastes, such as CopyPaste")
        }
        if isSelective && steps.mentions("Mosaic") {
            throw settings.failure("Mosaic shows whole images, whose other objects would have no labels", key: "steps")
        }
        self.init(augment)
    }

    /// The stage that makes so many samples of each in place of what its settings say, and not the original.
    func drawing(_ draws: Int) -> AugmentStage {
        var settings = settings
        settings.variants = draws
        settings.keepsOriginal = false
        return AugmentStage(settings)
    }

    /// The steps, and the rule for what is dropped.
    package var chain: AugmentationChain { settings.chain }

    package var keepsFrame: Bool { false }
    package var movesPlaces: Bool { true }
    package var multiplies: Bool { true }
    package var usesParts: Bool { true }
    package var needsTrainedParts: Bool { settings.parts.isEmpty }

    package var summary: String {
        var text = "\(settings.variants) of each by \(settings.names.joined(separator: ", "))"
        if settings.keepsOriginal { text += ", beside the original" }
        if let split, split.names.count > 1 {
            text += ", in \(augmented.sorted().map { split.names[$0] }.joined(separator: ", ")) alone"
        }
        if !settings.pastedCategories.isEmpty {
            text += ", pasting \(settings.pastedCategories.joined(separator: ", "))"
        }
        if let count = settings.pastesRarerThan { text += ", pasting classes of fewer than \(count) objects" }
        return text
    }

    package func prepared(_ survey: StageSurvey, categories: [COCOCategory]) throws -> any SampleStage {
        var ready = self
        ready.split = survey.parts
        ready.augmented = try survey.parts.numbers(of: settings.parts, stage: Self.name)
        guard settings.chain.needsPartners else { return ready }
        let table = try PartnerTable(
            survey, parts: ready.augmented, lending: lending(survey, categories, parts: ready.augmented))
        if let part = table.partWithoutPartners {
            let place = survey.parts.names.count > 1 ? " of the part \(survey.parts.names[part])" : ""
            throw PipelineError(
                .stage, "\(Self.name): no sample\(place) has an object that could be pasted")
        }
        ready.partners = table
        return ready
    }

    /// The categories that are lent; nil for all.
    private func lending(
        _ survey: StageSurvey, _ categories: [COCOCategory], parts: Set<Int>
    ) throws -> Set<COCOIdentifier>? {
        if settings.pastedCategories.isEmpty && settings.pastesRarerThan == nil { return nil }
        var lent: Set<COCOIdentifier> = []
        for name in settings.pastedCategories {
            for category in try CategoryNames.matching(name, in: categories, stage: Self.name) {
                lent.insert(category.id)
            }
        }
        if let limit = settings.pastesRarerThan {
            var counts: [COCOIdentifier: Int] = [:]
            let rows = try survey.rows { $0.objects.map(\.annotation.categoryID) }
            for (image, row) in rows.enumerated() where parts.contains(survey.parts.partOfImage[image]) {
                for id in row.lazy.flatMap({ $0 }) { counts[id, default: 0] += 1 }
            }
            for (id, count) in counts where count < limit { lent.insert(id) }
        }
        return lent
    }

    package func process(_ sample: StagedSample, ledger: inout FindingLedger) throws -> [StagedSample]? {
        guard let split else { preconditionFailure("augment was not prepared") }
        let part = split.partOfImage[sample.sourceIndex]
        guard augmented.contains(part) else { return [sample] }
        var samples = settings.keepsOriginal ? [sample] : []
        let id = sample.labelled.image.id.description
        // Keyed by the id, so that images which are added change nothing for the others.
        let number = UInt64(SHA256Digest.hex(Array(id.utf8)).prefix(16), radix: 16) ?? 0
        let source = try sample.augmentation(category: { _ in 0 })
        for variant in 0..<settings.variants {
            let augmented = try settings.chain(
                source, key: AugmentationKey(seed: settings.seed, epoch: UInt64(variant), sample: number),
                partners: partners?.partners(of: part) ?? .none)
            for dropped in augmented.dropped where dropped.partner == nil {
                ledger.reject(
                    .annotation, dropped.rule.rawValue, at: sample.objects[dropped.index].annotation.location,
                    "\(dropped.area) pixels of it are left in variant \(variant + 1)")
            }
            samples.append(try result(augmented, of: sample, part: part, variant: variant))
        }
        return samples
    }

    private func result(
        _ augmented: AugmentedSample, of sample: StagedSample, part: Int, variant: Int
    ) throws -> StagedSample {
        var result = sample
        let image = augmented.image
        result.replacePixels(width: image.width, height: image.height) { _ in image }
        var taken: Set<COCOIdentifier> = []
        result.objects = try augmented.objects.map { object in
            guard let partner = object.partner, let partners else {
                return sample.objects[object.index].with(mask: object.mask).with(places: object.points)
            }
            let (other, lent) = try partners.object(object.index, of: partner, in: part)
            var pasted = lent.with(mask: object.mask).with(places: object.points)
            // One object may be pasted several times.
            var id = "\(lent.annotation.id)@\(other.id)"
            while !taken.insert(.text(id)).inserted { id += "'" }
            pasted.annotation.id = .text(id)
            return pasted
        }
        result.rename(suffix: "_augmented\(variant + 1)")
        return result
    }
}

extension StagedSample {
    /// The sample as augmentation takes it: objects by their places.
    func augmentation(category: (COCOIdentifier) -> Int) throws -> AugmentationSample {
        AugmentationSample(
            image: try image(),
            objects: objects.enumerated().map { index, object in
                AugmentedObject(
                    index: index, category: category(object.annotation.categoryID),
                    isCrowd: object.annotation.isCrowd, mask: object.mask, points: object.places)
            })
    }
}

extension StageValue {
    /// The value as augmentation reads it.
    var augmentation: AugmentationValue {
        switch self {
        case .null: .null
        case .scalar("true"): .bool(true)
        case .scalar("false"): .bool(false)
        case .scalar(let text): Double(text).map { .number($0) } ?? .text(text)
        case .list(let items): .list(items.map(\.augmentation))
        case .mapping(let members): .object(members.map { AugmentationMember($0.key, $0.value.augmentation) })
        }
    }

    /// Whether a word stands anywhere in the value.
    fileprivate func mentions(_ word: String) -> Bool {
        switch self {
        case .null: false
        case .scalar(let text): text == word
        case .list(let items): items.contains { $0.mentions(word) }
        case .mapping(let members): members.contains { $0.key == word || $0.value.mentions(word) }
        }
    }
}
