private import Foundation
private import Runtime

/// Where an image's file is, by its name in the labels: the rule of every command.
///
/// Names are relative to the images' directory. `.` and `..` are resolved as text, so that a name whose steps up are taken back
/// inside is a plain one; a name that leads out of the directory is refused unless the user allows it.
package struct ImagePath: Sendable, Hashable {
    /// The file; of a name that leads out, where it leads to.
    package let path: String
    /// What is odd about the name, as the end of a sentence that begins with "the name"; nil for a plain path below the images'
    /// directory.
    package let oddity: String?
    /// The rule of what is odd: ``oddRule``, ``outsideRule``, ``LabelRule/nameCase`` or ``LabelRule/nameForm``.
    package let rule: String
    /// Whether the name leads out of the directory, which nobody allowed: the file is not to be opened.
    package let isRefused: Bool

    /// A name is an absolute path, or has backslashes; the file is taken. So is one outside that is allowed.
    package static let oddRule = "image.path"
    /// A name leads out of the images' directory.
    package static let outsideRule = "image.outside"

    /// - Parameters:
    ///   - directory: the one that names are relative to.
    ///   - names: of the files in it, for names that differ from the file's in upper and lower case; nil takes names as they
    ///     are.
    ///   - allowsOutside: whether names may lead out of it.
    package init(_ name: String, in directory: String, among names: ImageNames? = nil, allowsOutside: Bool = false) {
        // A tool on Windows wrote them, unless a file here has just that name.
        let hasBackslashes =
            name.utf8.contains(Self.backslash) && !FileSystem.exists(FileSystem.join(directory, name))
        let separated = hasBackslashes ? Self.separated(name) : name
        let isAbsolute = separated.utf8.first == Self.slash || hasBackslashes && Self.hasDrive(separated)
        let inside = isAbsolute ? Self.part(of: separated, below: directory) : Self.resolved(separated)
        guard let inside else {
            path = isAbsolute ? separated : FileSystem.join(directory, separated)
            oddity =
                isAbsolute
                ? "is an absolute path to another place than the images' directory"
                : "leads out of the images' directory"
            rule = allowsOutside ? Self.oddRule : Self.outsideRule
            isRefused = !allowsOutside
            return
        }
        isRefused = false
        if let names, !inside.isEmpty, !FileSystem.exists(FileSystem.join(directory, inside)),
            let match = names.match(inside)
        {
            path = FileSystem.join(directory, match.path)
            oddity = match.oddity
            rule = match.rule ?? Self.oddRule
            return
        }
        path = FileSystem.join(directory, inside)
        rule = Self.oddRule
        oddity =
            hasBackslashes
            ? "has backslashes, which are read as slashes" : isAbsolute ? "is an absolute path" : nil
    }

    private static let slash = UInt8(ascii: "/")
    private static let backslash = UInt8(ascii: "\\")

    /// The file's path from the root, its `.` and `..` taken out: equal for two names of one file.
    package var whole: String {
        let whole =
            path.utf8.first == Self.slash ? path : FileSystem.join(FileManager.default.currentDirectoryPath, path)
        return Self.resolved(whole) ?? whole
    }

    /// A name with its `.` and `..` taken out, for telling whether two are of one file.
    package static func plain(_ name: String) -> String { resolved(separated(name)) ?? separated(name) }

    private static func separated(_ name: String) -> String {
        String(decoding: name.utf8.map { $0 == backslash ? slash : $0 }, as: UTF8.self)
    }

    /// A path without its first slash, and with its `.` and `..` taken out; nil when it leads out. By bytes, as the system reads
    /// it: in a text, an accent may hide a slash.
    private static func resolved(_ name: String) -> String? {
        var parts: [Substring.UTF8View] = []
        for part in name.utf8.split(separator: slash) where !part.elementsEqual(".".utf8) {
            guard part.elementsEqual("..".utf8) else {
                parts.append(part)
                continue
            }
            guard parts.popLast() != nil else { return nil }
        }
        return String(decoding: Array(parts.joined(separator: [slash])), as: UTF8.self)
    }

    /// What of an absolute name lies below the directory; nil when it lies elsewhere.
    private static func part(of name: String, below directory: String) -> String? {
        let whole =
            directory.utf8.first == slash
            ? directory : FileSystem.join(FileManager.default.currentDirectoryPath, directory)
        guard !hasDrive(name), let root = resolved(whole), let path = resolved(name) else { return nil }
        if root.isEmpty { return path }
        guard path.utf8.starts(with: (root + "/").utf8) else { return nil }
        return String(decoding: path.utf8.dropFirst(root.utf8.count + 1), as: UTF8.self)
    }

    /// Whether a path begins as `C:/`.
    private static func hasDrive(_ name: String) -> Bool {
        let start = Array(name.utf8.prefix(3))
        return start.count == 3 && start[1] == UInt8(ascii: ":") && start[2] == slash
    }
}
