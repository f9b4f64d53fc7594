/// Names of classes for `labelmap.txt`, in which a colon ends the name and a line break the class.
struct PlainNames {
    /// By category, in the categories' order; no two that differed are the same.
    private(set) var names: [COCOIdentifier: String] = [:]
    private(set) var renames: [LabelRename] = []

    init(_ categories: [COCOCategory]) {
        var taken = Set(categories.map(\.name))
        for category in categories where names[category.id] == nil {
            var name = String(category.name.map { $0 == ":" ? "_" : $0.isNewline ? " " : $0 })
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
