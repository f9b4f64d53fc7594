private import Foundation
internal import Runtime

/// Which images and masks a folder holds, by names alone.
struct MaskLayout {
    /// In byte order of the images' paths.
    private(set) var samples: [MaskSample] = []
    private(set) var findings: [Finding] = []
    /// Whether the maps are in folders as CamVid calls them, `NAMEannot`.
    private(set) var isCamVids = false
    private let root: String

    private static let imagesName = "images"
    private static let masksName = "masks"

    /// - Throws: `FileError`, `AnnotationError.layout`.
    init(root: String) throws {
        self.root = root
        let folders = try names(in: "").filter { isFolder($0) }
        if folders.contains(Self.imagesName), folders.contains(Self.masksName) {
            try addFlatFolder()
        } else {
            for folder in folders where isFolder(FileSystem.join(folder, Self.imagesName)) {
                try addObjectFolder(folder)
            }
            if samples.isEmpty && findings.isEmpty {
                for pair in Self.pairs(among: folders) {
                    try addPair(images: pair.images, maps: pair.maps)
                    isCamVids = isCamVids || pair.isCamVids
                }
            }
        }
        guard !samples.isEmpty || !findings.isEmpty else {
            throw AnnotationError(
                .layout, at: DataLocation(path: root),
                "the folder has none of the known layouts: ID/images with ID/masks for each image, images with masks, or NAME with NAMEannot (or NAME_labels, NAME_masks)"
            )
        }
    }

    /// `ID/images` and `ID/masks`: one image, one mask per object.
    private mutating func addObjectFolder(_ folder: String) throws {
        let images = try pictures(in: FileSystem.join(folder, Self.imagesName))
        let masksFolder = FileSystem.join(folder, Self.masksName)
        let masks = isFolder(masksFolder) ? try pictures(in: masksFolder) : []
        guard images.count == 1, let image = images.first else {
            note(
                MaskFolderRule.imageCount, .error, FileSystem.join(folder, Self.imagesName),
                "\(images.count) images where one is due; the folder and its \(masks.count) masks are dropped")
            return
        }
        samples.append(MaskSample(image: image, source: masks.isEmpty ? .none : .objectMasks(masks)))
    }

    /// `images` and `masks`: maps of objects by the images' names, or one image with its masks.
    private mutating func addFlatFolder() throws {
        let images = try pictures(in: Self.imagesName)
        let masks = try pictures(in: Self.masksName)
        let maps = Dictionary(masks.map { (Self.stem($0), $0) }, uniquingKeysWith: { first, _ in first })
        if images.count == 1, maps[Self.stem(images[0])] == nil {
            samples.append(MaskSample(image: images[0], source: masks.isEmpty ? .none : .objectMasks(masks)))
            return
        }
        samples = images.map { image in
            MaskSample(image: image, source: maps[Self.stem(image)].map(MaskSample.Source.instanceMap) ?? .none)
        }
        let stems = Set(images.map(Self.stem))
        for mask in masks where maps[Self.stem(mask)] != mask || !stems.contains(Self.stem(mask)) {
            let isSecond = stems.contains(Self.stem(mask))
            note(
                MaskFolderRule.noImage, .error, mask,
                isSecond
                    ? "another mask has the same name; this one is dropped"
                    : "no image has this name; the mask is dropped")
        }
    }

    /// What the folder of maps is called beside the folder of images, in lower case; `NAME` and `NAMEannot` is CamVid's.
    private static let mapEndings = ["annot", "_annot", "_labels", "_label", "_masks", "_mask", "_gt"]
    /// Folders that are pairs by their own names.
    private static let knownPairs = [
        ("images", "annot"), ("images", "labels"), ("images", "annotations"),
        ("701_stillsraw_full", "labeledapproved_full"),
    ]
    /// What a map's name may have behind the image's.
    private static let stemEndings = ["", "_L", "_label", "_labels", "_mask", "_gt"]

    /// A folder of images, and the folder of maps that lies beside it.
    struct Pair {
        let images: String
        let maps: String

        /// Whether they are called as CamVid's are.
        var isCamVids: Bool { maps.lowercased() == images.lowercased() + "annot" }
    }

    /// Folders of images beside which a folder of maps lies, by their names.
    static func pairs(among folders: [String]) -> [Pair] {
        let byName = Dictionary(folders.map { ($0.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        return folders.compactMap { folder in
            let name = folder.lowercased()
            let candidates = mapEndings.map { name + $0 } + knownPairs.filter { $0.0 == name }.map(\.1)
            return candidates.lazy.compactMap { byName[$0] }.first.map { Pair(images: folder, maps: $0) }
        }
    }

    /// A folder of images and one of maps, of the same names or with a word behind.
    private mutating func addPair(images folder: String, maps mapFolder: String) throws {
        let images = try pictures(in: folder)
        let maps = try pictures(in: mapFolder)
        let byStem = Dictionary(maps.map { (Self.stem($0), $0) }, uniquingKeysWith: { first, _ in first })
        var used: Set<String> = []
        for image in images {
            let map = Self.stemEndings.lazy.compactMap { byStem[Self.stem(image) + $0] }.first
            if let map { used.insert(map) }
            samples.append(MaskSample(image: image, source: map.map(MaskSample.Source.instanceMap) ?? .none))
        }
        for map in maps where !used.contains(map) {
            note(MaskFolderRule.noImage, .error, map, "no image of \(folder) has this name; the mask is dropped")
        }
    }

    // MARK: Names

    /// Paths of the image files in a folder; what else is there is noted.
    private mutating func pictures(in folder: String) throws -> [String] {
        try names(in: folder).map { FileSystem.join(folder, $0) }.filter { path in
            let isPicture =
                !isFolder(path)
                && ["png", "jpg", "jpeg", "tif", "tiff"].contains(FileSystem.ending(of: path).lowercased())
            if !isPicture {
                note(
                    MaskFolderRule.unknownFile, .warning, path,
                    "is no PNG, JPEG or TIFF file by its name; it is ignored")
            }
            return isPicture
        }
    }

    /// Names in a folder but the hidden ones; `._NAME` files are noted.
    private mutating func names(in folder: String) throws -> [String] {
        try FileSystem.list(folder.isEmpty ? root : FileSystem.join(root, folder)).filter { name in
            if name.hasPrefix("._") {
                note(
                    MaskFolderRule.appleDouble, .note, FileSystem.join(folder, name),
                    "holds file attributes of macOS, no image; it is ignored")
            }
            return !name.hasPrefix(".")
        }
    }

    private func isFolder(_ path: String) -> Bool { FileSystem.isDirectory(FileSystem.join(root, path)) }

    private static func stem(_ path: String) -> String {
        FileSystem.stem(of: FileSystem.lastComponent(path))
    }

    private mutating func note(_ rule: String, _ severity: Severity, _ path: String, _ message: String) {
        findings.append(
            Finding(
                rule: rule, severity: severity, location: DataLocation(path: FileSystem.join(root, path)),
                message: message))
    }
}
