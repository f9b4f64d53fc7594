import Foundation
import Images
import Runtime
import TestSupport
import Testing

@Suite struct ResizeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let height: Int
        let width: Int
        let newHeight: Int
        let newWidth: Int
        let digest: String
        var testDescription: String { "\(height)x\(width) to \(newHeight)x\(newWidth)" }
    }

    static let cases: [Case] = {
        let text = (try? String(contentsOfFile: Repository.fixture("Images/resize.tsv"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let cells = line.split(separator: "\t").map(String.init)
            let sizes = cells.prefix(4).compactMap(Int.init)
            return Case(
                height: sizes[0], width: sizes[1], newHeight: sizes[2], newWidth: sizes[3], digest: cells[4])
        }
    }()

    /// The pseudo-random picture that the fixture's script resizes.
    static func picture(height: Int, width: Int) -> RGBImage {
        var state: UInt32 = 1
        return RGBImage(
            height: height, width: width,
            pixels: (0..<height * width * 3).map { _ in
                state = (state &* 1_103_515_245 &+ 12345) & 0x7FFF_FFFF
                return UInt8(truncatingIfNeeded: state >> 16)
            })
    }

    @Test func fixtureIsRead() { #expect(Self.cases.count >= 20) }

    @Test(arguments: cases)
    func equalsPillow(item: Case) {
        let resized = Self.picture(height: item.height, width: item.width)
            .resized(width: item.newWidth, height: item.newHeight)
        #expect(resized.height == item.newHeight && resized.width == item.newWidth)
        #expect(SHA256Digest.hex(resized.pixels) == item.digest)
    }

    @Test func doesNotDependOnWorkers() {
        let picture = Self.picture(height: 301, width: 203)
        for size in [(width: 700, height: 900), (width: 90, height: 77)] {
            let results = atEveryWorkerCount { picture.resized(width: size.width, height: size.height) }
            #expect(results.allSatisfy { $0 == results[0] })
        }
    }

    @Test func flatStaysFlat() {
        let flat = RGBImage(height: 20, width: 3000, filling: RGBColour(255, 0, 128))
        #expect(flat.resized(width: 1, height: 7) == RGBImage(height: 7, width: 1, filling: RGBColour(255, 0, 128)))
    }
}
