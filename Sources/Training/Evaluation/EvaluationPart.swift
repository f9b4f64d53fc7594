package import Metrics

/// Which objects a line of a table is about.
package enum EvaluationPart: Sendable, Hashable {
    case all
    /// Those of one of COCO's size classes.
    case size(SizeBin)
    /// Those of one category.
    case category(id: Int64, name: String)

    /// Whether an object belongs to it.
    package func contains(_ row: ObjectRow) -> Bool {
        switch self {
        case .all: true
        case .size(let size): row.size == size
        case .category(let id, _): row.categoryID == id
        }
    }

    /// What it is called in tables.
    package var title: String {
        switch self {
        case .all: "all"
        case .size(let size): size.rawValue
        case .category(_, let name): name
        }
    }
}
