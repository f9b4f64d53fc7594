import Foundation
import Images
import Runtime
import TestSupport
import Testing

/// Damaged files: whatever happens to the bytes, reading ends with an image or an `ImageError`.
@Suite struct ImageMutationTests {
    /// Reads the bytes in every way there is and checks what must hold of whatever comes out.
    static func readEverything(_ bytes: [UInt8], _ name: String) {
        var header: ImageHeader?
        do throws(ImageError) { header = try ImageCodec.probe(bytes) } catch { #expect(!error.message.isEmpty) }
        do throws(ImageError) {
            let image = try ImageCodec.decodeRGB(bytes, applyOrientation: true)
            // What decodes has a readable header, and a size in proportion to its bytes.
            #expect(header != nil, "\(name)")
            #expect(image.pixels.count <= 3 * (8 * 1032 + 64) * bytes.count, "\(name)")
        } catch { #expect(!error.message.isEmpty) }
        do throws(ImageError) {
            let labels = try ImageCodec.decodeLabels(bytes)
            #expect(labels.values.allSatisfy { Int($0) < 1 << labels.bitDepth }, "\(name)")
        } catch { #expect(!error.message.isEmpty) }
    }

    /// One of several kinds of damage, drawn from the generator.
    static func mutate(_ original: [UInt8], _ random: inout CounterRandom) -> [UInt8] {
        var bytes = original
        guard !bytes.isEmpty else { return bytes }
        switch random.index(below: 6) {
        case 0:
            bytes.removeLast(random.index(below: bytes.count))
        case 1:
            // Headers are where sizes and lengths stand.
            let reach = min(bytes.count, 64)
            for _ in 0..<3 { bytes[random.index(below: reach)] = UInt8(truncatingIfNeeded: random.next()) }
        case 2:
            let start = random.index(below: bytes.count)
            let end = min(bytes.count, start + 1 + random.index(below: 200))
            bytes.insert(contentsOf: bytes[start..<end], at: random.index(below: bytes.count))
        case 3:
            let start = random.index(below: bytes.count)
            bytes.removeSubrange(start..<min(bytes.count, start + 1 + random.index(below: 200)))
        case 4:
            for _ in 0..<2 {
                bytes[random.index(below: bytes.count)] = [0, 0x7F, 0x80, 0xFF][random.index(below: 4)]
            }
        default:
            for _ in 0..<1 + random.index(below: 8) {
                bytes[random.index(below: bytes.count)] ^= 1 << UInt8(random.index(below: 8))
            }
        }
        if random.index(below: 2) == 0, bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
            PNGSurgery.repairChecksums(&bytes)
        }
        return bytes
    }

    static func mutateAndRead(_ paths: [String], rounds: Int) throws {
        _ = try Workers.map(paths.count) { index in
            let original = try FileSystem.read(paths[index])
            readEverything(original, paths[index])
            // Large files take long and hold nothing that small ones do not.
            guard original.count < 60_000 else { return }
            for round in 0..<rounds {
                var random = CounterRandom(
                    seed: 11, epoch: UInt64(round), sample: UInt64(index), purpose: RandomPurpose("image mutation"))
                readEverything(mutate(original, &random), "\(paths[index]), round \(round)")
            }
        }
    }

    @Test func fixtures() throws {
        let folder = Repository.fixture("Images/decode")
        let paths = try FileSystem.list(folder).map { FileSystem.join(folder, $0) }
        #expect(paths.count >= 54)
        try Self.mutateAndRead(paths, rounds: 60)
    }

    @Test(
        .enabled(if: Repository.sharedData("pngsuite") != nil, "needs ../shared/data"),
        arguments: [
            "pngsuite", "image-png-tests", "image-rs-tests", "pillow-images", "jpeg-decoder-tests", "jpeg-fuzz-seeds",
            "exif-orientation", "stardist-16bit",
        ])
    func corpora(name: String) throws {
        let root = try #require(Repository.sharedData(name))
        let walker = try #require(FileManager.default.enumerator(atPath: root))
        let paths = walker.compactMap { $0 as? String }.map { FileSystem.join(root, $0) }
            .filter { !FileSystem.isDirectory($0) }.sorted()
        #expect(!paths.isEmpty)
        try Self.mutateAndRead(paths, rounds: 6)
    }
}
