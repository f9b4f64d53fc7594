/// The ways in which an object is asked for in an evaluation, in the order of tables.
package enum PromptForm: Sendable, Hashable {
    /// With the label's own box.
    case box
    /// With so many clicks, from 1: the first one on the deepest point, each of the others where the mask before was
    /// wrong most.
    case clicks(Int)

    /// What it is called in tables: `box`, `point`, `2 clicks`.
    package var title: String {
        switch self {
        case .box: "box"
        case .clicks(1): "point"
        case .clicks(let count): "\(count) clicks"
        }
    }

    /// The same in a sentence, after "with".
    package var phrase: String {
        switch self {
        case .box: "boxes"
        case .clicks(1): "one point"
        case .clicks(let count): "\(count) clicks"
        }
    }
}

extension PromptKind {
    /// The same way of asking among those of an evaluation.
    package var form: PromptForm {
        switch self {
        case .box: .box
        case .point: .clicks(1)
        }
    }
}
