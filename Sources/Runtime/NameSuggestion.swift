/// Finds the name that somebody probably meant.
package enum NameSuggestion {
    /// ` Did you mean 'x'?` for the nearest of `names`, or nothing when none is near.
    package static func sentence(for name: String, among names: [String]) -> String {
        nearest(to: name, among: names).map { " Did you mean '\($0)'?" } ?? ""
    }

    /// The name of several words whose initials these are, `learning-rate` for `lr`; or the one with the smallest edit distance,
    /// whatever its letters' case, when that is at most a third of the longer name's length (at least 2).
    package static func nearest(to name: String, among names: [String]) -> String? {
        let meant = names.filter { initials(of: $0) == name.lowercased() }
        if let shortest = meant.min(by: { $0.count < $1.count }), meant.allSatisfy({ $0.hasPrefix(shortest) }) {
            return shortest
        }
        var best: (name: String, distance: Int)?
        for candidate in names {
            let distance = editDistance(Array(name.lowercased().utf8), Array(candidate.lowercased().utf8))
            let limit = max(2, max(name.utf8.count, candidate.utf8.count) / 3)
            if distance <= limit && distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// The first letters of a name's words, small; nil for a name of one word.
    private static func initials(of name: String) -> String? {
        let words = name.lowercased().split { $0 == "-" || $0 == "_" }
        return words.count > 1 ? String(words.compactMap(\.first)) : nil
    }

    /// Levenshtein's distance: the fewest insertions, deletions and replacements that turn `a` into `b`.
    static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for i in a.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let replaced = diagonal + (a[i] == b[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
            }
        }
        return row[b.count]
    }
}
