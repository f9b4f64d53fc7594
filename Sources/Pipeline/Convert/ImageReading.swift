internal import Annotations
internal import Images
internal import Runtime
internal import Shards

/// An image of the labels with its file's bytes.
struct LoadedImage: Sendable {
    /// Position in the set's images.
    let index: Int
    let image: COCOImage
    let encoded: [UInt8]
    let header: ImageHeader
    /// Size of the frame that the labels are in.
    let width: Int
    let height: Int
    /// What a reader applies to the decoded pixels to get into that frame.
    let exifOrientation: Int
}

/// Reads an image file and holds its header against the labels; the bytes stay what they are. Its input is a position in
/// the set's images.
struct ImageReading: Stage {
    let labels: LabelSet
    let exifPolicy: ExifPolicy
    /// Decode the pixels as well, and drop an image whose file is damaged inside.
    let decodes: Bool

    func process(_ index: Int, ledger: inout FindingLedger) throws -> LoadedImage? {
        let image = labels.images[index]
        let place = labels.path(ofImage: index)
        var encoded: [UInt8]
        var header: ImageHeader
        let path: String
        do {
            if let held = try labels.source.encodedImage(at: index) {
                (encoded, path) = (held, image.fileName)
            } else if place.isRefused {
                drop(
                    image, place.rule,
                    "\(image.fileName): the name \(place.oddity ?? ""), \(labels.directory), and the file was not opened (--outside-images takes it)",
                    ledger: &ledger)
                return nil
            } else {
                path = place.path
                encoded = try FileSystem.read(path)
            }
        } catch let error as FileError {
            let rule = place.oddity == nil ? ConversionRule.imageMissing : ConversionRule.imagePath
            let remark = place.oddity.map { "; the name \($0)" } ?? ""
            drop(image, rule, "\(place.path) \(error.message)\(remark)", ledger: &ledger)
            return nil
        } catch {
            // A set that holds its images may be damaged where this one stands.
            guard let damage = SampleDamage(error) else { throw error }
            drop(image, damage.rule, "\(image.fileName): \(damage.message)", ledger: &ledger)
            return nil
        }
        do throws(ImageError) {
            header = try ImageCodec.probe(encoded)
            if header.isTruncated { throw ImageError(.truncated, "the file ends before the image does") }
            if header.format == .tiff {
                (encoded, header) = try png(encoded, header, of: image, ledger: &ledger)
            } else if decodes {
                _ = try ImageCodec.decodeRGB(encoded)
            }
        } catch {
            if error.kind != .badInput { throw error.located(at: path) }
            drop(image, error.rule, "\(path): \(error.message)", ledger: &ledger)
            return nil
        }
        if path == place.path, let oddity = place.oddity {
            note(image, place.rule, "the name \(oddity)", ledger: &ledger)
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
        } else if labels.source.statesImageSizes {
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
            index: index, image: image, encoded: encoded, header: header, width: width, height: height,
            exifOrientation: exifPolicy == .apply ? header.exifOrientation : 1)
    }

    /// A TIFF's pixels as PNG, as readers of shards and labels do not decode TIFF. PNG has no word for an orientation: under
    /// ``ExifPolicy/apply`` the pixels are turned.
    private func png(
        _ encoded: [UInt8], _ header: ImageHeader, of image: COCOImage, ledger: inout FindingLedger
    ) throws(ImageError) -> ([UInt8], ImageHeader) {
        let png = try ImageCodec.png(ofTIFF: encoded, applyOrientation: exifPolicy == .apply)
        var changed = try ImageCodec.probe(png)
        if exifPolicy == .raw { changed.exifOrientation = header.exifOrientation }
        let hasAlpha = header.colour == .rgba || header.colour == .grayAlpha
        ledger.note(
            Finding(
                rule: ConversionRule.imageTIFF, severity: .note, location: image.location,
                message: "\(image.fileName): TIFF is written as PNG with the same pixels"
                    + (hasAlpha ? ", without its fourth or second sample (alpha)" : "")))
        return (png, changed)
    }

    private func note(_ image: COCOImage, _ rule: String, _ message: String, ledger: inout FindingLedger) {
        ledger.note(
            Finding(
                rule: rule, severity: .warning, location: image.location, message: "\(image.fileName): \(message)"))
    }

    private func drop(_ image: COCOImage, _ rule: String, _ message: String, ledger: inout FindingLedger) {
        ledger.drop(
            .image,
            Finding(
                rule: rule, severity: .error, location: image.location, message: message + "; the image is dropped"))
    }
}
