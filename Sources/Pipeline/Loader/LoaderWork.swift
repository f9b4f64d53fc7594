/// What a loader's time goes into.
package enum LoaderWork: String, Sendable, Hashable, CaseIterable {
    /// Bytes from disk, page cache or server.
    case read
    /// Their checksums.
    case crc
    /// Bytes to a record with its masks as runs.
    case parse
    /// JPEG or PNG to pixels, turned as EXIF says.
    case decode
    /// Pixels and masks to the size that is asked for.
    case resize
    /// Random changes of image and masks together.
    case augment
    /// Masks from runs to pixels.
    case masks

    /// What it is, in a few words.
    package var title: String {
        switch self {
        case .read: "read bytes"
        case .crc: "check CRC-32C"
        case .parse: "parse records"
        case .decode: "decode images"
        case .resize: "resize"
        case .augment: "augment"
        case .masks: "draw masks"
        }
    }
}
