import Masks
import Testing

@Suite struct ContourTracerTests {
    @Test func onePixelIsASquare() {
        var bitmap = Bitmap(height: 4, width: 5)
        bitmap[2, 3] = true
        #expect(bitmap.contourPolygons() == [[3, 2, 4, 2, 4, 3, 3, 3]])
    }

    @Test func cornersAreKeptApart() {
        let bitmap = Bitmap(height: 2, width: 2, pixels: [1, 0, 0, 1])
        #expect(bitmap.contourPolygons() == [[0, 0, 1, 0, 1, 1, 0, 1], [1, 1, 2, 1, 2, 2, 1, 2]])
    }

    @Test func emptyMaskHasNoContour() {
        #expect(Bitmap(height: 3, width: 3).contourPolygons().isEmpty)
    }

    /// The COCO rasteriser turns the contours back into the mask, its holes filled.
    @Test(arguments: 0..<120)
    func contoursReproduceTheMask(index: Int) throws {
        let bitmap = ReferenceMask.random(index)
        let polygons = bitmap.contourPolygons()
        let filled = Self.withHolesFilled(bitmap)
        let drawn = try RLE(height: bitmap.height, width: bitmap.width, polygons: polygons)
        #expect(drawn.bitmap() == filled)
        #expect(polygons.count <= bitmap.connectedComponents(eightConnected: false).count)
        for ring in polygons {
            #expect(PolygonGeometry.signedArea(ring) > 0)
            #expect(PolygonGeometry.spikes(ring).isEmpty)
            #expect(SelfIntersection.find(ring) == .none)
            // No three corners in line: axes alternate all the way round.
            #expect(PolygonGeometry.corners(ring).count == ring.count / 2 && (ring.count / 2).isMultiple(of: 2))
        }
    }

    /// Background that 8-connected paths join with the outside stays background; all else is filled.
    static func withHolesFilled(_ bitmap: Bitmap) -> Bitmap {
        let (height, width) = (bitmap.height + 2, bitmap.width + 2)
        var background = Bitmap(height: height, width: width)
        for row in 0..<height {
            for column in 0..<width {
                background[row, column] = !BitmapMorphologyTests.isForeground(bitmap, row - 1, column - 1)
            }
        }
        let labels = BitmapComponentsTests.floodFill(background, eightConnected: true)
        return ReferenceMask.remapped(bitmap, height: bitmap.height, width: bitmap.width) { ($0, $1) }
            .union(
                Bitmap(
                    height: bitmap.height, width: bitmap.width,
                    pixels: (0..<bitmap.height * bitmap.width).map { index in
                        let label = labels[(index / bitmap.width + 1) * width + index % bitmap.width + 1]
                        return label > 1 ? 1 : 0
                    }))
    }
}
