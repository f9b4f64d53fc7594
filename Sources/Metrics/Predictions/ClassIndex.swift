internal import Annotations
private import JSONText

/// The classes that count, numbered in ascending order of their ids.
struct ClassIndex: Sendable {
    /// Those that count.
    let categories: [COCOCategory]
    /// Number of each class that counts, by its id.
    let numbers: [COCOIdentifier: Int]
    /// Classes that the truth has and that do not count.
    let excluded: Set<COCOIdentifier>
    let isClassAgnostic: Bool
    /// Number of each class whose id is a small integer, -1 where there is none: most ids are, and they are asked for once
    /// for every object.
    private let small: [Int32]

    private static let smallEnd = 1 << 16
    private let numbersByName: [[UInt8]: Int]
    private let excludedNames: Set<[UInt8]>

    init(_ all: [COCOCategory], options: PredictionOptions) {
        let sorted = all.sorted { $0.id < $1.id }
        categories = sorted.filter { options.classes?.contains($0.id) ?? true }
        var numbers = Dictionary(
            categories.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        // Shards number classes whose ids are no numbers; results know them by their own.
        for (number, category) in categories.enumerated() {
            if let id = category.sourceID, numbers[id] == nil { numbers[id] = number }
        }
        self.numbers = numbers
        excluded = Set(sorted.map(\.id) + sorted.compactMap(\.sourceID)).subtracting(numbers.keys)
        excludedNames = Set(sorted.filter { numbers[$0.id] == nil }.map { Array($0.name.utf8) })
        numbersByName = Dictionary(
            categories.enumerated().map { (Array($1.name.utf8), $0) }, uniquingKeysWith: { first, _ in first })
        isClassAgnostic = options.rules.isClassAgnostic
        var small = [Int32](repeating: -1, count: Self.smallEnd)
        for (id, number) in numbers {
            guard let place = id.int64.flatMap({ Int(exactly: $0) }), small.indices.contains(place) else { continue }
            small[place] = Int32(number)
        }
        self.small = small
    }

    /// The number of a class that counts; nil for any other.
    func number(of id: COCOIdentifier) -> Int? {
        guard case .integer(let value) = id, value >= 0, value < Int64(Self.smallEnd) else { return numbers[id] }
        let number = small[Int(value)]
        return number < 0 ? nil : Int(number)
    }

    /// The number of the class called `name`, where it counts; names are compared by bytes.
    func number(ofName name: String) -> Int? { numbersByName[Array(name.utf8)] }

    /// Whether the truth has a class called `name` that does not count.
    func isExcluded(name: String) -> Bool { excludedNames.contains(Array(name.utf8)) }

    /// The number of tables.
    var count: Int { isClassAgnostic ? 1 : categories.count }

    /// LVIS's `frequency` of each class: `r`, `c`, `f`; empty where it is not stated.
    var frequencies: [String] {
        categories.map { category in
            (try? category.extra["frequency"]?.parsed())?.string ?? ""
        }
    }

    /// The numbers of the classes that a key of an image lists, such as LVIS's `neg_category_ids`.
    func listed(_ key: String, of image: COCOImage) -> Set<Int> {
        let ids = (try? image.extra[key]?.parsed())?.array ?? []
        return Set(
            ids.compactMap { id in
                if let text = id.string { return numbers[.text(text)] }
                return id.double.flatMap { Int64(exactly: $0) }.flatMap { numbers[.integer($0)] }
            })
    }
}

extension COCOCategory {
    /// The id that a class had before shards gave it a number.
    fileprivate var sourceID: COCOIdentifier? { (try? extra["source_id"]?.parsed())?.string.map { .text($0) } }
}
