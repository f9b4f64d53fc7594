internal import Annotations
internal import Images
package import Runtime

/// Looks at one image file: is it there, and is its header what the labels say? Pixels are not decoded.
package struct ImageFileCheck: Sendable {
    package private(set) var findings: [Finding] = []
    /// The size in the file's header, where that could be read.
    package private(set) var size: ImageSize?
    /// Where the file is, for telling whether two names are of one; nil for one that was not looked for.
    private(set) var file: String?
    private let location: DataLocation

    /// - Parameters:
    ///   - name: the file's name in the labels, below `folder`.
    ///   - stated: the size in the labels, where stated.
    ///   - location: of the image's entry.
    package init(name: String, folder: ImagesFolder, stated: ImageSize?, location: DataLocation) {
        self.location = location
        let place = folder.place(of: name)
        if let oddity = place.oddity {
            let end =
                place.isRefused ? ", \(folder.path); the file was not looked at (--outside-images has it done)" : ""
            report(place.rule, "\"\(name)\" \(oddity)\(end)")
        }
        if place.isRefused { return }
        let path = place.path
        file = place.whole
        do throws(FileError) {
            let mapped = try MappedFile(path: path, access: .random)
            mapped.withBytes { check($0, name: name, stated: stated) }
        } catch {
            let reason = error.code == .missing ? "" : ": \(error.message)"
            report("image.missing", "no file \(path)\(reason)")
        }
    }

    /// - Parameter encoded: the bytes of an image that is part of a shard.
    package init(encoded: [UInt8], stated: ImageSize?, location: DataLocation) {
        self.location = location
        encoded.withUnsafeBytes { check($0, name: nil, stated: stated) }
    }

    private mutating func report(_ rule: String, _ message: String) {
        findings.append(AuditRules.rule(rule).finding(at: location, message))
    }

    private mutating func check(_ bytes: UnsafeRawBufferPointer, name: String?, stated: ImageSize?) {
        let header: ImageHeader
        do throws(ImageError) {
            header = try ImageCodec.probe(bytes)
        } catch {
            let subject = name.map { "\($0): " } ?? ""
            report(error.rule, subject + error.message)
            return
        }
        let subject = name ?? "the image"
        size = ImageSize(width: header.width, height: header.height)
        if header.isTruncated { report("image.truncated", "\(subject) has no end marker") }
        if header.exifOrientation != 1 {
            report("image.exif", "\(subject) has EXIF orientation \(header.exifOrientation)")
        }
        if let stated { compare(header, stated, subject) }
        if let name { checkExtension(of: name, header) }
        if header.bitDepth > 8 || header.colour == .cmyk || header.colour == .ycck {
            report("image.colour", "\(subject) is \(header.colour.rawValue) with \(header.bitDepth) bits a sample")
        }
        if header.isAnimated { report("image.animated", "\(subject) has several frames") }
    }

    private mutating func compare(_ header: ImageHeader, _ stated: ImageSize, _ subject: String) {
        guard header.width != stated.width || header.height != stated.height else { return }
        let isSwapped = header.width == stated.height && header.height == stated.width
        let hint =
            !isSwapped
            ? ""
            : header.exifOrientation >= 5
                ? "; they are swapped because the labels were made on the image as EXIF turns it" : "; they are swapped"
        report(
            "image.size",
            "\(subject) is \(header.width) x \(header.height) pixels, the labels say \(stated.width) x \(stated.height)\(hint)"
        )
    }

    private mutating func checkExtension(of name: String, _ header: ImageHeader) {
        guard let dot = name.lastIndex(of: ".") else { return }
        let suffix = name[name.index(after: dot)...].lowercased()
        let known = [
            "png": ImageFormat.png, "jpg": .jpeg, "jpeg": .jpeg, "jpe": .jpeg, "jfif": .jpeg, "tif": .tiff,
            "tiff": .tiff,
        ]
        let others: Set = ["bmp", "gif", "webp"]
        guard known[suffix].map({ $0 != header.format }) ?? others.contains(suffix) else { return }
        report("image.extension", "\(name) holds \(header.format.name)")
    }
}
