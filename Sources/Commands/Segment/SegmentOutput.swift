internal import Annotations
private import Foundation
internal import JSONText
internal import Runtime

/// Where the masks of all images go.
struct SegmentOutput {
    let path: String
    let format: SegmentFormat

    /// The file in a folder of SA-1B that says what the others were made of.
    private static let markerName = "samdata-segment.json"
    private static let fingerprintName = "fingerprint"

    /// The file that tells what is finished.
    private var markerPath: String {
        format == .coco ? path : FileSystem.join(path, Self.markerName)
    }

    // MARK: What is there already

    /// - Throws: `FileError.exists` for output that would be overwritten, or that is of the wrong kind.
    func check(force: Bool, resume: Bool) throws {
        guard FileSystem.exists(path) else { return }
        let isFolder = FileSystem.isDirectory(path)
        switch format {
        case .coco where isFolder:
            throw FileError(.exists, path: path, "is a directory; a file for COCO annotations is wanted")
        case .sa1b where !isFolder:
            throw FileError(.exists, path: path, "is a file; a directory for one file an image is wanted")
        case .coco where !force && !resume:
            throw FileError(.exists, path: path, "exists already; --force replaces it, --resume goes on")
        case .sa1b where !force && !resume:
            guard let first = try FileSystem.list(path).first else { return }
            throw FileError(
                .exists, path: path,
                "the directory is not empty (it holds \(first)); --force writes into it, --resume goes on")
        default: return
        }
    }

    /// What a finished output says of the run that made it.
    struct Finished: Equatable {
        var fingerprint: String
        /// Names of the images in it, dropped ones not included, and the digests of their files.
        var images: [String: String]
        var findings: [Finding]
        var masks: Int
    }

    /// Reads what a finished output says of itself; nil when there is none.
    ///
    /// - Throws: what reading it throws, when it is no COCO file at all.
    func finished() throws -> Finished? {
        guard FileSystem.exists(markerPath) else { return nil }
        var reader = MarkerReader()
        try COCOReader.scan(path: markerPath, &reader)
        guard let section = reader.section, let fingerprint = section[Self.fingerprintName]?.string,
            let findings = SegmentedImage.findings(section["findings"]), let masks = section["masks"]?.int
        else { return nil }
        return Finished(fingerprint: fingerprint, images: reader.images, findings: findings, masks: masks)
    }

    /// Keeps what identifies a finished output; its annotations are passed over.
    private struct MarkerReader: COCOVisitor {
        var section: JSONValue?
        var images: [String: String] = [:]

        mutating func visit(_ image: COCOImage) {
            let digest = try? image.extra[SegmentedImage.digestName]?.parsed().string
            images[image.fileName] = digest ?? ""
        }
        mutating func visit(section member: RawMember) throws {
            if member.name == SegmentedImage.sectionName { section = try? member.parsed() }
        }
        mutating func report(_ finding: Finding, dropped: COCOSection?) {}
    }

    // MARK: Writing

    /// Writes the masks of one image where each has a file of its own.
    func write(_ entry: SegmentedImage, name: String) throws {
        guard format == .sa1b, let image = entry.image else { return }
        var writer = JSONWriter()
        SA1BDocument(image: image, annotations: entry.annotations).write(to: &writer)
        try AtomicFileWriter.write(writer.bytes, to: FileSystem.join(path, name))
    }

    /// Writes what stands for all images: the COCO file, or the note of what the files of SA-1B were made of.
    ///
    /// - Parameters:
    ///   - images: of all that were not dropped.
    ///   - masks: number of all annotations.
    ///   - annotations: gives those of an image, with ids from 1; they are numbered through.
    func finish(
        images: [COCOImage], findings: [Finding], fingerprint: String, masks: Int,
        annotations: (Int) throws -> [COCOAnnotation]
    ) throws {
        let section = RawMember(
            SegmentedImage.sectionName,
            .object([
                JSONMember("version", .string(Release.version)), JSONMember("command", "segment"),
                JSONMember(Self.fingerprintName, .string(fingerprint)), JSONMember("masks", .integer(Int64(masks))),
                JSONMember("findings", SegmentedImage.json(findings)),
            ]))
        let head = COCODataset(
            images: images, categories: [COCOCategory(id: .integer(1), name: "object")], sections: [section])
        var last: Int64 = 0
        try COCOWriter.write(head, parts: format == .coco ? images.count : 0, to: markerPath) { part in
            try annotations(part).map { annotation in
                last += 1
                var annotation = annotation
                annotation.id = .integer(last)
                return annotation
            }
        }
    }
}
