import Masks
import Testing

@Suite struct BitmapComponentsTests {
    @Test func cornersJoinOnlyWhereWanted() {
        let bitmap = Bitmap(height: 2, width: 2, pixels: [1, 0, 0, 1])
        #expect(bitmap.connectedComponents(eightConnected: false).labels == [1, 0, 0, 2])
        let joined = bitmap.connectedComponents(eightConnected: true)
        #expect(joined.labels == [1, 0, 0, 1])
        #expect(joined.areas == [2])
    }

    @Test func emptyMaskHasNoPart() {
        let parts = Bitmap(height: 3, width: 4).connectedComponents(eightConnected: true)
        #expect(parts.count == 0 && parts.largest == nil && parts.labels == [Int32](repeating: 0, count: 12))
    }

    @Test(arguments: 0..<60, [false, true])
    func labelsMatchFloodFill(index: Int, eightConnected: Bool) {
        let bitmap = ReferenceMask.random(index, maximumSide: 25)
        let parts = bitmap.connectedComponents(eightConnected: eightConnected)
        let expected = Self.floodFill(bitmap, eightConnected: eightConnected)
        #expect(parts.labels == expected)
        #expect(parts.areas == (0..<parts.count).map { label in expected.count { $0 == Int32(label + 1) } })
        if let largest = parts.largest {
            #expect(parts.mask(of: largest).area == parts.areas.max())
        }
    }

    /// Labels by flooding from each unlabelled pixel in reading order.
    static func floodFill(_ bitmap: Bitmap, eightConnected: Bool) -> [Int32] {
        let (height, width) = (bitmap.height, bitmap.width)
        var labels = [Int32](repeating: 0, count: height * width)
        var next: Int32 = 0
        for start in 0..<height * width where bitmap.pixels[start] != 0 && labels[start] == 0 {
            next += 1
            labels[start] = next
            var stack = [start]
            while let pixel = stack.popLast() {
                let (row, column) = (pixel / width, pixel % width)
                for dy in -1...1 {
                    for dx in -1...1 where eightConnected || abs(dx) + abs(dy) == 1 {
                        let (y, x) = (row + dy, column + dx)
                        guard y >= 0, y < height, x >= 0, x < width else { continue }
                        let neighbour = y * width + x
                        if bitmap.pixels[neighbour] != 0 && labels[neighbour] == 0 {
                            labels[neighbour] = next
                            stack.append(neighbour)
                        }
                    }
                }
            }
        }
        return labels
    }
}
