private import Foundation
internal import Runtime

/// Keeps a command from writing over what it reads.
enum OutputCheck {
    /// - Throws: `FileError.exists` for an output that is one of the inputs, by whatever path.
    static func demand(_ outputs: [String?], areNoneOf inputs: [String?]) throws(FileError) {
        let read = Set(inputs.compactMap { $0.map(real) })
        for output in outputs.compactMap({ $0 }) where read.contains(real(output)) {
            throw FileError(.exists, path: output, "is an input of the command; give another name for what it writes")
        }
    }

    private static func real(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
}
