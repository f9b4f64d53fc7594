internal import Annotations
internal import Runtime

/// Counts ids that are not integers of at most 53 bits.
struct IdentifierTypes {
    private struct Odd {
        var count = 0
        var first: DataLocation
        var id: COCOIdentifier
    }

    private var odd: [COCOSection: Odd] = [:]

    mutating func note(_ id: COCOIdentifier, in section: COCOSection, at location: @autoclosure () -> DataLocation) {
        if case .integer(let value) = id, value.magnitude <= 1 << 53 { return }
        odd[section, default: Odd(first: location(), id: id)].count += 1
    }

    /// One finding a list.
    var findings: [Finding] {
        COCOSection.allCases.compactMap { section in
            odd[section].map { odd in
                let kind =
                    switch odd.id {
                    case .text: "the text \"\(odd.id)\""
                    case .number: "the number \(odd.id)"
                    case .integer: "the integer \(odd.id)"
                    }
                return AuditRules.rule("schema.id-type").finding(
                    at: odd.first,
                    "\(odd.count) \(odd.count == 1 ? "id" : "ids") in \(section.rawValue), the first is \(kind)")
            }
        }
    }
}
