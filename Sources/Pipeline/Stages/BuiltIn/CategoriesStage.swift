package import Annotations
private import Runtime
internal import Shards

/// Renames categories, merges several into one, and leaves others out.
package struct CategoriesStage: ConfiguredStage {
    package static let name = "categories"
    package static let keys = ["map", "keep", "others"]
    package static let droppedRule = "categories.others"

    /// What happens to categories that are not named.
    package enum Others: String, Sendable, CaseIterable {
        case keep
        case drop
    }

    /// New names by old names or ids.
    private let map: [(old: String, new: String)]
    private let keep: [String]
    private let others: Others
    private var newID: [COCOIdentifier: COCOIdentifier] = [:]
    /// For each category behind the stage those that became it.
    private var sources: [COCOIdentifier: [COCOIdentifier]] = [:]
    /// The categories behind the stage.
    private var order: [COCOIdentifier] = []

    package init(map: [(old: String, new: String)], keep: [String] = [], others: Others = .keep) {
        self.map = map
        self.keep = keep
        self.others = others
    }

    package init(_ settings: StageSettings) throws {
        let map = try settings.pairs("map") ?? []
        let keep = try settings.texts("keep") ?? []
        if map.isEmpty && keep.isEmpty { throw settings.failure("neither map nor keep is set") }
        self.init(
            map: map.map { ($0.name, $0.value) }, keep: keep,
            others: try settings.choice("others") ?? (keep.isEmpty ? .keep : .drop))
    }

    package var summary: String {
        var parts = map.map { "\($0.old) becomes \($0.new)" }
        if !keep.isEmpty { parts.append("\(keep.joined(separator: ", ")) kept") }
        parts.append("others \(others == .keep ? "kept" : "left out")")
        return parts.joined(separator: ", ")
    }

    package func categories(after categories: [COCOCategory]) throws -> [COCOCategory] { try plan(categories).list }

    package func prepared(_ survey: StageSurvey, categories: [COCOCategory]) throws -> any SampleStage {
        var ready = self
        let plan = try plan(categories)
        ready.newID = plan.ids
        ready.order = plan.list.map(\.id)
        ready.sources = Self.sources(of: categories, plan.ids)
        return ready
    }

    package func process(_ sample: StagedSample, ledger: inout FindingLedger) -> [StagedSample]? {
        var sample = sample
        sample.labelled.image.extra = FederatedLists.mapped(
            sample.labelled.image.extra, present: Set(sample.objects.map(\.annotation.categoryID)), sources: sources,
            order: order)
        sample.objects = sample.objects.compactMap { object in
            guard let id = newID[object.annotation.categoryID] else {
                ledger.reject(
                    .annotation, Self.droppedRule, at: object.annotation.location,
                    "category \(object.annotation.categoryID) is not one of those to be kept")
                return nil
            }
            var object = object
            object.annotation.categoryID = id
            return object
        }
        return [sample]
    }

    /// Counts that LVIS states of a category, which are not those of what several became.
    private static let countKeys: Set<String> = ["frequency", "image_count", "instance_count"]

    private static func sources(
        of categories: [COCOCategory], _ ids: [COCOIdentifier: COCOIdentifier]
    ) -> [COCOIdentifier: [COCOIdentifier]] {
        var sources: [COCOIdentifier: [COCOIdentifier]] = [:]
        for category in categories {
            if let id = ids[category.id] { sources[id, default: []].append(category.id) }
        }
        return sources
    }

    /// The new list, and where each old category goes. A new name is that of the category of this name where there is
    /// one, else takes the place of the first that is mapped to it.
    private func plan(
        _ categories: [COCOCategory]
    ) throws(PipelineError) -> (list: [COCOCategory], ids: [COCOIdentifier: COCOIdentifier]) {
        var target: [COCOIdentifier: String] = [:]
        for (old, new) in map {
            for category in try CategoryNames.matching(old, in: categories, stage: Self.name) {
                target[category.id] = new
            }
        }
        var kept: Set<COCOIdentifier> = []
        for name in keep {
            for category in try CategoryNames.matching(name, in: categories, stage: Self.name) {
                kept.insert(category.id)
            }
        }
        var ids: [COCOIdentifier: COCOIdentifier] = [:]
        var list: [COCOCategory] = []
        for category in categories {
            let isNamed = target[category.id] != nil || kept.contains(category.id)
            guard isNamed || others == .keep else { continue }
            guard let name = target[category.id] else {
                // It may be listed already, for another that became it.
                if !list.contains(where: { $0.id == category.id }) { list.append(category) }
                ids[category.id] = category.id
                continue
            }
            let survivor =
                categories.first { $0.name == name && target[$0.id] ?? name == name }
                ?? list.first { $0.name == name } ?? category
            ids[category.id] = survivor.id
            guard !list.contains(where: { $0.id == survivor.id }) else { continue }
            var renamed = survivor
            renamed.name = name
            list.append(renamed)
        }
        let sources = Self.sources(of: categories, ids)
        for index in list.indices where (sources[list[index].id]?.count ?? 0) > 1 {
            list[index].extra.removeAll { Self.countKeys.contains($0.name) }
        }
        return (list, ids)
    }
}
