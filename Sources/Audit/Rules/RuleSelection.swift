/// Which rules are in force.
package struct RuleSelection: Sendable, Hashable {
    private let ids: Set<String>

    /// Every rule.
    package static let everything = RuleSelection(ids: Set(AuditRules.byID.keys))

    private init(ids: Set<String>) { self.ids = ids }

    /// - Parameters:
    ///   - select: rule ids or families (`polygon` is every `polygon.…`); empty means all rules.
    ///   - ignore: rule ids or families taken out again.
    /// - Throws: `AuditError.unknownRule` for a name that is neither, with the names that come close.
    package init(select: [String], ignore: [String]) throws(AuditError) {
        var ids: Set<String> = []
        for name in select { ids.formUnion(try Self.rules(named: name)) }
        if select.isEmpty { ids = Set(AuditRules.byID.keys) }
        for name in ignore { ids.subtract(try Self.rules(named: name)) }
        self.ids = ids
    }

    package func contains(_ rule: String) -> Bool { ids.contains(rule) }

    /// Whether any rule of a family is in force.
    package func contains(family: String) -> Bool { ids.contains { $0.hasPrefix(family + ".") } }

    private static func rules(named name: String) throws(AuditError) -> [String] {
        let found = AuditRules.all.map(\.id).filter { $0 == name || $0.hasPrefix(name + ".") }
        guard found.isEmpty else { return found }
        let close = AuditRules.all.map(\.id).filter { !name.isEmpty && $0.contains(name) }
        let hint =
            close.isEmpty
            ? "families are \(families.joined(separator: ", ")); --list-rules shows all rules"
            : "did you mean \(close.joined(separator: ", "))?"
        throw AuditError(.unknownRule, "\"\(name)\" is no rule and no family of rules; \(hint)")
    }

    private static var families: [String] {
        var names: [String] = []
        for rule in AuditRules.all where !names.contains(rule.family) { names.append(rule.family) }
        return names
    }
}
