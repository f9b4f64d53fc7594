import Masks
import Testing

@Suite struct BitmapMorphologyTests {
    @Test(arguments: 0..<60, [1, 2, 5])
    func erosionMatchesSquares(index: Int, iterations: Int) {
        let bitmap = ReferenceMask.random(index)
        let eroded = bitmap.eroded(iterations: iterations)
        #expect(eroded == Self.erodedSlowly(bitmap, iterations: iterations))
        let boundary = bitmap.boundary(thickness: iterations)
        #expect(boundary == ReferenceMask.combined(bitmap, eroded) { $0 && !$1 })
        #expect(boundary.union(eroded) == bitmap)
    }

    @Test func noErosionIsTheMask() {
        let bitmap = ReferenceMask.random(5)
        #expect(bitmap.eroded(iterations: 0) == bitmap)
    }

    @Test(arguments: 0..<30)
    func edgePixelsHaveABackgroundNeighbour(index: Int) {
        let bitmap = ReferenceMask.random(index)
        var expected = Bitmap(height: bitmap.height, width: bitmap.width)
        for row in 0..<bitmap.height {
            for column in 0..<bitmap.width where bitmap[row, column] {
                let neighbours = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
                expected[row, column] = neighbours.contains { !Self.isForeground(bitmap, $0, $1) }
            }
        }
        #expect(bitmap.edge() == expected)
    }

    static func isForeground(_ bitmap: Bitmap, _ row: Int, _ column: Int) -> Bool {
        row >= 0 && row < bitmap.height && column >= 0 && column < bitmap.width && bitmap[row, column]
    }

    /// Erosion by a 3 x 3 square, as often as asked.
    static func erodedSlowly(_ bitmap: Bitmap, iterations: Int) -> Bitmap {
        var result = bitmap
        for _ in 0..<iterations {
            let before = result
            for row in 0..<bitmap.height {
                for column in 0..<bitmap.width {
                    result[row, column] = (-1...1).allSatisfy { dy in
                        (-1...1).allSatisfy { dx in isForeground(before, row + dy, column + dx) }
                    }
                }
            }
        }
        return result
    }
}
