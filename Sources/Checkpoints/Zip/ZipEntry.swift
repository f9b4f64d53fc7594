/// One file of a zip archive, as its central directory describes it.
package struct ZipEntry: Sendable, Hashable {
    /// The whole name, with folders.
    package let name: String
    /// The stored bytes, counted from the start of the archive.
    package let range: Range<Int>
    /// CRC-32 of the content.
    package let checksum: UInt32
    /// How the content is packed: 0 stored, 8 deflated.
    package let method: UInt16
    /// Whether the content is encrypted.
    package let isEncrypted: Bool
}
