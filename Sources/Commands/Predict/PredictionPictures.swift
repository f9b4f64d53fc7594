internal import Images
internal import Runtime

/// Where `--picture` puts what was drawn: one file, or with a file of prompts a folder of them.
struct PredictionPictures {
    private let paths: [String]

    /// - Parameters:
    ///   - path: of the picture or the folder; nil when none is wanted.
    ///   - names: of the images, for a folder; nil for one file.
    /// - Throws: `FileError` when the folder cannot be made.
    init?(_ path: String?, names: [String]?) throws {
        guard let path else { return nil }
        guard let names else {
            paths = [path]
            return
        }
        try FileSystem.createDirectory(path)
        paths = FlatNames.names(of: names).map { FileSystem.join(path, $0 + ".png") }
    }

    /// - Throws: `FileError.write`, `ImageError`.
    func write(_ prediction: Prediction, over image: RGBImage, index: Int) throws {
        try AtomicFileWriter.write(ImageCodec.encodePNG(prediction.picture(over: image)), to: paths[index])
    }
}
