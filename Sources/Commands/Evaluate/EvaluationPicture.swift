private import Images
private import Runtime
private import Shards
internal import Training

/// The file of one evaluated image's picture.
struct EvaluationPicture {
    private let answered: AnsweredImage

    init(_ answered: AnsweredImage) { self.answered = answered }

    /// Writes `NAME-ID.png` after the image's own name and its id.
    func write(into directory: String) throws {
        let stem = FileSystem.stem(of: FileSystem.lastComponent(answered.sample.fileName))
        let id = String(answered.sample.imageID.map { $0.isLetter || $0.isNumber ? $0 : "_" })
        try AtomicFileWriter.write(
            try ImageCodec.encodePNG(AnsweredPicture(answered).draw()),
            to: FileSystem.join(directory, "\(stem)-\(id).png"))
    }
}
