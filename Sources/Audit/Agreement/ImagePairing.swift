internal import Annotations

/// Finds the image of a second set of labels that an image of the first is: by the whole file name, by its last part where
/// only one image has it, and by its id where the second set has no names.
struct ImagePairing {
    private let byID: [COCOIdentifier: Int]
    private let byName: [String: Int]
    private let byPart: [String: Int]

    init(_ images: [COCOImage]) {
        byID = Dictionary(images.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        var names: [String: Int] = [:]
        var parts: [String: Int?] = [:]
        for (place, image) in images.enumerated() where !image.fileName.isEmpty && !image.isFileNameDerived {
            names[image.fileName] = names[image.fileName] ?? place
            let part = Self.lastPart(image.fileName)
            parts[part] = .some(parts[part] == nil ? place : nil)
        }
        byName = names
        byPart = parts.compactMapValues { $0 }
    }

    func place(of image: COCOImage) -> Int? {
        if byName.isEmpty || image.fileName.isEmpty { return byID[image.id] }
        return byName[image.fileName] ?? byPart[Self.lastPart(image.fileName)]
    }

    private static func lastPart(_ name: String) -> String {
        String(name.split { $0 == "/" || $0 == "\\" }.last ?? "")
    }
}
