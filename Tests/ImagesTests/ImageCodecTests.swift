import Images
import Runtime
import TestSupport
import Testing

@Suite struct ImageCodecTests {
    /// A picture with no regularity that an encoder could get right by accident.
    static func noise(height: Int, width: Int) -> RGBImage {
        var random = CounterRandom(seed: 1, purpose: RandomPurpose("noise"))
        return RGBImage(
            height: height, width: width,
            pixels: (0..<height * width * 3).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    }

    @Test(arguments: [(1, 1), (1, 7), (5, 1), (13, 31)])
    func pngKeepsEveryPixel(height: Int, width: Int) throws {
        let image = Self.noise(height: height, width: width)
        let bytes = try ImageCodec.encodePNG(image)
        #expect(try ImageCodec.decodeRGB(bytes) == image)
        #expect(try ImageCodec.encodePNG(image) == bytes)
        let header = try ImageCodec.probe(bytes)
        #expect(header.format == .png && header.width == width && header.height == height)
        #expect(header.bitDepth == 8 && header.colour == .rgb && !header.isTruncated && header.exifOrientation == 1)
    }

    @Test func grayPNGKeepsValues() throws {
        let bits: [UInt8] = [0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1]
        let one = try ImageCodec.decodeLabels(ImageCodec.encodePNG(gray: bits, width: 9, height: 2, bitDepth: 1))
        #expect(one.values == bits.map { UInt16($0) } && one.bitDepth == 1 && one.channels == 1)
        let bytes: [UInt8] = [0, 1, 50, 128, 200, 255]
        let eight = try ImageCodec.decodeLabels(ImageCodec.encodePNG(gray: bytes, width: 2, height: 3))
        #expect(eight.values == bytes.map { UInt16($0) } && eight.bitDepth == 8 && eight.palette == nil)
        let words: [UInt16] = [0, 1, 300, 1000, 40000, 65535]
        let sixteen = try ImageCodec.decodeLabels(ImageCodec.encodePNG(gray16: words, width: 3, height: 2))
        #expect(sixteen.values == words && sixteen.bitDepth == 16 && sixteen.width == 3 && sixteen.height == 2)
    }

    @Test func jpegComesBackAlmostEqual() throws {
        var image = RGBImage(height: 24, width: 40, filling: RGBColour(200, 60, 30))
        for row in 0..<24 {
            for column in 20..<40 { image[row, column] = RGBColour(20, 90, UInt8(column * 6)) }
        }
        let bytes = try ImageCodec.encodeJPEG(image, quality: 95)
        let back = try ImageCodec.decodeRGB(bytes)
        let worst = zip(image.pixels, back.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 255
        #expect(worst <= 24, "worst difference \(worst)")
        #expect(try ImageCodec.probe(bytes).colour == .rgb)
    }

    @Test func labelsAreNotReadFromJPEG() throws {
        let bytes = try ImageCodec.encodeJPEG(Self.noise(height: 8, width: 8))
        #expect(throws: ImageError.self) { try ImageCodec.decodeLabels(bytes) }
    }

    @Test func whatIsNoImageIsNamed() throws {
        for (bytes, code) in [
            ([], "image.truncated"), (Array("GIF89a".utf8), "image.format"), ([0x89, 0x50], "image.format"),
        ] as [([UInt8], String)] {
            for call in [
                { _ = try ImageCodec.probe(bytes) }, { _ = try ImageCodec.decodeRGB(bytes) },
                { _ = try ImageCodec.decodeLabels(bytes) },
            ] {
                let error = #expect(throws: ImageError.self) { try call() }
                #expect(error?.codeName == code)
            }
        }
    }

    /// Cut anywhere, a file is refused, and the header says why.
    @Test func everyCutIsTruncation() throws {
        let image = Self.noise(height: 9, width: 11)
        for bytes in [try ImageCodec.encodePNG(image), try ImageCodec.encodeJPEG(image)] {
            for length in stride(from: 8, to: bytes.count - 1, by: 3) {
                let cut = Array(bytes[..<length])
                let error = #expect(throws: ImageError.self) { try ImageCodec.decodeRGB(cut) }
                #expect(error?.codeName == "image.truncated", "\(length) of \(bytes.count) bytes")
                do throws(ImageError) {
                    #expect(try ImageCodec.probe(cut).isTruncated)
                } catch {
                    #expect(error.codeName == "image.truncated")
                }
            }
        }
    }
}
