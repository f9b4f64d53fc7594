internal import Annotations
private import Foundation
internal import JSONText
internal import Runtime

/// The images that a run has finished so far: a hidden folder beside the output, a COCO file an image, gone when the
/// output is written.
///
/// The folder's name is a digest of all that masks depend on but the images; each entry holds its image's own. So work is
/// only ever resumed where it would come out the same.
struct SegmentJournal {
    /// Digest of the weights and options.
    let fingerprint: String
    private let directory: String
    private let prefix: String

    /// - Parameters:
    ///   - output: the file, or for a file an image the folder.
    ///   - isFolder: which of the two.
    ///   - settings: all that masks depend on but the images.
    init(output: String, isFolder: Bool, settings: [String]) {
        let text = settings.joined(separator: "\n")
        fingerprint = SHA256Digest.hex(Array(text.utf8))
        let folder = FileSystem.folder(of: output)
        directory = isFolder ? output : folder.isEmpty ? "." : folder
        prefix = isFolder ? ".samdata-resume-" : ".\(FileSystem.lastComponent(output)).samdata-resume-"
    }

    private var path: String { FileSystem.join(directory, prefix + fingerprint.prefix(16)) }

    var exists: Bool { FileSystem.isDirectory(path) }

    /// Names of the journals of this and of other runs into the same output.
    func names() throws -> [String] {
        guard FileSystem.isDirectory(directory) else { return [] }
        return try FileSystem.list(directory).filter { $0.hasPrefix(prefix) }
    }

    func begin() throws { try FileSystem.createDirectory(path) }

    /// Removes all journals of this output.
    func removeAll() throws {
        for name in try names() {
            let path = FileSystem.join(directory, name)
            do {
                try FileManager.default.removeItem(atPath: path)
            } catch {
                throw FileError(.write, path: path, "cannot be removed: \(error.localizedDescription)")
            }
        }
    }

    // MARK: Entries

    private func file(of name: String) -> String { FileSystem.join(path, name + ".json") }

    /// Notes that an image is finished.
    func store(_ entry: SegmentedImage, name: String, digest: String) throws {
        let section = RawMember(
            SegmentedImage.sectionName,
            .object([
                JSONMember(SegmentedImage.digestName, .string(digest)),
                JSONMember("findings", SegmentedImage.json(entry.findings)),
            ]))
        try COCOWriter.write(
            COCODataset(
                images: entry.image.map { [$0] } ?? [], annotations: entry.annotations, sections: [section]),
            to: file(of: name))
    }

    /// What was found in an image, if that was finished and its file is still the same.
    func entry(_ name: String, digest: String) -> SegmentedImage? {
        // Whatever is wrong with an entry, the answer is to segment the image again.
        guard let read = try? COCOReader.read(path: file(of: name)), read.findings.isEmpty,
            let section = try? read.dataset.sections[SegmentedImage.sectionName]?.parsed(),
            section[SegmentedImage.digestName]?.string == digest,
            let findings = SegmentedImage.findings(section["findings"]), read.dataset.images.count <= 1,
            !read.dataset.images.isEmpty || findings.contains(where: { $0.severity == .error })
        else { return nil }
        return SegmentedImage(
            image: read.dataset.images.first, annotations: read.dataset.annotations, findings: findings)
    }
}
