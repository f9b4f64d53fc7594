extension StateDict {
    /// Prefixes that wrappers of models put before every name: data parallelism, a model inside a training module or an
    /// adapter.
    private static let prefixes = ["module.", "sam.", "model."]
    /// Parts of names that PyTorch's compiler and sharding put in wherever a module is wrapped.
    private static let infixes = ["_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module."]

    /// The same tensors without what wrappers put into their names.
    ///
    /// Whole parts between dots are taken off, again and again: `_orig_mod.` and its like anywhere, the others at the
    /// start where more than half of the names have them. A name that has none stays; where two names would become one,
    /// or one would be left empty, the prefix is the model's own and stays.
    ///
    /// - Returns: the tensors in the same order, and what was taken off, in that order.
    package func strippingPrefixes() -> (state: StateDict, stripped: [String]) {
        var names = self.names
        var stripped: [String] = []
        var isChanged = true
        while isChanged && !names.isEmpty {
            isChanged = false
            for part in Self.infixes + Self.prefixes {
                let isInfix = Self.infixes.contains(part)
                let count = names.count { isInfix ? Self.contains($0, part) : $0.hasPrefix(part) }
                guard isInfix ? count > 0 : 2 * count > names.count else { continue }
                let shorter = names.map { isInfix ? Self.removing($0, part) : Self.trimming($0, part) }
                guard shorter.allSatisfy({ !$0.isEmpty }), Set(shorter).count == names.count else { continue }
                names = shorter
                stripped.append(part)
                isChanged = true
            }
        }
        if stripped.isEmpty { return (self, []) }
        var state = StateDict()
        state.metadata = metadata
        for (name, entry) in zip(names, entries) { state.append(name, entry.tensor) }
        return (state, stripped)
    }

    private static func trimming(_ name: String, _ prefix: String) -> String {
        name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
    }

    private static func contains(_ name: String, _ part: String) -> Bool {
        name.hasPrefix(part) || name.contains("." + part)
    }

    /// A name without a part, wherever it stands between dots.
    private static func removing(_ name: String, _ part: String) -> String {
        let word = part.dropLast()
        return name.split(separator: ".", omittingEmptySubsequences: false).filter { $0 != word }
            .joined(separator: ".")
    }
}
