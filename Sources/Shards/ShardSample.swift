private import Runtime

/// One image of a shard with its objects: what one record holds.
package struct ShardSample: Sendable, Hashable {
    /// The version of the record layout that this code writes and reads.
    package static let schemaVersion = 1

    /// The image's id as the labels write it.
    package var imageID: String
    /// The file's name as the labels write it.
    package var fileName: String
    /// `jpeg` or `png`: what the bytes are, whatever the name says.
    package var format: String
    /// Width in pixels of the frame that masks and boxes are in.
    package var width: Int
    /// Height in pixels of the frame that masks and boxes are in.
    package var height: Int
    /// The EXIF orientation, 1...8, that a reader applies to the decoded pixels to get into the frame of masks and
    /// boxes; 1 means that the pixels are used as they are stored.
    package var exifOrientation: Int
    /// The image file's bytes, unchanged.
    package var encoded: [UInt8]
    /// SHA-256 of ``encoded`` in hexadecimal.
    package var sha256: String
    package var objects: [ShardObject]
    /// What the labels say besides, as JSON text: `{"image":{…},"objects":[{…},…]}` with an element for each object; `{}`
    /// where they say nothing.
    package var members: [UInt8]

    /// What ``members`` is when the labels say nothing besides.
    package static let noMembers = Array("{}".utf8)

    /// A sample; the SHA-256 of `encoded` is computed when nil.
    package init(
        imageID: String, fileName: String, format: String, width: Int, height: Int, exifOrientation: Int = 1,
        encoded: [UInt8], sha256: String? = nil, objects: [ShardObject],
        members: [UInt8] = Self.noMembers
    ) {
        self.imageID = imageID
        self.fileName = fileName
        self.format = format
        self.width = width
        self.height = height
        self.exifOrientation = exifOrientation
        self.encoded = encoded
        self.sha256 = sha256 ?? SHA256Digest.hex(encoded)
        self.objects = objects
        self.members = members
    }
}
