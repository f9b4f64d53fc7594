internal import Annotations
internal import Runtime
internal import Shards

/// The classes of shards, made of a set's categories.
struct ClassTable: Sendable {
    /// In the set's order.
    let classes: [ShardClass]
    /// Positions in ``classes``.
    let indexes: [COCOIdentifier: Int]

    /// Ids that are not integers get numbers above those that are.
    ///
    /// - Parameter ledger: told of them.
    init(_ categories: [COCOCategory], ledger: inout FindingLedger) {
        var classes: [ShardClass] = []
        var indexes: [COCOIdentifier: Int] = [:]
        var nextFree = (categories.compactMap(\.id.int64).max() ?? 0).addingReportingOverflow(1).partialValue
        for category in categories where indexes[category.id] == nil {
            indexes[category.id] = classes.count
            let extra = category.extra.filter { $0.name != "source_id" }
            let members = extra.isEmpty ? nil : String(decoding: extra.objectText, as: UTF8.self)
            if let id = category.id.int64 {
                classes.append(
                    ShardClass(
                        categoryID: id, name: category.name, supercategory: category.supercategory, members: members))
                continue
            }
            classes.append(
                ShardClass(
                    categoryID: nextFree, name: category.name, supercategory: category.supercategory,
                    sourceID: category.id.description, members: members))
            var location = category.location
            location.keyPath = category.id.description
            ledger.note(
                Finding(
                    rule: ConversionRule.categoryIDType, severity: .note, location: location,
                    message: "the id \(category.id) is not an integer; records use \(nextFree)"))
            nextFree &+= 1
        }
        self.classes = classes
        self.indexes = indexes
    }
}
