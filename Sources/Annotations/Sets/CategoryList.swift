/// The classes of a set whose format knows them by name, numbered from 1 in the order of their coming.
struct CategoryList: Sendable {
    private(set) var categories: [COCOCategory] = []
    private var ids: [[UInt8]: COCOIdentifier] = [:]

    init() {}

    /// The classes called `names`; a name that comes again is the same class.
    init(_ names: some Sequence<String>) {
        for name in names { _ = id(of: name) }
    }

    /// The id of a class, which is new where the name is.
    mutating func id(of name: String) -> COCOIdentifier {
        if let id = self[name] { return id }
        let id = COCOIdentifier.integer(Int64(categories.count + 1))
        categories.append(COCOCategory(id: id, name: name))
        ids[Array(name.utf8)] = id
        return id
    }

    /// The id of a class that is known; names are compared by bytes.
    subscript(name: String) -> COCOIdentifier? { ids[Array(name.utf8)] }
}
