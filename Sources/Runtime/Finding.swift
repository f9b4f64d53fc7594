/// How much a finding matters.
package enum Severity: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Worth knowing; nothing is wrong.
    case note
    /// Probably a mistake in the data; the data can be used.
    case warning
    /// The data is wrong, or a part of it cannot be used.
    case error

    package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }

    private var rank: Int {
        switch self {
        case .note: 0
        case .warning: 1
        case .error: 2
        }
    }
}

/// One fact about a user's data that is wrong or odd: a value that is collected and reported, never thrown.
package struct Finding: Sendable, Hashable, CustomStringConvertible {
    /// Stable rule id, such as `rle.sum`.
    package var rule: String
    package var severity: Severity
    package var location: DataLocation
    /// What was seen, what was expected, and what was done about it.
    package var message: String

    package init(rule: String, severity: Severity, location: DataLocation = DataLocation(), message: String) {
        self.rule = rule
        self.severity = severity
        self.location = location
        self.message = message
    }

    package var description: String {
        let place = location.description
        return (place.isEmpty ? "" : place + ": ") + "\(severity.rawValue): \(message) [\(rule)]"
    }
}
