internal import Annotations

/// Finds the image of the truth that a result is of.
struct ImagePlaces {
    private let byID: [COCOIdentifier: Int]
    /// By the whole file name, and by its last part where only one image has it.
    private let byName: [String: Int]

    /// - Parameter images: each id once.
    init(_ images: [COCOImage]) {
        byID = Dictionary(uniqueKeysWithValues: images.enumerated().map { ($1.id, $0) })
        var parts: [String: Int?] = [:]
        for (place, image) in images.enumerated() {
            let part = Self.lastPart(image.fileName)
            parts[part] = .some(parts[part] == nil ? place : nil)
        }
        var names = parts.compactMapValues { $0 }
        for (place, image) in images.enumerated() { names[image.fileName] = place }
        names[""] = nil
        byName = names
    }

    /// The place of an image; nil when the truth does not have it.
    ///
    /// - Parameters:
    ///   - id: as results state it.
    ///   - fileName: where the predictions are a data set of their own, whose ids are not the truth's.
    func place(of id: COCOIdentifier, fileName: String?) -> Int? {
        guard let fileName, !byName.isEmpty else { return byID[id] }
        return byName[fileName] ?? byName[Self.lastPart(fileName)]
    }

    private static func lastPart(_ name: String) -> String {
        String(name.split(separator: "/").last ?? "")
    }
}
