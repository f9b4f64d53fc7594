package import Annotations
private import JSONText
internal import Runtime

/// A COCO file of instances (also LVIS) as a source of labels.
///
/// It is read in one pass that keeps where each annotation stands; an image's annotations are read again from there when
/// they are asked for. Memory is a few dozen bytes an annotation, whatever its outline.
package struct COCOSource: LabelSource {
    package var images: [COCOImage] { table.images }
    package var categories: [COCOCategory] { table.categories }
    /// The file's other top-level members, such as `info` and `licenses`.
    package var sections: [RawMember] { table.sections }
    package let imagesDirectory: String?
    let table: LabelTable
    private let file: LabelFile

    /// Reads the file at `path`.
    ///
    /// - Parameter keepsImageMembers: keep what is said of images beside name and size in ``images`` as well; without need
    ///   it only takes memory, as ``members(ofImage:)`` reads it again.
    /// - Throws: `FileError`, `AnnotationError`.
    package init(path: String, keepsImageMembers: Bool = true) throws {
        table = try LabelTableBuilder.read(path: path, keepsImageMembers: keepsImageMembers)
        file = try LabelFile(path: path)
        imagesDirectory = Self.imagesDirectory(of: table.images, at: path)
    }

    /// The folder of a part's images, as COCO is laid out: `images/PART` or `PART` beside `annotations`, PART being what
    /// stands behind the first `_` of the file's name. Nil where the first image is not there.
    private static func imagesDirectory(of images: [COCOImage], at path: String) -> String? {
        let own = FileSystem.folder(of: path)
        let name = FileSystem.stem(of: FileSystem.lastComponent(path))
        guard FileSystem.lastComponent(own) == "annotations", let first = images.first?.fileName, !first.isEmpty,
            let mark = name.firstIndex(of: "_")
        else { return nil }
        let part = String(name[name.index(after: mark)...])
        let above = FileSystem.folder(of: own)
        return ["images/" + part, part].map { FileSystem.join(above.isEmpty ? "." : above, $0) }.first {
            FileSystem.exists(FileSystem.join($0, first))
        }
    }

    /// What is wrong with the file as a whole. The file is read again for it: a conversion takes the counts instead, as
    /// there may be as many findings as annotations.
    package var findings: [LabelFinding] {
        var findings: [LabelFinding] = []
        // What can be read once can be read again, unless it has just gone; then there is nothing to say about it.
        _ = try? LabelTableBuilder.read(path: file.path, keepsImageMembers: false) { findings.append($0) }
        return findings
    }

    package func annotations(
        ofImage index: Int, height: Int, width: Int, report: (LabelFinding) -> Void
    ) throws -> [COCOAnnotation] {
        try table.places(ofImage: index).compactMap { place in
            var annotation = try file.annotation(at: place)
            if let id = table.newID(at: place) { annotation?.id = id }
            return annotation
        }
    }

    package func members(ofImage index: Int) throws -> [RawMember] {
        let image = table.images[index]
        if !image.extra.isEmpty { return image.extra }
        return try image.origin.position.map { try file.imageMembers(at: $0.byteOffset) } ?? []
    }

    package func annotationCount(ofImage index: Int) -> Int? { table.places(ofImage: index).count }
}

extension COCOSource: CountedSource {
    var ledger: FindingLedger { table.ledger }
}

/// A source that keeps its findings as counts rather than one by one.
protocol CountedSource: LabelSource {
    var ledger: FindingLedger { get }
}
