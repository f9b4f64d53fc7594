/// The image formats that are decoded.
package enum ImageFormat: Sendable, Hashable, CaseIterable {
    case png
    case jpeg
    /// TIFF and BigTIFF; what writes images writes none.
    case tiff

    /// The name that shards and reports use: `png`, `jpeg` or `tiff`.
    package var name: String {
        switch self {
        case .png: "png"
        case .jpeg: "jpeg"
        case .tiff: "tiff"
        }
    }

    private static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// The format that the first bytes tell, whatever the file is called; nil for anything else.
    package init?(signatureOf bytes: UnsafeRawBufferPointer) {
        if bytes.starts(with: Self.pngSignature) {
            self = .png
        } else if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if TIFFReader.hasSignature(bytes) {
            self = .tiff
        } else {
            return nil
        }
    }
}
