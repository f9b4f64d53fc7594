private import Images
internal import JSONText
private import Runtime

extension InspectCommand {
    /// A PNG, JPEG or TIFF: its header, whether it decodes, and for `--picture` its pixels as stored.
    static func inspectImage(_ request: InspectionRequest) throws -> Inspection {
        if request.record != nil {
            throw InspectError(
                .notApplicable, "--record is for COCO files and shards; this is an image", path: request.path)
        }
        let bytes = try FileSystem.read(request.path)
        let header: ImageHeader
        do throws(ImageError) {
            header = try ImageCodec.probe(bytes)
        } catch {
            throw error.located(at: request.path)
        }
        var damage: String?
        var image: RGBImage?
        do throws(ImageError) {
            image = try ImageCodec.decodeRGB(bytes)
        } catch {
            damage = error.description
        }
        let digest = SHA256Digest.hex(bytes)
        return Inspection(
            text: lines(of: header, byteCount: bytes.count, digest: digest, isDecodable: damage == nil),
            members: [
                JSONMember("bytes", .integer(Int64(bytes.count))), JSONMember("sha256", .string(digest)),
                JSONMember("format", .string(header.format.name)), JSONMember("width", .integer(Int64(header.width))),
                JSONMember("height", .integer(Int64(header.height))),
                JSONMember("bit_depth", .integer(Int64(header.bitDepth))),
                JSONMember("colour", .string(header.colour.rawValue)),
                JSONMember("exif_orientation", .integer(Int64(header.exifOrientation))),
                JSONMember("is_truncated", .bool(header.isTruncated)),
                JSONMember("is_animated", .bool(header.isAnimated)), JSONMember("is_decodable", .bool(damage == nil)),
            ],
            picture: request.wantsPicture ? image : nil, damage: damage)
    }

    private static func lines(
        of header: ImageHeader, byteCount: Int, digest: String, isDecodable: Bool
    ) -> String {
        let orientation =
            header.exifOrientation == 1
            ? "1 (as stored)"
            : "\(header.exifOrientation) (pixels are stored turned or mirrored; labels may be in either frame)"
        let state =
            header.isTruncated
            ? "truncated: the end marker is missing" : isDecodable ? "complete, decodes" : "damaged, does not decode"
        return [
            "image:        \(header.format.name), \(ByteSize(bytes: byteCount))",
            "size:         \(header.width) x \(header.height) pixels (width x height)",
            "samples:      \(header.bitDepth) bits, \(header.colour.rawValue)"
                + (header.isAnimated ? ", animated" : ""),
            "orientation:  EXIF \(orientation)", "state:        \(state)", "sha256:       \(digest)",
        ].joined(separator: "\n")
    }
}
