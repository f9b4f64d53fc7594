import Images
import Runtime
import TestSupport
import Testing

/// Files that ask for more than they hold.
@Suite struct HostileImageTests {
    static func fixture(_ name: String) throws -> [UInt8] {
        try FileSystem.read(Repository.fixture("Images/decode/" + name))
    }

    static func code(_ bytes: [UInt8]) -> String? {
        do throws(ImageError) {
            _ = try ImageCodec.decodeRGB(bytes)
            return nil
        } catch {
            return error.codeName
        }
    }

    @Test(arguments: [(60_000, 60_000), (0x7FFF_FFFF, 0x7FFF_FFFF), (0x7FFF_FFFF, 1), (16_000, 16_000)])
    func pngOfManyPixels(width: Int, height: Int) throws {
        var bytes = try Self.fixture("gray-1.png")
        PNGSurgery.setSize(&bytes, width: width, height: height)
        #expect(Self.code(bytes) == "image.too-large")
        let error = #expect(throws: ImageError.self) { try ImageCodec.decodeLabels(bytes) }
        #expect(error?.codeName == "image.too-large")
        #expect(try ImageCodec.probe(bytes).width == width)
    }

    @Test(arguments: ["rgb-420.jpg", "progressive.jpg", "cmyk.jpg"], [(65_500, 65_500), (65_500, 1), (1, 65_500)])
    func jpegOfManyPixels(name: String, size: (width: Int, height: Int)) throws {
        var bytes = try Self.fixture(name)
        let frame = try #require(
            bytes.indices.dropLast(9).first { bytes[$0] == 0xFF && [0xC0, 0xC2].contains(bytes[$0 + 1]) })
        bytes.replaceSubrange(
            frame + 5..<frame + 9,
            with: [UInt8(size.height >> 8), UInt8(size.height & 255), UInt8(size.width >> 8), UInt8(size.width & 255)])
        // A line of pixels is one row of blocks and may fit; what counts is that it is cheap and no crash.
        let code = Self.code(bytes)
        if size.width > 1 && size.height > 1 { #expect(code == "image.too-large") }
        #expect(try ImageCodec.probe(bytes).height == size.height)
    }

    /// A thousand scans over the same coefficients: time without bytes.
    @Test func jpegOfManyScans() throws {
        let bytes = try Self.fixture("gray-progressive.jpg")
        let scans = bytes.indices.dropLast().filter { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA }
        let last = try #require(scans.last)
        let body = Array(bytes[last..<bytes.count - 2])
        #expect(Self.code(bytes) == nil)
        #expect(
            Self.code(Array(bytes[..<last]) + Array(repeating: body, count: 20).flatMap(\.self) + [0xFF, 0xD9]) == nil)
        let bomb = Array(bytes[..<last]) + Array(repeating: body, count: 1000).flatMap(\.self) + [0xFF, 0xD9]
        #expect(Self.code(bomb) == "image.too-large")
        #expect(try !ImageCodec.probe(bomb).isTruncated)
    }

    /// A segment length of 0 or 1 must not make the probe go round in circles.
    @Test func jpegOfEmptySegments() throws {
        let bytes: [UInt8] = [0xFF, 0xD8] + Array(repeating: [0xFF, 0xE1, 0, 0], count: 500).flatMap(\.self)
        #expect(throws: ImageError.self) { try ImageCodec.probe(bytes) }
        #expect(throws: ImageError.self) { try ImageCodec.decodeRGB(bytes) }
    }

    /// EXIF that points outside, at itself, or holds thousands of entries.
    @Test func exifPointsAnywhere() throws {
        let head: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE1]
        let rest = Array(try Self.fixture("gray.jpg").dropFirst(2))
        func orientation(_ tiff: [UInt8]) throws -> Int {
            let segment = Array("Exif\0\0".utf8) + tiff
            let count = segment.count + 2
            return try ImageCodec.probe(head + [UInt8(count >> 8), UInt8(count & 255)] + segment + rest).exifOrientation
        }
        let entry: [UInt8] = [0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]
        #expect(try orientation([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0] + entry) == 6)
        #expect(try orientation([0x49, 0x49, 42, 0, 8, 0, 0, 0, 0xFF, 0xFF] + entry) == 6)
        #expect(try orientation([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0] + entry.prefix(9)) == 1)
        #expect(try orientation([0x49, 0x49, 42, 0, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0] + entry) == 1)
        #expect(try orientation([0x49, 0x49, 42, 0, 0, 0, 0, 0]) == 1)
        #expect(try orientation([0x49, 0x49, 43, 0, 8, 0, 0, 0, 1, 0] + entry) == 1)
        #expect(try orientation([0x49]) == 1)
        var wrong = entry
        wrong[8] = 9
        #expect(try orientation([0x49, 0x49, 42, 0, 8, 0, 0, 0, 1, 0] + wrong) == 1)
    }

    /// A PNG without its end is refused although all pixels are there, and so is one with damaged pixels.
    @Test func pngEndAndChecksums() throws {
        let bytes = try Self.fixture("rgb-8.png")
        #expect(Self.code(Array(bytes.dropLast(12))) == "image.truncated")
        #expect(try ImageCodec.probe(Array(bytes.dropLast(12))).isTruncated)
        var damaged = bytes
        damaged[bytes.count - 20] ^= 1
        #expect(Self.code(damaged) == "image.corrupt")
        #expect(Self.code(bytes + Array("trailing".utf8)) == nil)
    }

    @Test func jpegEnd() throws {
        let bytes = try Self.fixture("rgb-420.jpg")
        #expect(Self.code(Array(bytes.dropLast(2))) == "image.truncated")
        #expect(Self.code(bytes + Array("trailing".utf8)) == nil)
        #expect(Self.code(Array(bytes.dropLast(bytes.count / 3))) == "image.truncated")
    }
}
