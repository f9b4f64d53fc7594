/// Finds the name that was probably meant.
enum NearName {
    /// The known name nearest to `name`: the same but for letter case, or at most a third of its letters away.
    static func suggestion(for name: String, among known: [String]) -> String? {
        let wanted = Array(name.lowercased().unicodeScalars.prefix(64))
        let ranked = known.map { (name: $0, distance: distance(wanted, Array($0.lowercased().unicodeScalars))) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, wanted.count / 3) ? best.name : nil
    }

    /// The number of letters to insert, delete or replace (Levenshtein).
    private static func distance(_ a: [UnicodeScalar], _ b: [UnicodeScalar]) -> Int {
        var row = Array(0...b.count)
        for (i, letter) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in b.enumerated() {
                let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (letter == other ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[b.count]
    }
}
