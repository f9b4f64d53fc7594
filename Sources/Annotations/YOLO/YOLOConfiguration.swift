private import Foundation
private import Runtime
private import Yams

/// What a `data.yaml`, an `obj.data` or a list of names says of a YOLO set.
struct YOLOConfiguration {
    /// The largest `data.yaml` that is read; it holds names and paths alone.
    private static let maximumBytes = 4 << 20
    /// The largest class number: a hostile file must not ask for much memory.
    static let maximumClasses = 1 << 20

    /// Names by class number, in ascending order; numbers may have gaps.
    private(set) var names: [(index: Int, name: String)] = []
    /// Files or folders of images by part, as written.
    private(set) var parts: [(name: String, paths: [String])] = []
    /// `path`, to which the others are relative.
    private(set) var root: String?
    private(set) var findings = SetFindings()

    init() {}

    /// The classes that a user names.
    init(names: [String]) { self.names = names.enumerated().map { ($0, $1) } }

    /// - Throws: `AnnotationError.structure` for what is no YAML, or no configuration of a set; `FileError`.
    init(yaml path: String) throws {
        let text = try Self.text(path)
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw AnnotationError(.structure, at: DataLocation(path: path), "is not YAML: \(error)")
        }
        guard let mapping = root?.mapping else {
            throw AnnotationError(.structure, at: DataLocation(path: path), "is no mapping of names to values")
        }
        self.root = mapping["path"]?.string
        let known = ["train", "val", "valid", "validation", "test"]
        // A split may have other parts as well; a key with a folder of images is one.
        let others = mapping.keys.compactMap(\.string).filter { key in
            !known.contains(key) && key != "path" && mapping[Node(key)]?.string?.hasSuffix("/images") == true
        }
        for part in known + others.sorted() {
            guard let value = mapping[Node(part)] else { continue }
            let paths = value.sequence.map { $0.compactMap(\.string) } ?? [value.string].compactMap { $0 }
            if !paths.isEmpty { parts.append((part, paths)) }
        }
        try readNames(mapping, path)
        if let stated = mapping["nc"]?.int, stated != names.count, !names.isEmpty {
            findings.note(
                LabelRule.repairedValue, .warning, path: path, keyPath: "nc",
                "nc is \(stated), and there are \(names.count) names; the names count")
        }
    }

    /// A file with one name a line: `obj.names`, `classes.txt`.
    init(nameList path: String) throws {
        let lines = try Self.text(path).split(whereSeparator: \.isNewline).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        self.init(names: lines.filter { !$0.isEmpty })
    }

    private mutating func readNames(_ mapping: Node.Mapping, _ path: String) throws {
        guard let node = mapping["names"] else { return }
        if let list = node.sequence {
            names = list.enumerated().map { ($0, $1.string ?? "") }
        } else if let pairs = node.mapping {
            var byIndex: [Int: String] = [:]
            for (key, value) in pairs {
                guard let index = key.int, (0..<Self.maximumClasses).contains(index), let name = value.string else {
                    findings.drop(
                        .categories, LabelRule.badValue, path: path, id: key.string ?? "",
                        "\"names\" is a list, or numbers from 0 with a name each")
                    continue
                }
                if byIndex.updateValue(name, forKey: index) != nil {
                    findings.note(
                        LabelRule.duplicateCategory, .warning, path: path, keyPath: "names.\(index)",
                        "class \(index) has two names; the last one counts")
                }
            }
            names = byIndex.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        } else {
            throw AnnotationError(
                .structure, at: DataLocation(path: path, keyPath: "names"),
                "\"names\" is neither a list nor numbers with names")
        }
    }

    private static func text(_ path: String) throws -> String {
        let bytes = try FileSystem.read(path)
        guard bytes.count <= maximumBytes else {
            throw AnnotationError(
                .structure, at: DataLocation(path: path), "has \(bytes.count) bytes; at most \(maximumBytes) are read")
        }
        return String(
            decoding: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...], as: UTF8.self)
    }
}
