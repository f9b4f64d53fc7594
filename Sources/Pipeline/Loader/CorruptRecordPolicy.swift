/// What a loader does with a record that cannot be read, or whose transform finds bad data.
package enum CorruptRecordPolicy: Sendable, Hashable, CustomStringConvertible {
    /// Throw, at the record's place in the order.
    case fail
    /// Leave it out and keep a finding.
    case skip
    /// Leave out so many records, and throw at the next one.
    case skipAtMost(Int)

    /// - Parameter text: `fail`, `skip`, or a number of records.
    package init?(_ text: String) {
        switch text {
        case "fail": self = .fail
        case "skip": self = .skip
        default:
            guard let limit = Int(text), (0...1_000_000_000).contains(limit) else { return nil }
            self = limit == 0 ? .fail : .skipAtMost(limit)
        }
    }

    package var description: String {
        switch self {
        case .fail: "fail"
        case .skip: "skip"
        case .skipAtMost(let limit): "\(limit)"
        }
    }

    /// The most records that are left out.
    var limit: Int {
        switch self {
        case .fail: 0
        case .skip: .max
        case .skipAtMost(let limit): limit
        }
    }
}
