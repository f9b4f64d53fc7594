internal import JSONText

/// What an LVIS file says of its categories beyond COCO: in how many images each is, and how often.
struct LVISCounts {
    private var images: [COCOIdentifier: Int] = [:]
    private var instances: [COCOIdentifier: Int] = [:]
    private var seen: Set<COCOIdentifier> = []

    mutating func beginImage() { seen = [] }

    mutating func add(_ category: COCOIdentifier) {
        instances[category, default: 0] += 1
        if seen.insert(category).inserted { images[category, default: 0] += 1 }
    }

    /// Adds the lists that every LVIS image has; empty ones claim nothing.
    func complete(_ image: inout COCOImage) {
        for key in ["neg_category_ids", "not_exhaustive_category_ids"] where image.extra[key] == nil {
            image.extra.append(RawMember(key, []))
        }
    }

    /// The category with its counts and frequency: `r` in up to 10 images, `c` in up to 100, `f` in more (LVIS v1). What the
    /// labels state stays: LVIS's frequencies are those of its training set in every one of its files.
    func complete(_ category: COCOCategory) -> COCOCategory {
        var category = category
        let images = images[category.id] ?? 0
        let counted: [(String, JSONValue)] = [
            ("image_count", .integer(Int64(images))),
            ("instance_count", .integer(Int64(instances[category.id] ?? 0))),
            ("frequency", .string(images <= 10 ? "r" : images <= 100 ? "c" : "f")),
        ]
        if category.extra["frequency"] == nil {
            category.extra.removeAll { member in counted.contains { $0.0 == member.name } }
        }
        category.extra += counted.filter { category.extra[$0.0] == nil }.map { RawMember($0.0, $0.1) }
        for (key, value) in [("synset", JSONValue.string("")), ("def", ""), ("synonyms", [.string(category.name)])]
        where category.extra[key] == nil {
            category.extra.append(RawMember(key, value))
        }
        return category
    }
}
