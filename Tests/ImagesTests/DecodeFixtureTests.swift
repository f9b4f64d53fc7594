import Foundation
import Images
import Runtime
import TestSupport
import Testing

/// Small files of every kind: header, values as stored, pixels as Pillow has them.
@Suite struct DecodeFixtureTests {
    struct Entry: Sendable, CustomTestStringConvertible {
        let file: String
        let width: Int
        let height: Int
        let bitDepth: Int
        let colour: String
        let orientation: Int
        let storedDigest: String
        let rgbDigest: String
        let uprightDigest: String
        var testDescription: String { file }
        func bytes() throws -> [UInt8] { try FileSystem.read(Repository.fixture("Images/decode/" + file)) }
    }

    static let entries: [Entry] = {
        let text = (try? String(contentsOfFile: Repository.fixture("Images/decode.tsv"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            let numbers = [1, 2, 3, 5].map { Int(cells[$0]) ?? 0 }
            return Entry(
                file: cells[0], width: numbers[0], height: numbers[1], bitDepth: numbers[2], colour: cells[4],
                orientation: numbers[3], storedDigest: cells[6], rgbDigest: cells[7], uprightDigest: cells[8])
        }
    }()

    @Test func everyKindIsThere() {
        #expect(Self.entries.count >= 54)
        #expect(Set(Self.entries.map(\.colour)) == Set(ImageHeader.Colour.allCases.map(\.rawValue)))
        #expect(Set(Self.entries.map(\.orientation)) == Set(1...8))
    }

    @Test(arguments: entries)
    func headerIsRead(entry: Entry) throws {
        let header = try ImageCodec.probe(entry.bytes())
        #expect(header.format.name == (entry.file.hasSuffix(".png") ? "png" : "jpeg"))
        #expect(header.width == entry.width && header.height == entry.height && header.bitDepth == entry.bitDepth)
        #expect(header.colour.rawValue == entry.colour && header.exifOrientation == entry.orientation)
        #expect(!header.isTruncated && !header.isAnimated)
    }

    @Test(arguments: entries)
    func pixelsArePillows(entry: Entry) throws {
        let image = try ImageCodec.decodeRGB(entry.bytes())
        #expect(image.width == entry.width && image.height == entry.height)
        #expect(SHA256Digest.hex(image.pixels) == entry.rgbDigest)
    }

    /// Turned upright, pixels are those of Pillow's `exif_transpose`.
    @Test(arguments: entries)
    func orientationIsApplied(entry: Entry) throws {
        let image = try ImageCodec.decodeRGB(entry.bytes(), applyOrientation: true)
        #expect(
            (image.width, image.height)
                == (entry.orientation >= 5 ? (entry.height, entry.width) : (entry.width, entry.height)))
        #expect(SHA256Digest.hex(image.pixels) == (entry.uprightDigest.isEmpty ? entry.rgbDigest : entry.uprightDigest))
    }

    /// No gamma, no stretching, no palette look-up, no alpha: label values survive.
    @Test(arguments: entries.filter { !$0.storedDigest.isEmpty })
    func valuesAreAsStored(entry: Entry) throws {
        let labels = try ImageCodec.decodeLabels(entry.bytes())
        #expect(labels.width == entry.width && labels.height == entry.height && labels.bitDepth == entry.bitDepth)
        #expect(labels.channels == ["gray": 1, "palette": 1, "rgb": 3, "gray+alpha": 2, "rgba": 4][entry.colour])
        #expect((labels.palette != nil) == (entry.colour == "palette"))
        let bytes = labels.values.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        #expect(SHA256Digest.hex(bytes) == entry.storedDigest)
    }

    @Test func paletteIsKept() throws {
        let labels = try ImageCodec.decodeLabels(
            FileSystem.read(Repository.fixture("Images/decode/palette-short.png")))
        #expect(labels.palette?.count == 10)
        #expect(labels.palette?.allSatisfy { $0.count == 3 } == true)
    }
}
