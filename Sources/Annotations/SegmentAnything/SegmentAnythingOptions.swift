/// How SA-1B sets are written.
package struct SegmentAnythingOptions: Sendable, Hashable {
    /// WebDataset tar files `sa_000000.tar`; else a folder of files, as SAM 2's training reads it.
    package var isTar = true
    /// Bytes from which a new tar file is begun.
    package var tarBytes = 1_000_000_000
    /// Encode images that are no JPEG as JPEG of this quality, 1 to 100: SAM 2 looks for `*.jpg` alone. Nil keeps the bytes
    /// and names them by what they are.
    package var jpegQuality: Int?

    package init() {}
}
