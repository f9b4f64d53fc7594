internal import Audit
internal import JSONText
internal import Runtime

/// What `--fix` has written.
struct AppliedFix {
    /// The file.
    let path: String
    /// Findings that are no more in it, by rule.
    let counts: [String: Int]
    /// The severest finding that is left, of the file and of what it was held against.
    let worst: Severity?

    init(path: String, rest: (gone: [String: Int], worst: Severity?)) {
        self.path = path
        (counts, worst) = rest
    }

    /// In one sentence.
    var sentence: String {
        let total = counts.values.reduce(0, +)
        if total == 0 { return "\(path) is a copy: no finding could be fixed" }
        let parts = counts.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
        return "\(path) has \(total) \(total == 1 ? "finding" : "findings") fewer: \(parts.joined(separator: ", "))"
    }

    /// Rules in their order, with the findings of each that are gone.
    var json: JSONValue {
        .array(
            counts.sorted { $0.key < $1.key }.map { ["rule": .string($0.key), "count": .integer(Int64($0.value))] })
    }
}
