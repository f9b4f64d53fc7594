import Foundation
import Images
import Runtime
import TestSupport
import Testing

/// Every PNG and JPEG of the corpora, against what Pillow makes of it.
@Suite(.enabled(if: Repository.sharedData("pngsuite") != nil, "needs ../shared/data"))
struct PillowCorpusTests {
    struct Expectation: Sendable, CustomTestStringConvertible {
        let path: String
        let isDecoded: Bool
        let width: Int
        let height: Int
        let digest: String
        var testDescription: String { path }
    }

    static let expectations: [Expectation] = {
        let text = (try? String(contentsOfFile: Repository.fixture("Images/pillow_rgb.tsv"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return Expectation(
                path: cells[0], isDecoded: cells[1] == "OK", width: Int(cells[3]) ?? 0, height: Int(cells[4]) ?? 0,
                digest: cells[5])
        }
    }()

    /// Where we differ, on purpose; everything else agrees to the byte.
    static let deviations: [String: String] = [
        // libpng takes a wrong checksum of pixel data for what it is; Pillow lets it pass.
        "image-png-tests/bugfixes/x_interlaced_chck.png": "image.corrupt",
        "pngsuite/png/xcsn0g01.png": "image.corrupt",
        // A colour profile with a wrong checksum makes Pillow give up; stored values do not depend on it.
        "image-png-tests/bugfixes/issue#430.png": "decoded",
        // Fuzzed sizes: more pixels than the bytes can hold, nearly all of which Pillow invents.
        "jpeg-decoder-tests/crashtest/images/imagetestsuite/8e5e74dbf9b68a322fbb9512db837329.jpg": "image.too-large",
        "jpeg-fuzz-seeds/afl-testcases/jpeg/full/images/id:005238,src:000957,op:ext_AO,pos:164.jpg": "image.too-large",
        // Progressive scans are missing; libjpeg-turbo 2.1 and 3.2 fill in one block 2 levels apart.
        "jpeg-decoder-tests/crashtest/images/imagetestsuite/f6b4389c3cf0f5997b2e5a4b905aea8d.jpg": "decoded",
    ]

    @Test func tableIsLarge() { #expect(Self.expectations.count >= 500) }

    @Test(arguments: expectations)
    func decodesAsPillow(expectation: Expectation) throws {
        let path = try #require(Repository.sharedData(expectation.path))
        let bytes = try FileSystem.read(path)
        let outcome: String
        do throws(ImageError) {
            let image = try ImageCodec.decodeRGB(bytes)
            if let deviation = Self.deviations[expectation.path] {
                #expect(deviation == "decoded")
                return
            }
            #expect(image.width == expectation.width && image.height == expectation.height)
            outcome = SHA256Digest.hex(image.pixels)
        } catch {
            outcome = error.codeName
        }
        if let deviation = Self.deviations[expectation.path] {
            #expect(outcome == deviation)
        } else if expectation.isDecoded {
            #expect(outcome == expectation.digest)
        } else {
            #expect(outcome.hasPrefix("image."), "Pillow refuses this file")
        }
    }

    /// What the header says holds for the decoded image, and a file that lacks its end is not decoded.
    @Test(arguments: expectations)
    func headerAgreesWithPixels(expectation: Expectation) throws {
        let path = try #require(Repository.sharedData(expectation.path))
        let bytes = try FileSystem.read(path)
        guard let image = try? ImageCodec.decodeRGB(bytes) else { return }
        let header = try ImageCodec.probe(bytes)
        #expect(header.width == image.width && header.height == image.height)
        #expect(!header.isTruncated)
    }
}
