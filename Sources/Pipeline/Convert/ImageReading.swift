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
        let place = ImagePath(image.fileName, in: directory)
        let path = place.path
        let encoded: [UInt8]
        let header: ImageHeader
        do {
            encoded = try FileSystem.read(path)
            header = try ImageCodec.probe(encoded)
            if header.isTruncated { throw ImageError(.truncated, "the file ends before the image does") }
            if decodes { _ = try ImageCodec.decodeRGB(encoded) }
        } catch let error as FileError {
            let rule = place.oddity == nil ? ConversionRule.imageMissing : ConversionRule.imagePath
            let remark = place.oddity.map { "; the name \($0)" } ?? ""
            drop(image, rule, "\(path) \(error.message)\(remark)", ledger: &ledger)
            return nil
        } catch let error as ImageError {
            if error.kind != .badInput { throw error.located(at: path) }
            drop(image, error.rule, "\(path): \(error.message)", ledger: &ledger)
            return nil
        }
        if let oddity = place.oddity {
            note(image, ConversionRule.imagePath, "the name \(oddity)", ledger: &ledger)
        }
        let isTurned = header.exifOrientation >= 5
        let (width, height) =
            exifPolicy == .apply && isTurned ? (header.height, header.width) : (header.width, header.height)
        if let stated = image.width, let statedHeight = image.height, stated > 0, statedHeight > 0 {
            guard stated == width, statedHeight == height else {
                let fits = stated == height && statedHeight == width && isTurned
                let other: ExifPolicy = exifPolicy == .raw ? .apply : .raw
                drop(
                    image, ConversionRule.imageSize,
                    "\(path) is \(width) x \(height), the labels say \(stated) x \(statedHeight)"
                        + (fits ? ", which is its size under --exif \(other.rawValue)" : ""), ledger: &ledger)
                return nil
            }
        } else {
            note(
                image, ConversionRule.imageSizeMissing,
                "the labels state no size; the file's, \(width) x \(height), is taken", ledger: &ledger)
        }
        if exifPolicy == .raw && header.exifOrientation != 1 {
            note(
                image, ConversionRule.imageOrientation,
                "EXIF orientation \(header.exifOrientation) is ignored (--exif raw); masks are in the frame of the stored pixels",
                ledger: &ledger)
        }
        return LoadedImage(
            image: image, encoded: encoded, format: header.format, width: width, height: height,
            exifOrientation: exifPolicy == .apply ? header.exifOrientation : 1)
    }

    private func note(_ image: LabelTable.Image, _ rule: String, _ message: String, ledger: inout FindingLedger) {
        ledger.note(
            Finding(
                rule: rule, severity: .warning, location: image.location, message: "\(image.fileName): \(message)"))
    }

    private func drop(_ image: LabelTable.Image, _ rule: String, _ message: String, ledger: inout FindingLedger) {
        ledger.drop(
            .image,
            Finding(
                rule: rule, severity: .error, location: image.location, message: message + "; the image is dropped"))
    }
}
