internal import Runtime

/// Rules about image files and shards.
extension AuditRules {
    static let image = [
        AuditRule(
            "image.missing", .error, "An image's file is not in the images' folder.",
            remedy: "Check --images and the spelling."),
        AuditRule(
            "image.path", .warning, "A file name is an absolute path, or has backslashes.",
            remedy: "Write paths below the images' folder, with forward slashes."),
        AuditRule(
            "image.outside", .error, "A file name leads out of the images' folder; the file is not opened.",
            remedy: "Write paths below the images' folder, or allow others with --outside-images."),
        AuditRule(
            "image.duplicate-file", .warning, "Two entries of images name the same file.",
            remedy: "Merge them, and their annotations."),
        AuditRule(
            "image.undecodable", .error, "A file is no PNG, JPEG or TIFF that can be read.",
            remedy: "Convert or replace the file."),
        AuditRule(
            "image.truncated", .error, "An image file ends before the image does.",
            remedy: "Fetch the file again."),
        AuditRule(
            "image.size", .error, "A file's size in pixels is not the one that the labels state.",
            remedy: "Find the image that was labelled; a resized one needs its labels resized."),
        AuditRule(
            "image.exif", .warning, "A file asks to be turned for display (EXIF orientation 2...8).",
            remedy: "Check in which of the two views the labels were drawn; see convert --exif."),
        AuditRule(
            "image.extension", .note, "A file's name says another format than its contents.",
            remedy: "Rename the file; samdata goes by the contents."),
        AuditRule(
            "image.colour", .note, "A file is CMYK or has 16 bits a sample, which many readers convert differently.",
            remedy: "Convert it to 8-bit RGB or gray once, with a conversion that you have looked at."),
        AuditRule(
            "image.animated", .note, "A file has several frames; the first is used.",
            remedy: "Save the frame that was labelled."),
    ]

    /// As `samdata convert` calls what it finds about labels of any format.
    static let labels = [
        AuditRule(
            "labels.name-case", .warning, "An image's name differs from its file's in upper and lower case alone.",
            remedy: "Write the name as the file's; samdata takes the file, other readers on Linux do not find it."),
        AuditRule(
            "labels.name-form", .warning, "An image's name has its accents composed in another way than its file's.",
            remedy: "Write the name as the file's; samdata takes the file, other readers on Linux do not find it."),
    ]

    static let shard = [
        AuditRule(
            "shard.digest", .error, "A shard's bytes are not those that the manifest has the digest of.",
            remedy: "Convert again, or fetch the shard again."),
        AuditRule(
            "shard.crc", .error, "A record's checksum does not match: its bytes were changed after writing.",
            remedy: "Convert again, or fetch the shard again."),
        AuditRule(
            "shard.truncated", .error, "A shard ends inside a record.",
            remedy: "Convert again, or fetch the shard again."),
        AuditRule(
            "shard.index", .error, "The .idx beside a shard does not fit it.",
            remedy: "Remove the index, or convert again."),
        AuditRule(
            "shard.example", .error, "A record is no well-formed tf.train.Example.",
            remedy: "Convert again."),
        AuditRule(
            "shard.content", .error, "A record lacks a key, or its values do not fit each other.",
            remedy: "Convert again."),
        AuditRule(
            "shard.manifest", .error, "The manifest says something else about a record than the record itself.",
            remedy: "Convert again."),
        AuditRule(
            "shard.image-digest", .error, "A record's image is not the one that its SHA-256 was taken of.",
            remedy: "Convert again."),
        AuditRule(
            "shard.duplicate-image-id", .error, "Two records have the same image id.",
            remedy: "Convert again from labels without duplicate ids."),
        AuditRule(
            "shard.duplicate-image", .warning, "Two records hold the same image file.",
            remedy: "Remove one of the images from the labels; across splits this is leakage."),
    ]
}
