import Masks
import Runtime
import Testing
import Training

@Suite struct MaskCoverageTests {
    private func mask(height: Int, width: Int, seed: UInt64) -> Bitmap {
        var random = CounterRandom(seed: seed, purpose: RandomPurpose("coverage"))
        let pixels = (0..<height * width).map { _ in UInt8(random.uniform() < 0.4 ? 1 : 0) }
        return Bitmap(height: height, width: width, pixels: pixels)
    }

    /// Each pixel cut into 12 x 12 parts, counted into cells: exact for cells whose edges lie on those parts.
    private func counted(_ bitmap: Bitmap, height: Int, width: Int, cell: (height: Double, width: Double)) -> [Float] {
        let parts = 12
        var sums = [Double](repeating: 0, count: height * width)
        for y in 0..<bitmap.height * parts {
            for x in 0..<bitmap.width * parts where bitmap[y / parts, x / parts] {
                let row = Int((Double(y) + 0.5) / Double(parts) / cell.height)
                let column = Int((Double(x) + 0.5) / Double(parts) / cell.width)
                if row < height && column < width { sums[row * width + column] += 1 }
            }
        }
        let whole = cell.height * cell.width * Double(parts * parts)
        return sums.map { Float($0 / whole) }
    }

    @Test func aGridOfTheSameSizeIsTheMask() {
        let bitmap = mask(height: 7, width: 11, seed: 1)
        let coverage = MaskCoverage(of: RLE(bitmap), height: 7, width: 11, cellHeight: 1, cellWidth: 1)
        #expect(coverage.values == bitmap.pixels.map(Float.init))
    }

    @Test(arguments: [(2.0, 2.0), (0.5, 0.25), (1.5, 0.75), (1.25, 3.0)])
    func cellsHoldTheShareThatTheMaskCovers(cellHeight: Double, cellWidth: Double) {
        let bitmap = mask(height: 9, width: 12, seed: 2)
        let coverage = MaskCoverage(
            of: RLE(bitmap), height: 10, width: 20, cellHeight: cellHeight, cellWidth: cellWidth)
        let expected = counted(bitmap, height: 10, width: 20, cell: (cellHeight, cellWidth))
        for (value, reference) in zip(coverage.values, expected) { #expect(abs(value - reference) < 1e-5) }
    }

    /// The area survives when the grid covers the whole image.
    @Test func theAreaIsKept() {
        let bitmap = mask(height: 31, width: 17, seed: 3)
        let coverage = MaskCoverage(
            of: RLE(bitmap), height: 8, width: 8, cellHeight: 31.0 / 8, cellWidth: 17.0 / 8)
        let area = coverage.values.reduce(0) { $0 + Double($1) } * 31 / 8 * 17 / 8
        #expect(abs(area - Double(bitmap.area)) < 1e-3)
    }

    @Test func anEmptyMaskCoversNothing() {
        let coverage = MaskCoverage(
            of: RLE(Bitmap(height: 4, width: 4)), height: 3, width: 3, cellHeight: 2, cellWidth: 2)
        #expect(coverage.values == [Float](repeating: 0, count: 9))
    }
}
