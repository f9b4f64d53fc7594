internal import Annotations
internal import JSONText
internal import Runtime

/// The categories that are listed, and those that annotations use.
struct CategoryTable {
    /// Annotations that use a category.
    struct Use {
        var count = 0
        /// The first of them.
        var location: DataLocation
    }

    private(set) var ids = IdentifierIndex()
    private var names: [String: Int] = [:]
    private var used = IdentifierIndex()
    private var uses: [Use] = []

    var count: Int { ids.count }

    mutating func add(_ category: COCOCategory) -> (index: Int, earlier: Int?) {
        ids.add(category.id, offset: category.origin.position?.byteOffset ?? 0)
    }

    /// Notes a category's name; returns the number of an earlier category with the same one.
    mutating func noteName(_ name: String, of index: Int) -> Int? {
        guard !name.isEmpty else { return nil }
        if let earlier = names[name] { return earlier }
        names[name] = index
        return nil
    }

    /// Notes that an annotation uses a category; returns a number that stands for the category.
    mutating func noteUse(of id: COCOIdentifier, at location: @autoclosure () -> DataLocation) -> Int {
        if let index = used.index(of: id) {
            uses[index].count += 1
            return index
        }
        uses.append(Use(count: 1, location: location()))
        return used.add(id, offset: 0).index
    }

    /// The categories that annotations use and that are not listed, in the order of their first use.
    var dangling: [(id: COCOIdentifier, use: Use)] {
        uses.indices.map { (used.id(at: $0), uses[$0]) }.filter { ids.index(of: $0.0) == nil }
    }
}
