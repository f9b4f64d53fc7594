private import Foundation
private import Runtime
private import Synchronization

/// Finds a file of a folder by the name that labels give it, forgiving what happens to names on their way between
/// systems: backslashes, upper and lower case, composed and decomposed accents, a path of another machine.
package struct FileNameIndex: Sendable {
    /// A file, and what is odd about the name that led to it.
    package struct Match: Sendable, Hashable {
        /// Below the folder.
        package var path: String
        /// The rule of ``LabelRule`` for what is odd; nil for a name that is the file's.
        package var rule: String?
        /// What is odd, as the end of a sentence that begins with "the name".
        package var oddity: String?

        package init(path: String, rule: String? = nil, oddity: String? = nil) {
            self.path = path
            self.rule = rule
            self.oddity = oddity
        }
    }

    /// Paths below the folder, in byte order.
    package let paths: [String]
    /// Made when a name is no file's, which is seldom.
    private let folded = FoldedNames()

    /// - Parameter paths: in any order.
    package init(paths: [String]) {
        self.paths = paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The file that a name means; nil when there is none, or several are as good.
    package func match(_ name: String) -> Match? {
        if contains(name) { return Match(path: name) }
        let separated = name.split { $0 == "/" || $0 == "\\" }.filter { $0 != "." }
        let plain = separated.filter { $0 != ".." }.joined(separator: "/")
        let isOutside = name.hasPrefix("/") || separated.contains("..") || separated.first?.hasSuffix(":") == true
        if contains(plain) {
            if name.contains("\\") {
                return Match(
                    path: plain, rule: LabelRule.nameSeparator, oddity: "has backslashes, which are read as slashes")
            }
            return isOutside ? outside(plain) : Match(path: plain)
        }
        if let index = folded.whole(plain, of: paths) { return differing(paths[index], from: plain) }
        guard isOutside || separated.count > 1, let last = separated.last,
            let index = folded.lastPart(String(last), of: paths)
        else { return nil }
        return outside(paths[index])
    }

    /// Whether a path is there, byte for byte.
    package func contains(_ path: String) -> Bool {
        var low = 0
        var high = paths.count
        while low < high {
            let middle = (low + high) / 2
            if paths[middle].utf8.lexicographicallyPrecedes(path.utf8) { low = middle + 1 } else { high = middle }
        }
        return low < paths.count && paths[low].utf8.elementsEqual(path.utf8)
    }

    private func outside(_ path: String) -> Match {
        Match(
            path: path, rule: LabelRule.nameOutside,
            oddity: "leads to a place outside of the images' folder; the file of that name in it is taken")
    }

    private func differing(_ path: String, from name: String) -> Match {
        let isForm =
            path.precomposedStringWithCanonicalMapping.utf8.elementsEqual(
                name.precomposedStringWithCanonicalMapping.utf8)
        return Match(
            path: path, rule: isForm ? LabelRule.nameForm : LabelRule.nameCase,
            oddity: isForm
                ? "has its accents composed in another way than the file's, \(path)"
                : "differs from the file's, \(path), in upper and lower case")
    }
}

/// Positions of paths by their names in lower case and with composed accents.
private final class FoldedNames: Sendable {
    private struct Tables {
        var whole: [String: [Int]]
        var lastParts: [String: [Int]]
    }

    private let tables = Mutex<Tables?>(nil)

    /// The one path that is the same but for case and form.
    func whole(_ name: String, of paths: [String]) -> Int? { only(\.whole, name, paths) }

    /// The one path whose last part is the same but for case and form.
    func lastPart(_ name: String, of paths: [String]) -> Int? { only(\.lastParts, name, paths) }

    private func only(_ table: KeyPath<Tables, [String: [Int]]>, _ name: String, _ paths: [String]) -> Int? {
        tables.withLock { tables in
            let made =
                tables
                ?? Tables(
                    whole: Dictionary(grouping: paths.indices) { Self.fold(paths[$0]) },
                    lastParts: Dictionary(grouping: paths.indices) { Self.fold(FileSystem.lastComponent(paths[$0])) })
            tables = made
            let found = made[keyPath: table][Self.fold(name)]
            return found?.count == 1 ? found?[0] : nil
        }
    }

    private static func fold(_ name: String) -> String { name.precomposedStringWithCanonicalMapping.lowercased() }
}
