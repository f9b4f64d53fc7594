private import Images
private import Runtime
package import Shards

/// Pictures of a few validated images, the same ones at each validation: labels, and what the model makes of prompts.
///
/// The images lie evenly over the set's images with objects; one whose objects are all left out has no picture.
package final class SamplePictures {
    /// Larger images are drawn smaller.
    static let longestSide = 1024

    private let folder: String
    private let imageIDs: Set<String>
    private var written: [TrackedPicture] = []
    /// Which image a name was given to.
    private var owners: [String: String] = [:]

    /// - Parameters:
    ///   - set: what is validated on.
    ///   - count: of images, 0 or more; fewer where the set has fewer.
    ///   - folder: of the pictures; it is made with the first one.
    package init(_ set: ShardSet, count: Int, folder: String) {
        self.folder = folder
        let entries = (0..<set.count).map { set.entry(at: $0) }.filter { $0.instanceCount > 0 }
        let chosen = min(count, entries.count)
        imageIDs = Set((0..<chosen).map { entries[(2 * $0 + 1) * entries.count / (2 * chosen)].imageID })
    }

    /// Draws an image, when it is one of the chosen, as `epoch-0003-NAME.png`.
    ///
    /// - Throws: `ImageError` or `FileError`.
    package func add(_ answered: AnsweredImage, epoch: Int) throws {
        guard imageIDs.contains(answered.sample.imageID) else { return }
        if written.isEmpty { try FileSystem.createDirectory(folder) }
        let name = name(of: answered.sample)
        let digits = String(epoch)
        let number = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        let image = AnsweredPicture(answered, longestSide: Self.longestSide).draw()
        let path = FileSystem.join(folder, "epoch-\(number)-\(name).png")
        try AtomicFileWriter.write(try ImageCodec.encodePNG(image), to: path)
        written.append(TrackedPicture(name: name, path: path, height: image.height, width: image.width))
    }

    /// What was drawn since the last time.
    package func take() -> [TrackedPicture] {
        defer { written = [] }
        return written
    }

    /// The image's own name, with its id and a number behind it where another image has it.
    private func name(of sample: ShardSample) -> String {
        let stem = TrackedName.safe(FileSystem.stem(of: FileSystem.lastComponent(sample.fileName)))
        var name = stem
        var number = 1
        while let owner = owners[name], owner != sample.imageID {
            name = number == 1 ? stem + "-" + TrackedName.safe(sample.imageID) : stem + "-\(number)"
            number += 1
        }
        owners[name] = sample.imageID
        return name
    }
}
