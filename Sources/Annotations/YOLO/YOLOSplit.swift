internal import JSONText
package import Runtime

/// The `data.yaml` above the parts of a split that were written as YOLO sets, each in a folder of its own.
package enum YOLOSplit {
    /// The keys that programs look for.
    private static let known = ["train", "val", "test"]

    /// Writes the file into the folder that the parts' folders are in.
    ///
    /// - Parameter parts: the parts' names, which are their folders'. Programs want a `train` and a `val`: where no part is
    ///   called so, the first part stands for one, and the first other part, or the only one, for the other.
    /// - Returns: the file's name.
    /// - Throws: `FileError.write`.
    package static func write(
        _ parts: [String], categories: [COCOCategory], to folder: String
    ) throws(FileError) -> String {
        var folders: [(key: String, part: String)] = []
        for part in parts where !folders.contains(where: { $0.key == key(of: part) }) {
            folders.append((key(of: part), part))
        }
        let named = Set(folders.map(\.key))
        var text = "path: .\n"
        if !named.contains("train"), let first = parts.first { text += line("train", first) }
        if !named.contains("val") {
            let train = folders.first { $0.key == "train" }?.part ?? parts.first
            if let other = parts.first(where: { $0 != train }) ?? parts.first { text += line("val", other) }
        }
        for (key, part) in folders { text += line(key, part) }
        let name = "data.yaml"
        try AtomicFileWriter.write(text + names(of: categories), to: FileSystem.join(folder, name))
        return name
    }

    private static func line(_ key: String, _ part: String) -> String { "\(key): \(part)/images\n" }

    /// The key of a part: `val` has other names elsewhere.
    static func key(of part: String) -> String {
        ["valid", "validation"].contains(part.lowercased()) ? "val" : known.first { $0 == part.lowercased() } ?? part
    }

    /// The classes.
    static func names(of categories: [COCOCategory]) -> String {
        var text = "nc: \(categories.count)\nnames:\n"
        for (index, category) in categories.enumerated() {
            // A JSON string is a YAML string, whatever it holds.
            text += "  \(index): \(JSONValue.string(category.name).text())\n"
        }
        return text
    }
}
