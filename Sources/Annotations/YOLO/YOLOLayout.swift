private import Foundation
internal import Runtime

/// Where the images and labels of a YOLO set are.
struct YOLOLayout {
    /// An image and its labels; nil where there are none.
    struct Entry {
        /// Below the images' directory.
        let image: String
        /// Full path.
        var labels: String?
    }

    private(set) var entries: [Entry] = []
    private(set) var configuration: YOLOConfiguration
    private(set) var imagesDirectory: String
    private(set) var findings = SetFindings()
    private let root: String
    /// Compared by bytes: `String` takes two spellings of one accented letter for equal, the disk does not.
    private let labelFiles: FileNameIndex

    private static let labelFolders: Set<String> = ["labels", "annotations"]
    private static let otherTexts: Set<String> = [
        "classes.txt", "labels.txt", "obj.names", "readme.txt", "train.txt", "val.txt", "valid.txt", "test.txt",
        "requirements.txt", "license.txt", "notes.txt", "names.txt", "readme.roboflow.txt", "readme.dataset.txt",
    ]

    /// - Parameter path: of the set's folder, or its `data.yaml`.
    /// - Throws: `FileError`, `AnnotationError`.
    init(path: String, options: YOLOOptions) throws {
        let isFolder = FileSystem.isDirectory(path)
        let folder = isFolder ? path : FileSystem.folder(of: path)
        let walk = try FolderWalk(root: folder.isEmpty ? "." : folder)
        configuration = try Self.configuration(isFolder ? nil : path, in: walk, root: folder, options)
        root = folder.isEmpty ? "." : folder
        imagesDirectory = root
        labelFiles = FileNameIndex(paths: walk.files(endingIn: ["txt"]))
        findings.add(walk.findings)
        findings.add(configuration.findings.list)
        if let images = options.images {
            imagesDirectory = images
            let other = try FolderWalk(root: images)
            findings.add(other.findings)
            entries = other.files(endingIn: FolderWalk.imageEndings).map { Entry(image: $0, labels: labels(of: $0)) }
        } else {
            let images = try wantedImages(walk.files(endingIn: FolderWalk.imageEndings), options)
            entries = images.map { Entry(image: $0, labels: labels(of: $0)) }
        }
        forgiveNames()
        noteOrphans(all: options.parts == nil)
    }

    /// Gives images without labels the file whose name differs in case or in the form of accents alone, where no other
    /// image has it.
    private mutating func forgiveNames() {
        guard entries.contains(where: { $0.labels == nil }) else { return }
        let used = Set(entries.compactMap(\.labels))
        let index = FileNameIndex(paths: labelFiles.paths.filter { !used.contains(FileSystem.join(root, $0)) })
        for at in entries.indices where entries[at].labels == nil {
            let match = candidates(ofLabels: entries[at].image).lazy.compactMap { index.match($0) }.first {
                $0.rule == LabelRule.nameCase || $0.rule == LabelRule.nameForm
            }
            guard let match, let rule = match.rule, let oddity = match.oddity else { continue }
            entries[at].labels = FileSystem.join(root, match.path)
            findings.note(
                rule, .warning, path: FileSystem.join(root, match.path), keyPath: entries[at].image,
                "the image's name \(oddity)")
        }
    }

    private static func configuration(
        _ file: String?, in walk: FolderWalk, root: String, _ options: YOLOOptions
    ) throws -> YOLOConfiguration {
        var configuration = YOLOConfiguration()
        let top = walk.files.filter { !$0.contains("/") }
        if let yaml = file
            ?? top.first(where: { ["yaml", "yml"].contains(FolderWalk.ending($0)) })
            .map({ FileSystem.join(root, $0) })
        {
            configuration = try YOLOConfiguration(yaml: yaml)
        } else if let list = top.first(where: {
            ["obj.names", "classes.txt", "names.txt"].contains($0.lowercased())
                || FolderWalk.ending($0) == "names"
        })
            ?? walk.files.first(where: { FileSystem.lastComponent($0).lowercased() == "classes.txt" })
        {
            configuration = try YOLOConfiguration(nameList: FileSystem.join(root, list))
        }
        if let names = options.classNames { return YOLOConfiguration(names: names) }
        return configuration
    }

    /// The images of the parts that are wanted, in the parts' order; all images where parts lead nowhere.
    private mutating func wantedImages(_ all: [String], _ options: YOLOOptions) throws -> [String] {
        let parts = configuration.parts.filter { part in options.parts?.contains(part.name) ?? true }
        if parts.isEmpty, let wanted = options.parts {
            throw AnnotationError(
                .structure, at: DataLocation(path: root),
                "none of the parts \(wanted.joined(separator: ", ")) is in data.yaml, which has "
                    + (configuration.parts.isEmpty
                        ? "none" : configuration.parts.map(\.name).joined(separator: ", ")))
        }
        var images: [String] = []
        var seen: Set<String> = []
        for part in parts {
            for path in part.paths {
                let found = try self.images(of: path, among: all)
                if found.isEmpty {
                    findings.note(
                        LabelRule.repairedValue, .warning, path: root, keyPath: part.name,
                        "the part \(part.name), \(path), has no image below \(root)")
                }
                images += found.filter { seen.insert($0).inserted }
            }
        }
        return images.isEmpty && options.parts == nil ? all : images
    }

    /// The images that an entry of `data.yaml` stands for: a folder, a list of files, or one file.
    private mutating func images(of entry: String, among all: [String]) throws -> [String] {
        for path in candidates(entry) {
            if let list = labelFiles.contains(path) || FolderWalk.ending(path) == "txt" ? path : nil {
                guard FileSystem.exists(FileSystem.join(root, list)) else { continue }
                return try listedImages(list, among: all)
            }
            let found = all.filter { $0.hasPrefix(path.isEmpty ? "" : path + "/") || $0 == path }
            if !found.isEmpty { return found }
        }
        return []
    }

    /// What a path in `data.yaml` may mean below the root; tools write it relative to other places as well.
    private func candidates(_ entry: String) -> [String] {
        func plain(_ path: String) -> String {
            path.split { $0 == "/" || $0 == "\\" }.filter { $0 != "." && $0 != ".." }.joined(separator: "/")
        }
        let whole = plain(entry)
        var result = [whole]
        if let base = configuration.root, !base.hasPrefix("/") { result.insert(plain(base + "/" + entry), at: 0) }
        // Absolute on another machine, or with a folder in front that is not here: the end of it may be.
        let pieces = whole.split(separator: "/")
        for start in pieces.indices.dropFirst() { result.append(pieces[start...].joined(separator: "/")) }
        return result
    }

    private mutating func listedImages(_ list: String, among all: [String]) throws -> [String] {
        let index = FileNameIndex(paths: all)
        let path = FileSystem.join(root, list)
        var images: [String] = []
        let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let name = line.trimmingCharacters(in: .whitespaces)
            if name.isEmpty { continue }
            let match = candidates(name).lazy.compactMap { index.match($0) }.first
            if let match {
                images.append(match.path)
            } else {
                findings.drop(
                    .images, LabelRule.imageMissing, path: path, line: number + 1, id: name,
                    "no image is called \(name)")
            }
        }
        return images
    }

    /// The label file of an image: `images` in its path becomes `labels`, or it lies beside it.
    private func labels(of image: String) -> String? {
        candidates(ofLabels: image).first { labelFiles.contains($0) }.map { FileSystem.join(root, $0) }
    }

    private func candidates(ofLabels image: String) -> [String] {
        let text = FolderWalk.stem(image) + ".txt"
        var candidates = [text]
        var parts = text.split(separator: "/").map(String.init)
        // The last folder of that name is the one that counts, as in ultralytics.
        if let at = parts.dropLast().lastIndex(where: { $0.lowercased() == "images" }) {
            for folder in ["labels", "Labels", "annotations", "Annotations", "labelTxt"] {
                parts[at] = folder
                candidates.insert(parts.joined(separator: "/"), at: candidates.count - 1)
            }
        }
        candidates.append("labels/" + text)
        return candidates
    }

    /// Labels that belong to no image.
    ///
    /// - Parameter all: whether all images are read; labels of another part are no orphans.
    private mutating func noteOrphans(all: Bool) {
        guard all else { return }
        let used = Set(entries.compactMap(\.labels))
        for file in labelFiles.paths where !used.contains(FileSystem.join(root, file)) {
            let name = FileSystem.lastComponent(file).lowercased()
            let folders = file.split(separator: "/").dropLast().map { $0.lowercased() }
            guard !Self.otherTexts.contains(name),
                folders.contains(where: { Self.labelFolders.contains($0) || $0.hasPrefix("obj_") })
            else { continue }
            findings.drop(
                .images, LabelRule.imageMissing, path: FileSystem.join(root, file), id: file,
                "no image has this name: its labels are dropped")
        }
    }
}
