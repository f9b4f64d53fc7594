internal import Annotations
internal import Masks
private import Runtime

/// Somebody else's objects, image by image.
protocol SecondOpinion: Sendable {
    /// The objects of an image that have a mask; nil when nothing is said about the image.
    ///
    /// - Parameters:
    ///   - height: of the masks' frame, in pixels.
    ///   - width: likewise.
    func objects(ofImage id: COCOIdentifier, height: Int, width: Int) throws -> [OtherObject]?
}

/// One object of a second opinion.
struct OtherObject: Sendable {
    /// Nil when it has none, which agrees with any.
    let category: COCOIdentifier?
    let mask: RLE
}

/// Another annotator's COCO file: images that it lists without objects have none.
struct SecondAnnotator: SecondOpinion {
    private let source: COCOSource
    private let indexes: [COCOIdentifier: Int]

    init(path: String) throws {
        source = try COCOSource(path: path, keepsExtra: false)
        indexes = Dictionary(
            source.images.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }

    func objects(ofImage id: COCOIdentifier, height: Int, width: Int) throws -> [OtherObject]? {
        guard let index = indexes[id] else { return nil }
        return try source.annotations(ofImage: index, height: height, width: width) { _ in }.compactMap { annotation in
            // A mask that cannot be made agrees with nothing.
            guard let mask = try? annotation.segmentation?.rle(height: height, width: width) else { return nil }
            return OtherObject(category: annotation.categoryID, mask: mask)
        }
    }
}

/// Opens a second opinion as what it is.
enum SecondOpinionFile {
    /// - Throws: `FileError`, `AnnotationError`.
    static func open(_ path: String) throws -> any SecondOpinion {
        let first = try MappedFile(path: path).withBytes { bytes in
            bytes.first { !" \t\r\n\u{FEFF}".utf8.contains($0) }
        }
        if first == UInt8(ascii: "[") { return try ModelPredictions(path: path) }
        return try SecondAnnotator(path: path)
    }
}
