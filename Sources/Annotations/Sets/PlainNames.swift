/// Names of classes as a target can hold them: none is empty, and where a list's lines are names that end with a colon
/// (`labelmap.txt`), there is neither a colon nor a line break in them.
struct PlainNames {
    /// By category, in the categories' order; no two that differed are the same.
    private(set) var names: [COCOIdentifier: String] = [:]
    private(set) var renames: [LabelRename] = []

    /// - Parameter isList: whether they are written into such a list.
    init(_ categories: [COCOCategory], isList: Bool) {
        var taken = Set(categories.map(\.name))
        for category in categories where names[category.id] == nil {
            var name = category.name
            if isList { name = String(name.map { $0 == ":" ? "_" : $0.isNewline ? " " : $0 }) }
            if name.allSatisfy(\.isWhitespace) { name = "class \(category.id)" }
            guard name != category.name else {
                names[category.id] = name
                continue
            }
            while !taken.insert(name).inserted { name += "_" }
            names[category.id] = name
            renames.append(LabelRename(.category, id: category.id, from: category.name, to: name))
        }
    }
}
