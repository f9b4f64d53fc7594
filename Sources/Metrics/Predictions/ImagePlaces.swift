internal import Annotations
private import Runtime

/// Finds the image of the truth that a result is of.
final class ImagePlaces {
    private let images: [COCOImage]
    private let byID: [COCOIdentifier: Int]
    /// By the whole file name, and by its last part and that without its ending where only one image has it. Made when a name
    /// is looked for: most results state ids.
    private lazy var byName = Self.names(of: images)

    /// - Parameter images: each id once.
    init(_ images: [COCOImage]) {
        self.images = images
        byID = Dictionary(uniqueKeysWithValues: images.enumerated().map { ($1.id, $0) })
    }

    private static func names(of images: [COCOImage]) -> [String: Int] {
        var parts: [String: Int?] = [:]
        for (place, image) in images.enumerated() where !image.fileName.isEmpty {
            let part = lastPart(image.fileName)
            for key in Set([part, stem(part)]) { parts[key] = .some(parts[key] == nil ? place : nil) }
        }
        var names = parts.compactMapValues { $0 }
        for (place, image) in images.enumerated() { names[image.fileName] = place }
        names[""] = nil
        return names
    }

    /// The place of an image; nil when the truth does not have it.
    ///
    /// - Parameters:
    ///   - id: as results state it.
    ///   - fileName: where the predictions are a data set of their own, whose ids are not the truth's.
    func place(of id: COCOIdentifier, fileName: String?) -> Int? {
        guard let fileName, !byName.isEmpty else { return byID[id] ?? place(ofText: id) }
        return place(named: fileName)
    }

    /// The places of a results file's images.
    ///
    /// - Parameters:
    ///   - ids: as results state them.
    ///   - fileNames: where the predictions are a data set of their own.
    ///   - areIDsStated: whether the truth's ids are stated. Where they are numbers by its images' order, ids of results are
    ///     names without their ending, as detectors write them, or those numbers where not one of them is a name.
    func places(
        of ids: [COCOIdentifier], fileNames: [COCOIdentifier: String], areIDsStated: Bool
    ) -> [Int?] {
        if !areIDsStated && fileNames.isEmpty {
            let named = numberedNames()
            let places = ids.map { id in
                place(ofText: id) ?? id.int64.flatMap { named[$0] }
            }
            if places.contains(where: { $0 != nil }) { return places }
        }
        return ids.map { place(of: $0, fileName: fileNames[$0]) }
    }

    /// Names that are numbers, as `000012` is 12, where only one image has that.
    private func numberedNames() -> [Int64: Int] {
        var places: [Int64: Set<Int>] = [:]
        for (name, place) in byName {
            if let number = Int64(name) { places[number, default: []].insert(place) }
        }
        return places.compactMapValues { $0.count == 1 ? $0.first : nil }
    }

    /// The image whose name is a result's id.
    private func place(ofText id: COCOIdentifier) -> Int? {
        guard case .text(let name) = id else { return nil }
        return place(named: name)
    }

    private func place(named name: String) -> Int? {
        let part = Self.lastPart(name)
        return byName[name] ?? byName[part] ?? byName[Self.stem(part)]
    }

    private static func lastPart(_ name: String) -> String {
        String(name.split(separator: "/").last ?? "")
    }

    private static func stem(_ name: String) -> String { FileSystem.stem(of: name) }
}
