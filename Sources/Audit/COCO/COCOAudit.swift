internal import Annotations
internal import JSONText
package import Runtime

/// Audits a COCO file in one pass, in memory that grows with the number of its elements only by some 60 bytes each.
///
/// A file that lists annotations before images (LVIS) is first scanned for the images' sizes.
package struct COCOAudit {
    private let path: String
    private let folder: ImagesFolder?
    private let selection: RuleSelection

    /// - Parameters:
    ///   - path: the COCO file.
    ///   - imagesFolder: where the image files are; nil leaves the rules about them out.
    ///   - selection: the rules to report on.
    /// - Throws: `AuditError.imagesFolder` when the folder is not there.
    package init(path: String, imagesFolder: String?, selection: RuleSelection = .everything) throws(AuditError) {
        self.path = path
        self.selection = selection
        folder = imagesFolder == nil ? nil : try ImagesFolder(path: imagesFolder ?? "")
    }

    /// Runs the audit.
    ///
    /// A file that is cut off or malformed is audited as far as it goes; the summary then says that it is not complete.
    ///
    /// - Parameters:
    ///   - progress: told the number of annotations done.
    ///   - sink: takes each finding, in the order of the file where they have a place in it.
    /// - Throws: `FileError` when the file cannot be opened, and what `sink` throws.
    package func run(
        progress: @escaping (Int) -> Void = { _ in }, sink: @escaping (Finding) throws -> Void
    ) throws -> AuditSummary {
        let recorder = AuditRecorder(kind: .coco, selection: selection, sink: sink)
        var visitor = COCOAuditVisitor(recorder: recorder, folder: folder, progress: progress)
        if try annotationsComeFirst() {
            var sizes = ImageSizeVisitor()
            let isWhole = (try? COCOReader.scan(path: path, &sizes)) != nil
            visitor.adopt(sizes.images, isWhole: isWhole)
        }
        do {
            try COCOReader.scan(path: path, &visitor)
        } catch let error as AnnotationError {
            try visitor.end(failure: error)
            return visitor.summary
        }
        try visitor.end(failure: nil)
        return visitor.summary
    }

    /// Whether the file lists annotations before images; a file that is no JSON up to there does not.
    private func annotationsComeFirst() throws(FileError) -> Bool {
        try MappedFile(path: path).withBytes { bytes in
            var parser = JSONPullParser(bytes, acceptsNonFinite: true)
            do throws(JSONError) {
                try parser.beginObject()
                while let key = try parser.nextKey() {
                    switch parser.name(of: key) {
                    case COCOSection.annotations.rawValue: return true
                    case COCOSection.images.rawValue: return false
                    default: try parser.skipValue()
                    }
                }
            } catch {
                return false
            }
            return false
        }
    }
}

/// Collects the images of a file and nothing else.
private struct ImageSizeVisitor: COCOVisitor {
    var images = ImageTable()

    mutating func visit(_ image: COCOImage) { _ = images.add(image) }
    mutating func report(_ finding: Finding, dropped: COCOSection?) {}
}
