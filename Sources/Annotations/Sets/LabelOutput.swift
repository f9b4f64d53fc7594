private import Foundation
internal import Images
internal import Runtime

/// The folder that a set is written into: makes its folders, and gives each image a name that no other has.
///
/// Its files are written atomically, but not waited for one by one: whoever has ended the set calls
/// ``FileSystem/synchronise(_:)``.
struct LabelOutput {
    /// How a target finds images.
    enum Naming {
        /// By the name in its labels, whatever it is.
        case stated
        /// By the name in its labels, among files with the ending of an image.
        case listed
        /// By the stem that image and labels share, so that no two images may have the same.
        case stem
        /// The same, in one folder for all.
        case flatStem
    }

    let root: String
    private var taken: Set<String> = []
    private var made: Set<String> = []
    /// The image that was named last, with the files that were written since.
    private(set) var written = WrittenImage(name: "")
    private var notes = LabelNotes()

    /// - Throws: `FileError.write` when the folder cannot be made.
    init(root: String) throws(FileError) {
        self.root = root
        try FileSystem.createDirectory(root)
    }

    /// Writes a file below the root, atomically; folders in its path are made.
    mutating func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        try AtomicFileWriter.write(bytes, to: try place(path), durability: .later)
        written.files.append(
            WrittenImage.File(
                path: path, bytes: bytes.count, checksum: bytes.withUnsafeBytes { CRC32C.checksum($0) }))
    }

    mutating func write(_ text: String, to path: String) throws(FileError) { try write(Array(text.utf8), to: path) }

    /// The full path of a file below the root, whose folder is then there.
    mutating func place(_ path: String) throws(FileError) -> String {
        let full = FileSystem.join(root, path)
        let name = FileSystem.lastComponent(path)
        if !name.hasPrefix(".") { notes.files.append(path) }
        let folder = FileSystem.folder(of: full)
        if !made.contains(folder) {
            try FileSystem.createDirectory(folder)
            made.insert(folder)
        }
        return full
    }

    /// A path for an image: its own name where the target can take it, else one as near as can be.
    ///
    /// What leads out of the folder is left out, and no two images have names that differ in case alone, as some file
    /// systems know no upper case. What is changed is kept for ``takeNotes(with:)``.
    ///
    /// - Parameter copies: whether the file is written as well; otherwise labels that are found by names have to go on
    ///   naming the file that is there.
    mutating func name(for image: LabelledImage, _ naming: Naming = .listed, copies: Bool = true) -> String {
        let stated = image.image.fileName
        let isByStem = naming == .stem || naming == .flatStem
        if !copies, !isByStem, !stated.isEmpty { return stated }
        var parts = stated.split { $0 == "/" || $0 == "\\" }.filter { $0 != "." && $0 != ".." }
            .map { $0.hasSuffix(":") ? String($0.dropLast()) : String($0) }
        var last = parts.popLast() ?? ""
        if last.isEmpty { last = image.image.id.description }
        last = String(last.map { $0 == "/" || $0 == "\\" || $0 == "\0" ? "_" : $0 })
        // A hidden file would not be seen again.
        if last.hasPrefix(".") { last = "_" + last }
        let isFlat = naming == .flatStem
        let folder = parts.filter { !$0.isEmpty }.map { $0.hasPrefix(".") ? "_" + $0 : $0 }
            .joined(separator: isFlat ? "_" : "/")
        let (stem, ending) = Self.divided(last, of: image.encoded, keepsAny: naming == .stated && !stated.isEmpty)
        let base = folder.isEmpty ? stem : folder + (isFlat ? "_" : "/") + stem
        var unique = base
        var number = 2
        func isFree() -> Bool {
            let key = isByStem ? unique : unique + ending
            return taken.insert(key.precomposedStringWithCanonicalMapping.lowercased()).inserted
        }
        while !isFree() {
            unique = "\(base)-\(number)"
            number += 1
        }
        let name = unique + ending
        if !stated.isEmpty, !name.utf8.elementsEqual(stated.utf8) {
            notes.renames.append(LabelRename(.image, id: image.image.id, from: stated, to: name))
        }
        begin(name)
        return name
    }

    /// Begins an image of a name that the writer chose itself.
    mutating func begin(_ name: String) { written = WrittenImage(name: name) }

    /// Takes the name of an image that was written before.
    mutating func resume(_ image: WrittenImage) {
        let ending = FileSystem.ending(of: image.name)
        // Whichever of the two decides on what is taken.
        for key in [image.name, String(image.name.dropLast(ending.isEmpty ? 0 : ending.count + 1))] {
            taken.insert(key.precomposedStringWithCanonicalMapping.lowercased())
        }
        written = image
    }

    /// What was done since the last call.
    ///
    /// - Parameter renames: what the writer has to add.
    mutating func takeNotes(with renames: [LabelRename] = []) -> LabelNotes {
        defer { notes = LabelNotes() }
        var taken = notes
        taken.renames = renames + taken.renames
        return taken
    }

    /// A name's stem, and its ending with the dot: its own where that can be an image's.
    private static func divided(_ name: String, of bytes: [UInt8], keepsAny: Bool) -> (stem: String, ending: String) {
        let own = FileSystem.ending(of: name)
        let actual = ending(of: bytes)
        // A TIFF that was read is written in another format; other endings are what people have come to call the file.
        let isOld = ["tif", "tiff"].contains(own.lowercased()) && ["png", "jpg"].contains(actual)
        if !isOld, keepsAny || FolderWalk.imageEndings.contains(own.lowercased()) {
            return (FileSystem.stem(of: name), own.isEmpty ? "" : "." + own)
        }
        return (isOld ? FileSystem.stem(of: name) : name, "." + actual)
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
