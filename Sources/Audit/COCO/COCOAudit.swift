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
    private let agreement: AgreementAudit?
    private let model: ModelAudit?

    /// - Parameters:
    ///   - path: the COCO file.
    ///   - imagesFolder: where the image files are; nil leaves the rules about them out.
    ///   - allowsOutside: whether names of files may lead out of it.
    ///   - selection: the rules to report on.
    ///   - agreement: what the file's objects are held against; nil for nothing.
    ///   - model: likewise.
    /// - Throws: `AuditError.imagesFolder` when the folder is not there.
    package init(
        path: String, imagesFolder: String?, allowsOutside: Bool = false, selection: RuleSelection = .everything,
        agreement: AgreementAudit? = nil, model: ModelAudit? = nil
    ) throws(AuditError) {
        self.path = path
        self.selection = selection
        self.agreement = agreement
        self.model = model
        if let imagesFolder {
            folder = try ImagesFolder(path: imagesFolder, allowsOutside: allowsOutside)
        } else {
            folder = nil
        }
    }

    /// Runs the audit.
    ///
    /// A file that is cut off or malformed is audited as far as it goes; the summary then says that it is not complete.
    ///
    /// - Parameters:
    ///   - progress: told the number of annotations done.
    ///   - sink: takes each finding, in the order of the file where they have a place in it.
    /// - Throws: `FileError` when the file cannot be opened; `AuditInterruption` with what a comparison or `sink` throws.
    package func run(
        progress: @escaping (Int) -> Void = { _ in }, sink: @escaping (Finding) throws -> Void
    ) throws -> AuditSummary {
        try run(fixes: false, progress: progress, sink: sink).summary
    }

    /// Runs the audit, and collects what could be set right.
    ///
    /// - Parameters:
    ///   - fixes: whether that is wanted.
    ///   - progress: as of ``run(progress:sink:)``.
    ///   - sink: likewise.
    /// - Returns: the fix is nil where it was not wanted, or the file could not be read to its end.
    /// - Throws: as ``run(progress:sink:)``.
    package func run(
        fixes: Bool, progress: @escaping (Int) -> Void = { _ in }, sink: @escaping (Finding) throws -> Void
    ) throws -> (summary: AuditSummary, fix: COCOFix?) {
        let recorder = AuditRecorder(kind: .coco, selection: selection, sink: sink)
        var visitor = COCOAuditVisitor(
            recorder: recorder, folder: folder, collectsRepairs: fixes, progress: progress)
        if try annotationsComeFirst() {
            var sizes = ImageSizeVisitor()
            let isWhole = (try? COCOReader.scan(path: path, &sizes)) != nil
            visitor.adopt(sizes.images, isWhole: isWhole)
        }
        do {
            do {
                try COCOReader.scan(path: path, &visitor)
            } catch let error as AnnotationError {
                try visitor.end(failure: error)
                return (visitor.summary, nil)
            }
            try visitor.end(failure: nil)
        } catch {
            throw AuditInterruption(visitor.summary, error)
        }
        var ended = visitor.recorder
        ended.summary.beginComparing()
        do {
            try agreement?.run(&ended) { done, _ in progress(done) }
            try model?.run(&ended) { done, _ in progress(done) }
        } catch {
            throw AuditInterruption(ended.summary, error)
        }
        return (ended.summary, visitor.repairs.map { COCOFix($0) })
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
