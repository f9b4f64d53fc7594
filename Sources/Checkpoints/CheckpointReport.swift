/// How a checkpoint's file was read: what it is, what was taken off, what was left out.
package struct CheckpointReport: Sendable, Hashable, CustomStringConvertible {
    /// The kind of file.
    package enum Format: String, Sendable, Hashable, CaseIterable {
        case safeTensors = "safetensors"
        case shardedSafeTensors = "sharded safetensors"
        case pyTorchArchive = "PyTorch zip archive"
        case pyTorchLegacy = "PyTorch file of before 1.6"
    }

    /// Something in the file that is not part of the state dict.
    package struct Ignored: Sendable, Hashable {
        /// Its keys, outermost first, with dots.
        package let name: String
        /// What it is, in a few words.
        package let content: String
        /// Number of tensors that are its own values; those deeper are not counted.
        package let tensorCount: Int
    }

    package let format: Format
    /// The files that were read, the index of shards included.
    package let files: [String]
    /// Keys of dictionaries that were around the state dict, outermost first.
    package let unwrapped: [String]
    /// Prefixes that were taken off the tensors' names, in that order.
    package let strippedPrefixes: [String]
    /// What was left out, the first hundred.
    package let ignored: [Ignored]
    /// Number of things left out.
    package let ignoredCount: Int

    /// One line a fact.
    package var description: String {
        var lines = [format.rawValue]
        if !unwrapped.isEmpty { lines.append("the tensors are under \(unwrapped.joined(separator: "."))") }
        if !strippedPrefixes.isEmpty {
            lines.append("taken off the names: \(strippedPrefixes.joined(separator: ", "))")
        }
        if !ignored.isEmpty {
            let shown = 8
            let list = ignored.prefix(shown).map { item in
                let tensors = item.tensorCount > 0 && item.content != "a tensor" ? ", \(item.tensorCount) tensors" : ""
                return "\(item.name) (\(item.content)\(tensors))"
            }
            let rest = ignoredCount > shown ? " and \(ignoredCount - shown) more" : ""
            lines.append("left out: \(list.joined(separator: ", "))\(rest)")
        }
        return lines.joined(separator: "\n")
    }
}
