private import Foundation
internal import Images
internal import Runtime

/// The folder that a set is written into: makes its folders, and gives each image a name that no other has.
struct LabelOutput {
    let root: String
    private var taken: Set<String> = []
    private var made: Set<String> = []
    /// The image that was named last, with the files that were written since.
    private(set) var written = WrittenImage(name: "")

    /// - Throws: `FileError.write` when the folder cannot be made.
    init(root: String) throws(FileError) {
        self.root = root
        try FileSystem.createDirectory(root)
    }

    /// Writes a file below the root, atomically; folders in its path are made.
    mutating func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        try AtomicFileWriter.write(bytes, to: try place(path))
        written.files.append(
            WrittenImage.File(
                path: path, bytes: bytes.count, checksum: bytes.withUnsafeBytes { CRC32C.checksum($0) }))
    }

    mutating func write(_ text: String, to path: String) throws(FileError) { try write(Array(text.utf8), to: path) }

    /// The full path of a file below the root, whose folder is then there.
    mutating func place(_ path: String) throws(FileError) -> String {
        let full = FileSystem.join(root, path)
        let folder = (full as NSString).deletingLastPathComponent
        if !made.contains(folder) {
            try FileSystem.createDirectory(folder)
            made.insert(folder)
        }
        return full
    }

    /// A path for an image, unlike every other in its stem and in lower case: labels are found by the stem, and some
    /// file systems know no upper case. What leads out of the folder is left out; the ending is that of the bytes.
    mutating func name(for image: LabelledImage, flat: Bool = false) -> String {
        var parts = image.image.fileName.split { $0 == "/" || $0 == "\\" }.filter { $0 != "." && $0 != ".." }
            .map { $0.hasSuffix(":") ? String($0.dropLast()) : String($0) }
        let last = parts.popLast() ?? ""
        var stem = last.isEmpty ? image.image.id.description : FolderWalk.stem(last)
        stem = String(stem.map { $0 == "/" || $0 == "\\" || $0 == "\0" ? "_" : $0 })
        // A hidden file would not be seen again.
        if stem.isEmpty || stem.hasPrefix(".") { stem = "_" + stem }
        let folder = parts.filter { !$0.isEmpty }.map { $0.hasPrefix(".") ? "_" + $0 : $0 }
            .joined(separator: flat ? "_" : "/")
        let base = folder.isEmpty ? stem : folder + (flat ? "_" : "/") + stem
        var unique = base
        var number = 2
        while !taken.insert(unique.precomposedStringWithCanonicalMapping.lowercased()).inserted {
            unique = "\(base)-\(number)"
            number += 1
        }
        let name = unique + "." + Self.ending(of: image.encoded)
        begin(name)
        return name
    }

    /// Begins an image of a name that the writer chose itself.
    mutating func begin(_ name: String) { written = WrittenImage(name: name) }

    /// Takes the name of an image that was written before.
    mutating func resume(_ image: WrittenImage) {
        taken.insert(FolderWalk.stem(image.name).precomposedStringWithCanonicalMapping.lowercased())
        written = image
    }

    /// `jpg` or `png`, by the bytes; `bin` for anything else.
    static func ending(of bytes: [UInt8]) -> String {
        switch bytes.withUnsafeBytes({ ImageFormat(signatureOf: $0) }) {
        case .jpeg: "jpg"
        case .png: "png"
        case .tiff: "tif"
        case nil: "bin"
        }
    }
}
