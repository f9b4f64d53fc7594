import Foundation
import Images
import Runtime
import TestSupport
import Testing

/// Label TIFFs that libtiff and tifffile wrote (Tests/Fixtures/Images/tiff/make-fixtures.py), and our own.
@Suite struct TIFFTests {
    static let folder = Repository.fixture("Images/tiff")
    static let files = (try? FileSystem.list(folder))?.filter { $0.hasSuffix(".tif") } ?? []

    static func bytes(_ name: String) throws -> [UInt8] { try FileSystem.read(folder + "/" + name) }

    /// Samples a pixel, after the name.
    static func channels(of name: String) -> Int {
        if name.hasPrefix("alpha-rgb") || name.hasPrefix("cmyk") { return 4 }
        if name.hasPrefix("alpha-gray") { return 2 }
        return name.contains("rgb") || name.hasPrefix("planar") ? 3 : 1
    }

    /// What the script put in, for the number at the end of the name.
    static func expected(_ image: LabelImage, modulus: Int) -> [UInt16] {
        (0..<image.height).flatMap { row in
            (0..<image.width).flatMap { column in
                (0..<image.channels).map { UInt16((31 * row + 7 * column + 50 * $0) % modulus) }
            }
        }
    }

    @Test(arguments: files.filter { !$0.hasPrefix("refused") && !$0.hasPrefix("lzw-full") && !$0.hasPrefix("white") })
    func everyKindIsRead(name: String) throws {
        let image = try ImageCodec.decodeLabels(Self.bytes(name))
        let modulus = try #require(Int(name.dropLast(4).split(separator: "-").last ?? ""))
        #expect(image.height == 23 && image.width == 17)
        #expect(image.values == Self.expected(image, modulus: modulus))
        #expect(image.channels == Self.channels(of: name))
        if name.hasPrefix("palette") { #expect(image.palette?[1] == [255, 0, 0] && image.palette?[4] == [9, 8, 7]) }
    }

    @Test func thereAreFixtures() { #expect(Self.files.count >= 20) }

    /// 0 is white there, as Pillow has it too.
    @Test func whiteIsTurned() throws {
        let image = try ImageCodec.decodeLabels(Self.bytes("white-u8-251.tif"))
        #expect(image.values == Self.expected(image, modulus: 251).map { 255 - $0 })
    }

    @Test func fullTablesAreCleared() throws {
        let image = try ImageCodec.decodeLabels(Self.bytes("lzw-full-table.tif"))
        let expected = (0..<200 * 160).map { UInt16((UInt64($0) * 2_654_435_761 % 4_294_967_296) >> 24) }
        let isSame = image.values == expected
        #expect(isSame)
    }

    @Test(arguments: files.filter { $0.hasPrefix("refused") })
    func othersAreRefused(name: String) throws {
        let bytes = try Self.bytes(name)
        #expect { try ImageCodec.decodeLabels(bytes) } throws: { ($0 as? ImageError)?.code == .unsupported }
    }

    @Test(arguments: [8, 16])
    func ownFilesComeBack(bitDepth: Int) throws {
        let values = (0..<31 * 9).map { UInt16($0 * 977 % (1 << bitDepth)) }
        let bytes = TIFFWriter.encode(values, height: 31, width: 9, bitDepth: bitDepth)
        let image = try ImageCodec.decodeLabels(bytes)
        #expect(image == LabelImage(height: 31, width: 9, bitDepth: bitDepth, channels: 1, values: values))
    }

    /// Changed and cut files are read or refused; the header cannot ask for more memory than the bytes may hold.
    @Test(arguments: files)
    func mutationsAreReadOrRefused(name: String) throws {
        let original = try Self.bytes(name)
        for round in 0..<400 {
            var random = CounterRandom(seed: UInt64(round), purpose: RandomPurpose("tiff"))
            var bytes = original
            if round % 4 == 0 {
                bytes.removeLast(1 + random.index(below: bytes.count))
            } else {
                for _ in 0...round % 3 { bytes[random.index(below: bytes.count)] = UInt8(random.index(below: 256)) }
            }
            do {
                _ = try ImageCodec.decodeLabels(bytes)
            } catch {
                #expect(error.kind == .badInput, "\(name) round \(round): \(error)")
            }
        }
    }

    /// tifffile, which is no relative of libtiff, reads what we write.
    @Test(.enabled(if: PeerPython.path != nil, "needs SAMDATA_PEER_PYTHON"))
    func peersReadOurs() throws {
        let directory = try TemporaryDirectory()
        let values = (0..<31 * 9).map { UInt16($0 * 977 % 65536) }
        try AtomicFileWriter.write(
            TIFFWriter.encode(values, height: 31, width: 9, bitDepth: 16), to: directory.file("a.tif"))
        let script = """
            import sys, numpy, tifffile
            from PIL import Image
            for a in (tifffile.imread(sys.argv[1]), numpy.array(Image.open(sys.argv[1]))):
                assert a.shape == (31, 9) and a.dtype == numpy.uint16
                assert (a.reshape(-1) == numpy.arange(31 * 9) * 977 % 65536).all()
            print("same")
            """
        let result = try PeerPython.run(["-c", script, directory.file("a.tif")])
        #expect(result.status == 0 && result.output == "same\n")
    }
}
