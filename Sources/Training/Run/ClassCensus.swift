package import Shards

/// How often each class comes up in a run's data: what an epoch can teach of it, known before the first step.
package struct ClassCensus: Sendable, Hashable {
    /// One class. Crowds do not count: nobody is trained on them, or judged by them.
    package struct Row: Sendable, Hashable {
        package let name: String
        /// Images that are trained on and show the class, and its objects in them.
        package var images = 0
        package var objects = 0
        /// Its objects in an epoch, on average: other than ``objects`` where images are repeated.
        package var objectsPerEpoch = 0.0
        /// Its objects in the images that are validated on.
        package var validationObjects = 0
    }

    /// In the order of the shards' classes; classes of the validation alone come last.
    package private(set) var rows: [Row] = []

    /// - Parameters:
    ///   - records: what is trained on; those that never come up do not count.
    ///   - classes: of these records.
    ///   - validation: of what is validated on; its classes are the same where their names are.
    package init(records: [ShardManifest.Record], classes: [ShardClass], validation: ShardManifest?) {
        let ids = places(of: classes)
        for record in records where record.repeats > 0 {
            for (id, objects) in record.instances {
                guard let place = ids[id] else { continue }
                rows[place].images += 1
                rows[place].objects += objects
                rows[place].objectsPerEpoch += record.repeats * Double(objects)
            }
        }
        guard let validation else { return }
        let validated = places(of: validation.classes)
        for record in validation.shards.lazy.flatMap(\.records) {
            for (id, objects) in record.instances {
                if let place = validated[id] { rows[place].validationObjects += objects }
            }
        }
    }

    /// Classes of which an epoch shows fewer objects than `minimum`.
    package func rows(below minimum: Int) -> [Row] {
        // A sum of fractions may miss a whole number by its last digits.
        rows.filter { $0.objectsPerEpoch < Double(minimum) - 1e-6 }
    }

    /// The places in ``rows`` of classes by their ids; a name that is new gets one.
    private mutating func places(of classes: [ShardClass]) -> [Int64: Int] {
        var known = Dictionary(rows.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        var ids: [Int64: Int] = [:]
        for value in classes {
            let place = known[value.name] ?? rows.count
            if place == rows.count { rows.append(Row(name: value.name)) }
            known[value.name] = place
            ids[value.categoryID] = place
        }
        return ids
    }
}
