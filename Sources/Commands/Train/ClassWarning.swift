private import Foundation
internal import JSONText
internal import Training

/// What is said before training of classes that an epoch hardly shows.
struct ClassWarning {
    /// Rows that are shown; the JSON form has all classes.
    private static let shownRows = 20

    private let rows: [ClassCensus.Row]
    private let classCount: Int
    private let minimum: Int

    /// Nil where each class comes up often enough.
    init?(_ beginning: TrainingEvent.Beginning) {
        rows = beginning.classes.rows(below: beginning.minPerClass)
        classCount = beginning.classes.rows.count
        minimum = beginning.minPerClass
        if rows.isEmpty { return nil }
    }

    /// A sentence, and a table of the rarest classes.
    var lines: [String] {
        var table = TextTable([
            ("class", .left), ("images", .right), ("objects", .right), ("an epoch", .right), ("validation", .right),
        ])
        let rarest = rows.enumerated().sorted { ($0.1.objectsPerEpoch, $0.0) < ($1.1.objectsPerEpoch, $1.0) }
        for (_, row) in rarest.prefix(Self.shownRows) {
            table.add([
                row.name, String(row.images), String(row.objects), String(format: "%.4g", row.objectsPerEpoch),
                String(row.validationObjects),
            ])
        }
        let rest = rows.count - Self.shownRows
        let sentence =
            "warning: of \(rows.count) of \(classCount) classes an epoch shows fewer than \(minimum) objects "
            + "(min-per-class); `samdata convert --balance` repeats the images of rare ones"
        return [sentence] + table.render().split(separator: "\n").map(String.init)
            + (rest > 0 ? ["… and \(rest) more; --json lists them"] : [])
    }

    /// All classes, for programs.
    static func json(_ beginning: TrainingEvent.Beginning) -> [JSONValue] {
        let rare = Set(beginning.classes.rows(below: beginning.minPerClass).map(\.name))
        return beginning.classes.rows.map { row in
            [
                "name": .string(row.name), "images": .integer(Int64(row.images)),
                "objects": .integer(Int64(row.objects)), "objects_per_epoch": .number(row.objectsPerEpoch),
                "validation_objects": .integer(Int64(row.validationObjects)), "is_rare": .bool(rare.contains(row.name)),
            ]
        }
    }
}
