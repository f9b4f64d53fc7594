package import Runtime

/// Which image of a second set of labels is which of the first: by the name of its file, by the last part of it where only one
/// image of each has that, and by its id where there is no name.
package struct ImagePairing: Sendable {
    /// Positions in the other's images, by the first's ids.
    package private(set) var others: [COCOIdentifier: Int] = [:]
    /// Images of which names and ids say different things.
    package private(set) var findings: [Finding] = []

    package static let rule = "quality.names"

    /// - Parameters:
    ///   - images: the first set's.
    ///   - others: the second set's.
    ///   - path: of the second set.
    package init(_ images: [COCOImage], _ others: [COCOImage], path: String) {
        let byName = Dictionary(
            others.enumerated().filter { !$0.element.fileName.isEmpty }.map {
                (Self.key($0.element.fileName), $0.offset)
            },
            uniquingKeysWith: { first, _ in first })
        let byID = Dictionary(
            others.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
        let lastParts = Self.lastParts(others)
        let ownLastParts = Self.lastParts(images)
        for image in images {
            let last = Self.key(FileSystem.lastComponent(image.fileName))
            // One of a kind on both sides, whatever the folders are called.
            let byLast = (ownLastParts[last] ?? nil) == nil ? nil : lastParts[last] ?? nil
            if !image.fileName.isEmpty, let at = byName[Self.key(image.fileName)] ?? byLast {
                self.others[image.id] = at
                if others[at].id != image.id {
                    note(image, "has the id \(others[at].id) there", byID[image.id] != nil, path)
                }
                continue
            }
            guard let at = byID[image.id] else { continue }
            if image.fileName.isEmpty || others[at].fileName.isEmpty {
                self.others[image.id] = at
            } else {
                note(image, "and \(others[at].fileName) there have the id \(image.id)", true, path)
            }
        }
    }

    /// - Parameter isContradiction: whether the other has the id for another image.
    private mutating func note(_ image: COCOImage, _ what: String, _ isContradiction: Bool, _ path: String) {
        findings.append(
            Finding(
                rule: Self.rule, severity: isContradiction ? .warning : .note, location: image.location,
                message: "\(image.fileName) (id \(image.id)) \(what), in \(path); the names count"))
    }

    private static func key(_ name: String) -> [UInt8] { Array(name.utf8.map { $0 == 0x5C ? 0x2F : $0 }) }

    /// Positions by the last part of the name; nil where several have it.
    private static func lastParts(_ images: [COCOImage]) -> [[UInt8]: Int?] {
        Dictionary(
            images.enumerated().filter { !$0.element.fileName.isEmpty }.map {
                (key(FileSystem.lastComponent($0.element.fileName)), $0.offset)
            }, uniquingKeysWith: { _, _ in nil })
    }
}
