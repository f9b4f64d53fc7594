private import Foundation
internal import JSONText
internal import Runtime

/// The classes of a set of masks: which value or colour stands for which name.
struct ClassTable: Sendable {
    struct Entry: Sendable, Hashable {
        let name: String
        /// The pixels' value in a map of class numbers.
        let value: UInt32
        /// The pixels' colour as R + 256 G + 65536 B, where the table has colours.
        let colour: UInt32?
    }

    /// Without the background.
    private(set) var entries: [Entry] = []
    /// Values and colours that stand for no class.
    private(set) var backgroundValues: Set<UInt32> = [0]
    private(set) var backgroundColours: Set<UInt32> = []

    /// Names of files that hold such a table, in the order in which they are looked for.
    static let fileNames = [
        "labelmap.txt", "dataset_meta.json", "labelmap.csv", "class_dict.csv", "label_colors.txt", "classes.txt",
        "labels.txt", "class_names.txt",
    ]
    private static let backgroundNames: Set<String> = [
        "background", "_background_", "bg", "void", "unlabeled", "unlabelled", "__ignore__", "ignored", "ignore",
    ]
    private static let maximumBytes = 4 << 20

    /// Whether classes are told by colour.
    var hasColours: Bool { !entries.isEmpty && entries.allSatisfy { $0.colour != nil } }

    /// The classes that a user names: values from 1 on, or from 0 where the first is a name of the background, as in files.
    init(names: [String]) {
        for (value, name) in names.enumerated() { add(name, UInt32(value), nil) }
        beginWithOne()
    }

    /// The 20 classes of Pascal VOC, values 1 to 20; 255 is void.
    static let pascal = ClassTable(pascal: [
        "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
        "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
    ])

    /// The 31 classes of CamVid by their colours, and void, as its `label_colors.txt` has them.
    static let camVid = ClassTable(colours: [
        ("Animal", [64, 128, 64]), ("Archway", [192, 0, 128]), ("Bicyclist", [0, 128, 192]), ("Bridge", [0, 128, 64]),
        ("Building", [128, 0, 0]), ("Car", [64, 0, 128]), ("CartLuggagePram", [64, 0, 192]),
        ("Child", [192, 128, 64]), ("Column_Pole", [192, 192, 128]), ("Fence", [64, 64, 128]),
        ("LaneMkgsDriv", [128, 0, 192]), ("LaneMkgsNonDriv", [192, 0, 64]), ("Misc_Text", [128, 128, 64]),
        ("MotorcycleScooter", [192, 0, 192]), ("OtherMoving", [128, 64, 64]), ("ParkingBlock", [64, 192, 128]),
        ("Pedestrian", [64, 64, 0]), ("Road", [128, 64, 128]), ("RoadShoulder", [128, 128, 192]),
        ("Sidewalk", [0, 0, 192]), ("SignSymbol", [192, 128, 128]), ("Sky", [128, 128, 128]),
        ("SUVPickupTruck", [64, 128, 192]), ("TrafficCone", [0, 0, 64]), ("TrafficLight", [0, 64, 64]),
        ("Train", [192, 64, 128]), ("Tree", [128, 128, 0]), ("Truck_Bus", [192, 128, 192]), ("Tunnel", [64, 0, 64]),
        ("VegetationMisc", [192, 192, 0]), ("Wall", [64, 192, 0]),
    ])

    private init(colours: [(name: String, colour: [Int])]) {
        entries = colours.enumerated().map { index, entry in
            Entry(name: entry.name, value: UInt32(index + 1), colour: Self.colour(entry.colour))
        }
        backgroundColours = [0]
    }

    private init(pascal names: [String]) {
        entries = names.enumerated().map { index, name in
            Entry(
                name: name, value: UInt32(index + 1), colour: Self.colour(VOCPalette.colour(index + 1).map { Int($0) }))
        }
        backgroundValues = [0, 255]
        backgroundColours = [0, Self.colour([224, 224, 192]) ?? 0]
    }

    /// The table in a folder, by the names of ``fileNames``; nil when there is none.
    ///
    /// - Throws: `AnnotationError.structure` for a table that cannot be read.
    static func find(in folder: String) throws -> ClassTable? {
        for name in fileNames {
            let path = FileSystem.join(folder, name)
            if FileSystem.exists(path) { return try ClassTable(path: path) }
        }
        return nil
    }

    /// - Throws: `FileError`, `AnnotationError.structure`.
    init(path: String) throws {
        let bytes = try FileSystem.read(path)
        func failure(_ message: String) -> AnnotationError {
            AnnotationError(.structure, at: DataLocation(path: path), message)
        }
        guard bytes.count <= Self.maximumBytes else {
            throw failure("has \(bytes.count) bytes; a table of classes has at most \(Self.maximumBytes)")
        }
        let text = String(
            decoding: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...], as: UTF8.self)
        if FolderWalk.ending(path) == "json" {
            do {
                try read(JSONDocument.parse(text, path: path))
            } catch let error as JSONError {
                throw failure(error.message)
            }
        } else {
            let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            var value: UInt32 = 0
            let hasHeading = FileSystem.lastComponent(path) == Self.fileNames[0]
            for line in lines where !line.isEmpty {
                guard let (name, colour) = Self.parsed(line) else { continue }
                // A class may be called `#3`; the heading of a label map has no colour.
                if hasHeading, colour == nil, line.hasPrefix("#") { continue }
                // VOC's lists of labelme begin with a name for what is ignored, which has no number of its own.
                if name == "__ignore__" { backgroundValues.insert(255) } else { add(name, value, colour) }
                if name != "__ignore__" { value += 1 }
            }
            beginWithOne()
        }
        guard !entries.isEmpty else { throw failure("names no class") }
    }

    /// Without a background in front, numbers begin with 1.
    private mutating func beginWithOne() {
        guard !entries.isEmpty, entries[0].value == 0, !hasColours else { return }
        entries = entries.map { Entry(name: $0.name, value: $0.value + 1, colour: nil) }
    }

    private mutating func add(_ name: String, _ value: UInt32, _ colour: UInt32?, isBackground: Bool = false) {
        if isBackground || Self.backgroundNames.contains(name.lowercased()) {
            backgroundValues.insert(value)
            if let colour { backgroundColours.insert(colour) }
        } else {
            entries.append(Entry(name: name, value: value, colour: colour))
        }
    }

    /// datumaro's `dataset_meta.json`: `label_map` from numbers to names, `segmentation_colors` in their order.
    private mutating func read(_ tree: JSONValue) throws {
        let colours = tree["segmentation_colors"]?.array
        let background = tree["background_label"].flatMap { $0.string ?? $0.int.map(String.init) }
        let names =
            tree["label_map"]?.object
            ?? (tree["labels"]?.array ?? []).enumerated().map {
                JSONMember(String($0.offset), $0.element)
            }
        for (index, member) in names.enumerated() {
            guard let value = UInt32(member.name), let name = member.value.string else { continue }
            let parts = colours.flatMap { $0.indices.contains(index) ? $0[index].array?.compactMap(\.int) : nil }
            add(name, value, parts.flatMap { Self.colour($0) }, isBackground: member.name == background)
        }
    }

    /// The name and colour of a line: `name:r,g,b:…`, `name,r,g,b`, `r g b name`, or a name alone; nil for a heading.
    private static func parsed(_ line: String) -> (name: String, colour: UInt32?)? {
        let colons = line.split(separator: ":", omittingEmptySubsequences: false)
        // Two fields follow the colour; what stands before it is the name, which may hold colons.
        for at in [colons.count - 3, 1] where colons.indices.contains(at) && at > 0 {
            if let colour = colour(colons[at].split(separator: ",").compactMap { Int($0) }) {
                return (colons[..<at].joined(separator: ":"), colour)
            }
        }
        let commas = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        if commas.count == 4 {
            return colour(commas.dropFirst().compactMap { Int($0) }).map { (commas[0], $0) }
        }
        let fields = line.split(whereSeparator: \.isWhitespace)
        if fields.count >= 4, let colour = colour(fields.prefix(3).compactMap { Int($0) }) {
            return (fields.dropFirst(3).joined(separator: " "), colour)
        }
        return (line, nil)
    }

    /// R + 256 G + 65536 B of three numbers from 0 to 255.
    static func colour(_ parts: [Int]) -> UInt32? {
        guard parts.count == 3, parts.allSatisfy({ (0...255).contains($0) }) else { return nil }
        return UInt32(parts[0]) | UInt32(parts[1]) << 8 | UInt32(parts[2]) << 16
    }
}
