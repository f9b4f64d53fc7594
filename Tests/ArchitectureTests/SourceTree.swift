import Foundation
import TestSupport

/// The project's files, as the architecture tests read them.
enum SourceTree {
    /// The Swift targets below `Sources`, real folders only (the kernel variants are links to one folder).
    static let targets: [String] = {
        let sources = Repository.root + "/Sources"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: sources)) ?? []
        return names.filter { name in
            let type = (try? FileManager.default.attributesOfItem(atPath: sources + "/" + name))?[.type]
            return type as? FileAttributeType == .typeDirectory && !swiftFiles(below: "Sources/" + name).isEmpty
        }.sorted()
    }()

    /// Paths of all Swift files below a folder of the repository, links not followed.
    static func swiftFiles(below folder: String) -> [String] {
        let root = Repository.root + "/" + folder
        guard let walker = FileManager.default.enumerator(atPath: root) else { return [] }
        return walker.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.map { folder + "/" + $0 }.sorted()
    }

    static func text(_ file: String) -> String {
        (try? String(contentsOfFile: Repository.root + "/" + file, encoding: .utf8)) ?? ""
    }

    /// The top modules that a file imports.
    static func imports(of file: String) -> [String] {
        text(file).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard let at = words.firstIndex(of: "import"), at < 3, at + 1 < words.count,
                words[..<at].allSatisfy({
                    ["public", "package", "internal", "private", "fileprivate"].contains($0) || $0.hasPrefix("@")
                })
            else { return nil }
            let kinds: Set = ["struct", "class", "enum", "func", "protocol", "typealias", "let", "var"]
            let name = kinds.contains(words[at + 1]) && at + 2 < words.count ? words[at + 2] : words[at + 1]
            return name.split(separator: ".").first.map(String.init)
        }
    }
}
