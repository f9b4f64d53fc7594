import Foundation
import Images
import Runtime
import TestSupport
import Testing

/// TIFFs as images: what the script of ``TIFFTests`` wrote, as headers, pixels and PNG.
@Suite struct TIFFImageTests {
    /// Files that are images: all that are read but numbers of 32 bits and what is no RGB.
    private static let files = TIFFTests.files.filter { name in
        !["refused", "wide", "cmyk", "lzw-full"].contains { name.hasPrefix($0) }
    }

    /// The level of 8 bits that a sample stands for.
    private static func levels(of name: String, _ image: LabelImage) throws -> [UInt8] {
        let modulus = try #require(Int(name.dropLast(4).split(separator: "-").last ?? ""))
        let palette: [[UInt8]] = [[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 8, 7]]
        let stored = TIFFTests.expected(image, modulus: modulus)
        let channels = image.channels
        return (0..<image.height * image.width).flatMap { pixel -> [UInt8] in
            if name.hasPrefix("palette") { return palette[Int(stored[pixel])] }
            let samples = stored[pixel * channels..<(pixel + 1) * channels].map { value -> UInt8 in
                if modulus == 2 { return value == 0 ? 0 : 255 }
                let level = UInt8(modulus > 256 ? value >> 8 : value)
                return name.hasPrefix("white") ? 255 - level : level
            }
            return channels >= 3 ? Array(samples[..<3]) : [samples[0], samples[0], samples[0]]
        }
    }

    @Test(arguments: files) func headersAndPixels(name: String) throws {
        let bytes = try TIFFTests.bytes(name)
        let header = try ImageCodec.probe(bytes)
        #expect(header.format == .tiff && header.width == 17 && header.height == 23 && !header.isTruncated)
        #expect(header.bitDepth == (name.contains("u16") ? 16 : name.contains("u1-") ? 1 : 8))
        let colours: [Int: ImageHeader.Colour] = [1: .gray, 2: .grayAlpha, 3: .rgb, 4: .rgba]
        #expect(header.colour == (name.hasPrefix("palette") ? .palette : colours[TIFFTests.channels(of: name)]))
        #expect(header.exifOrientation == (name.hasPrefix("turned-rgb") ? 8 : name.hasPrefix("turned") ? 6 : 1))
        let expected = try Self.levels(of: name, ImageCodec.decodeLabels(bytes))
        #expect(try ImageCodec.decodeRGB(bytes).pixels == expected)
    }

    /// The PNG holds the same samples, of 16 bits too, and turned where that was asked for.
    @Test(arguments: files) func pngHoldsTheSame(name: String) throws {
        let bytes = try TIFFTests.bytes(name)
        let stored = try ImageCodec.png(ofTIFF: bytes)
        let upright = try ImageCodec.png(ofTIFF: bytes, applyOrientation: true)
        #expect(try ImageCodec.decodeRGB(stored) == ImageCodec.decodeRGB(bytes))
        #expect(try ImageCodec.decodeRGB(upright) == ImageCodec.decodeRGB(bytes, applyOrientation: true))
        let header = try ImageCodec.probe(stored)
        #expect(header.bitDepth == (name.contains("u16") ? 16 : 8))
        let isColour = TIFFTests.channels(of: name) >= 3 || name.hasPrefix("palette")
        #expect(header.colour == (isColour ? .rgb : .gray))
        guard name.contains("u16"), TIFFTests.channels(of: name) % 2 == 1 else { return }
        #expect(try ImageCodec.decodeLabels(stored).values == ImageCodec.decodeLabels(bytes).values)
    }

    @Test(arguments: ["cmyk-u8-251.tif", "wide-u32-60013.tif"] + TIFFTests.files.filter { $0.hasPrefix("refused") })
    func whatIsNoImageIsRefused(name: String) throws {
        let bytes = try TIFFTests.bytes(name)
        #expect { try ImageCodec.probe(bytes) } throws: { ($0 as? ImageError)?.code == .unsupported }
        #expect { try ImageCodec.decodeRGB(bytes) } throws: { ($0 as? ImageError)?.code == .unsupported }
    }

    /// A file whose pixels end too early says so before anything is decoded.
    @Test(arguments: files.filter { !$0.contains("big") && !$0.hasPrefix("predicted") && !$0.hasPrefix("palette") })
    func cutPixelsAreSeen(name: String) throws {
        var bytes = try TIFFTests.bytes(name)
        // Where the directory stands behind the pixels, a cut takes the directory.
        bytes.removeLast(4)
        let header = try? ImageCodec.probe(bytes)
        #expect(header?.isTruncated ?? true)
        #expect(throws: ImageError.self) { try ImageCodec.decodeRGB(bytes) }
    }

    /// Changed and cut files are read or refused, whichever way they are read.
    @Test(arguments: TIFFTests.files) func mutationsAreReadOrRefused(name: String) throws {
        let original = try TIFFTests.bytes(name)
        for round in 0..<150 {
            var random = CounterRandom(seed: UInt64(round), purpose: RandomPurpose("tiff image"))
            var bytes = original
            if round % 4 == 0 {
                bytes.removeLast(1 + random.index(below: bytes.count))
            } else {
                for _ in 0...round % 3 { bytes[random.index(below: bytes.count)] = UInt8(random.index(below: 256)) }
            }
            do throws(ImageError) {
                _ = try ImageCodec.probe(bytes)
                _ = try ImageCodec.decodeRGB(bytes)
                _ = try ImageCodec.png(ofTIFF: bytes, applyOrientation: true)
            } catch {
                #expect(error.kind == .badInput, "\(name) round \(round): \(error)")
            }
        }
    }

    /// Pillow's pixels, where Pillow reads the kind as we do.
    @Test(.enabled(if: PeerPython.path != nil, "needs SAMDATA_PEER_PYTHON"))
    func pillowSeesTheSame() throws {
        let script = """
            import hashlib, sys
            from PIL import Image
            for name in sys.argv[1:]:
                print(hashlib.sha256(Image.open(name).convert("RGB").tobytes()).hexdigest())
            """
        // Pillow turns as it reads.
        let others = ["alpha", "planar", "turned"]
        let names = Self.files.filter { name in
            !name.contains("u16") && !others.contains(where: { name.hasPrefix($0) })
        }
        let result = try PeerPython.run(["-c", script] + names.map { TIFFTests.folder + "/" + $0 })
        try #require(result.status == 0)
        let digests = result.output.split(separator: "\n").map(String.init)
        for (name, digest) in zip(names, digests) {
            #expect(try SHA256Digest.hex(ImageCodec.decodeRGB(TIFFTests.bytes(name)).pixels) == digest, "\(name)")
        }
        #expect(digests.count == names.count && names.count > 5)
    }
}
