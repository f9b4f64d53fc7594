private import Images
internal import Runtime

/// The ids of a panoptic PNG's pixels: `red + 256 green + 65536 blue`, or a gray value as it stands.
///
/// Source: cocodataset/panopticapi `utils.py`, `rgb2id`.
struct PanopticImage {
    let height: Int
    let width: Int
    /// Row-major.
    let ids: [UInt32]

    /// - Throws: `FileError`, `ImageError`.
    init(path: String) throws {
        let image = try ImageCodec.decodeLabels(FileSystem.read(path))
        height = image.height
        width = image.width
        let channels = image.channels
        guard channels >= 3 else {
            ids = stride(from: 0, to: image.values.count, by: channels).map { UInt32(image.values[$0]) }
            return
        }
        guard image.bitDepth == 8 else {
            throw ImageError(
                .unsupported, "a panoptic PNG with \(image.bitDepth) bits a colour; ids are written with 8")
        }
        ids = image.values.withUnsafeBufferPointer { values in
            (0..<image.height * image.width).map { pixel in
                let place = pixel * channels
                return UInt32(values[place]) | UInt32(values[place + 1]) << 8 | UInt32(values[place + 2]) << 16
            }
        }
    }
}
