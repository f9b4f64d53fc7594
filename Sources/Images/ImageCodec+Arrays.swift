/// The same calls on arrays.
extension ImageCodec {
    /// Reads the header; see ``probe(_:)-(UnsafeRawBufferPointer)``.
    package static func probe(_ bytes: [UInt8]) throws(ImageError) -> ImageHeader {
        try withBytes(bytes) { raw throws(ImageError) in try probe(raw) }
    }

    /// Decodes to RGB; see ``decodeRGB(_:applyOrientation:)-(UnsafeRawBufferPointer,_)``.
    package static func decodeRGB(
        _ bytes: [UInt8], applyOrientation: Bool = false
    ) throws(ImageError) -> RGBImage {
        try withBytes(bytes) { raw throws(ImageError) in try decodeRGB(raw, applyOrientation: applyOrientation) }
    }

    /// Decodes the values of a PNG or TIFF as stored; see ``decodeLabels(_:)-(UnsafeRawBufferPointer)``.
    package static func decodeLabels(_ bytes: [UInt8]) throws(ImageError) -> LabelImage {
        try withBytes(bytes) { raw throws(ImageError) in try decodeLabels(raw) }
    }

    /// A TIFF's pixels as PNG; see ``png(ofTIFF:applyOrientation:)-(UnsafeRawBufferPointer,_)``.
    package static func png(ofTIFF bytes: [UInt8], applyOrientation: Bool = false) throws(ImageError) -> [UInt8] {
        try withBytes(bytes) { raw throws(ImageError) in try png(ofTIFF: raw, applyOrientation: applyOrientation) }
    }

    private static func withBytes<Value>(
        _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(ImageError) -> Value
    ) throws(ImageError) -> Value {
        // `Array.withUnsafeBytes` forgets the type of what it rethrows; a Result carries it across.
        let result: Result<Value, ImageError> = bytes.withUnsafeBytes { raw in
            do throws(ImageError) {
                return .success(try body(raw))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
