internal import Images
internal import Runtime
internal import Shards

/// An image of the labels with its file's bytes.
struct LoadedImage: Sendable {
    let image: LabelTable.Image
    let encoded: [UInt8]
    let format: ImageFormat
    /// Size of the frame that the labels are in.
    let width: Int
    let height: Int
    /// What a reader applies to the decoded pixels to get into that frame.
    let exifOrientation: Int
}

/// Reads an image file and holds its header against the labels; the bytes stay what they are.
struct ImageReading: Stage {
    /// The directory that file names are relative to.
    let directory: String
    let exifPolicy: ExifPolicy
    /// Decode the pixels as well, and drop an image whose file is damaged inside.
    let decodes: Bool

    func process(_ image: LabelTable.Image, ledger: inout FindingLedger) throws -> LoadedImage? {
        let path = FileSystem.join(directory, image.fileName)
        let encoded: [UInt8]
        let header: ImageHeader
        do {
            encoded = try FileSystem.read(path)
            header = try ImageCodec.probe(encoded)
            if header.isTruncated { throw ImageError(.truncated, "the file ends before the image does") }
            if decodes { _ = try ImageCodec.decodeRGB(encoded) }
        } catch let error as FileError {
            drop(image, ConversionRule.imageMissing, "\(path) \(error.message)", ledger: &ledger)
            return nil
        } catch let error as ImageError {
            if error.kind != .badInput { throw error.located(at: path) }
            drop(image, error.codeName, "\(path): \(error.message)", ledger: &ledger)
            return nil
        }
        let isTurned = header.exifOrientation >= 5
        let (width, height) =
            exifPolicy == .apply && isTurned ? (header.height, header.width) : (header.width, header.height)
        if let stated = image.width, let statedHeight = image.height {
            guard stated == width, statedHeight == height else {
                let fits = stated == height && statedHeight == width && isTurned
                let other: ExifPolicy = exifPolicy == .raw ? .apply : .raw
                drop(
                    image, ConversionRule.imageSizeMismatch,
                    "\(path) is \(width) x \(height), the labels say \(stated) x \(statedHeight)"
                        + (fits ? ", which is its size under --exif \(other.rawValue)" : ""), ledger: &ledger)
                return nil
            }
        } else {
            ledger.note(
                Finding(
                    rule: ConversionRule.imageSizeMissing, severity: .warning, location: image.location,
                    message: "\(image.fileName): the labels state no size; the file's, \(width) x \(height), is taken"))
        }
        if exifPolicy == .raw && header.exifOrientation != 1 {
            ledger.note(
                Finding(
                    rule: ConversionRule.imageOrientation, severity: .warning, location: image.location,
                    message:
                        "\(image.fileName): EXIF orientation \(header.exifOrientation) is ignored (--exif raw); masks are in the frame of the stored pixels"
                ))
        }
        return LoadedImage(
            image: image, encoded: encoded, format: header.format, width: width, height: height,
            exifOrientation: exifPolicy == .apply ? header.exifOrientation : 1)
    }

    private func drop(_ image: LabelTable.Image, _ rule: String, _ message: String, ledger: inout FindingLedger) {
        ledger.drop(
            .image,
            Finding(
                rule: rule, severity: .error, location: image.location, message: message + "; the image is dropped"))
    }
}
