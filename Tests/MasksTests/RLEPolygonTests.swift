import Masks
import Runtime
import Testing

@Suite struct RLEPolygonTests {
    @Test func polygonsMatchCOCO() throws {
        let cases = try MaskFixtures.load("polygons.json", as: MaskFixtures.Polygon.self)
        #expect(cases.count > 200)
        for (index, item) in cases.enumerated() {
            let mask = try RLE(height: item.h, width: item.w, polygons: item.polygons)
            #expect(mask.compressedString == item.counts, "case \(index)")
            #expect(mask.area == item.area)
            #expect(mask.boundingBox == Box(item.bbox))
        }
    }

    /// Rings of all kinds against the samples of the reference, drawn one by one: long and short edges, steep and flat ones,
    /// along the grid and outside the image, and coordinates that round to ties.
    @Test func ringsMatchTheirSamples() throws {
        var random = CounterRandom(seed: 11, purpose: RandomPurpose("random rings"))
        for index in 0..<6000 {
            let (height, width) = (1 + random.index(below: 50), 1 + random.index(below: 50))
            let reach = [4.0, 30, 60, 400][random.index(below: 4)]
            let grid = [0.0, 1, 2, 5, 10][random.index(below: 5)]
            let ring = (0..<2 * (1 + random.index(below: 12))).map { _ -> Double in
                let place = reach * (1.4 * random.uniform() - 0.2)
                return grid == 0 ? place : (place * grid).rounded() / grid
            }
            if ring.count == 4 { continue }
            let mask = try RLE(height: height, width: width, polygons: [ring])
            #expect(
                mask.bitmap() == ReferenceMask.drawn(ring, height: height, width: width),
                "case \(index): \(height) x \(width), \(ring)")
        }
    }

    /// An outline says where its mask will be, and draws the same one.
    @Test func outlinesAreMasksToBe() throws {
        for (index, item) in try MaskFixtures.load("polygons.json", as: MaskFixtures.Polygon.self).enumerated() {
            for ring in item.polygons {
                let mask = try? RLE(height: item.h, width: item.w, polygons: [ring])
                let outline = try? MaskOutline(height: item.h, width: item.w, ring: ring)
                #expect(outline?.mask() == mask, "case \(index)")
                guard let mask, let outline, let bounds = mask.bounds else { continue }
                #expect(mask.columns == bounds.columns)
                #expect(outline.columns.clamped(to: bounds.columns) == bounds.columns, "case \(index)")
                #expect(outline.rows.clamped(to: bounds.rows) == bounds.rows, "case \(index)")
            }
        }
        #expect(try RLE(height: 3, width: 4).columns == nil)
        let error = #expect(throws: MaskError.self) { try MaskOutline(height: 9, width: 9, ring: [1, 1, 5, 5]) }
        #expect(error?.code == .fourNumbers)
    }

    @Test func boxesMatchCOCO() throws {
        for item in try MaskFixtures.load("boxes.json", as: MaskFixtures.FilledBox.self) {
            let mask = try RLE(height: item.h, width: item.w, box: Box(item.box))
            #expect(mask.compressedString == item.counts, "\(item.box)")
        }
    }

    @Test(arguments: [
        [0, 0, .nan, 1, 1, 1], [0, 0, 1, 1, .infinity, 1], [0, 0, 1, 1, 1, -.infinity], [0, 0, 1e308, 1, 1, 1],
        [0, 0, 5e8, 1, 1, 1], [0, -5e8, 1, 1, 1, 1],
    ])
    func impossibleCoordinatesAreRefused(ring: [Double]) {
        let error = #expect(throws: MaskError.self) { try RLE(height: 10, width: 10, polygons: [ring]) }
        #expect(error?.code == .coordinate)
    }

    @Test func fourNumbersAreRefused() {
        let error = #expect(throws: MaskError.self) { try RLE(height: 10, width: 10, polygons: [[1, 1, 5, 5]]) }
        #expect(error?.code == .fourNumbers)
    }

    @Test func degenerateRingsHaveNoArea() throws {
        for rings in [[], [[]], [[1]], [[1, 1]], [[1, 1, 5]], [[1, 1, 5, 5, 3]], [[2, 2, 2, 2, 2, 2]]] as [[[Double]]] {
            #expect(try RLE(height: 10, width: 10, polygons: rings).isEmpty, "\(rings)")
        }
    }

    /// The work follows the image, not the coordinates.
    @Test func farCoordinatesAreCheap() throws {
        let ring: [Double] = [-4e8, -4e8, 4e8, -4e8, 4e8, 4e8, -4e8, 4e8]
        #expect(try RLE(height: 7, width: 9, polygons: [ring]).area == 63)
    }

    /// A small file cannot ask for gigabytes.
    @Test func endlessOutlinesAreRefused() {
        let width = Int(UInt32.max)
        let error = #expect(throws: MaskError.self) {
            try RLE(height: 1, width: width, polygons: [[0, 0, 4e8, 0, 4e8, 1]])
        }
        #expect(error?.code == .complexity)
    }

    @Test func manyRingsAreMergedQuickly() throws {
        let rings = (0..<20_000).map { index -> [Double] in
            let x = Double(index % 200) * 5
            let y = Double(index / 200) * 5
            return [x, y, x + 3, y, x + 3, y + 3, x, y + 3]
        }
        #expect(try RLE(height: 1000, width: 1000, polygons: rings).area == 20_000 * 9)
    }

    /// Many crossings in one column are sorted another way.
    @Test func combsAreSorted() throws {
        var ring: [Double] = []
        for tooth in 0..<200 {
            ring += [0, Double(tooth) * 4, 20, Double(tooth) * 4 + 1, 20, Double(tooth) * 4 + 2]
        }
        let mask = try RLE(height: 900, width: 25, polygons: [ring])
        let mirrored = try RLE(
            height: 900, width: 25,
            polygons: [stride(from: ring.count - 2, through: 0, by: -2).flatMap { [ring[$0], ring[$0 + 1]] }])
        #expect(mask == mirrored)
        #expect(mask.area > 2000)
    }
}
