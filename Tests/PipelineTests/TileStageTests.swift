import Annotations
import Images
import Masks
import Pipeline
import Runtime
import Shards
import TestSupport
import Testing

@Suite struct TileStageTests {
    /// Tiles cover every pixel, none is outside, and all are of the size wanted.
    @Test func tilesCoverTheImage() throws {
        for (width, height, side, halo) in [
            (40, 30, 16, 0), (40, 30, 16, 5), (33, 64, 32, 16), (17, 16, 16, 15), (100, 20, 25, 0),
        ] {
            let sample = try StageFixture.sample(width: width, height: height)
            let (tiles, _) = try StageFixture.run(TileStage(width: side, height: side, halo: halo), [sample])
            var covered = [Bool](repeating: false, count: width * height)
            for tile in tiles {
                #expect(tile.width == side && tile.height == min(side, height))
                let numbers = tile.labelled.image.id.description.split(separator: "_").compactMap { Int($0) }
                let (x, y) = (numbers[1], numbers[2])
                for row in y..<y + tile.height {
                    for column in x..<x + tile.width { covered[row * width + column] = true }
                }
                let expected = try sample.image().cropped(row: y, column: x, height: tile.height, width: tile.width)
                #expect(try tile.image() == expected)
                let written = try tile.finished()
                #expect(try ImageCodec.decodeRGB(written.encoded) == expected)
                #expect(written.image.fileName == "folder/5_\(x)_\(y).png")
            }
            #expect(covered.allSatisfy { $0 })
            #expect(Set(tiles.map(\.labelled.image.id)).count == tiles.count)
        }
    }

    /// Each tile's objects are the source's bitmaps, cut, where enough of them is visible.
    @Test func objectsAreCutAsTheirPixelsAre() throws {
        let objects: [StageFixture.Object] = [
            .init(rows: 2..<12, columns: 4..<24), .init(rows: 0..<30, columns: 0..<40),
            .init(rows: 14..<17, columns: 15..<18),
            .init(rows: 29..<30, columns: 39..<40), .init(rows: 3..<9, columns: 2..<12, hasMask: false),
        ]
        let sample = try StageFixture.sample(objects)
        for minimum in [0.0, 0.25, 0.6, 1] {
            let (tiles, ledger) = try StageFixture.run(
                TileStage(width: 16, height: 16, halo: 4, minimumVisible: minimum), [sample])
            var seen: Set<Int> = []
            for tile in tiles {
                let numbers = tile.labelled.image.id.description.split(separator: "_").compactMap { Int($0) }
                let window = (rows: numbers[2]..<numbers[2] + 16, columns: numbers[1]..<numbers[1] + 16)
                var expected: [String: Bitmap] = [:]
                for (index, object) in sample.objects.enumerated() where objects[index].hasMask {
                    let part = object.mask.bitmap().cropped(rows: window.rows, columns: window.columns)
                    // So much of the object, or of the tile.
                    let isEnough = [object.mask.area, 256].contains { Double(part.area) >= minimum * Double($0) }
                    guard part.area > 0, isEnough else { continue }
                    expected["\(index + 1)_\(numbers[1])_\(numbers[2])"] = part
                    seen.insert(index)
                }
                for object in tile.objects where !object.mask.isEmpty {
                    let found = expected.removeValue(forKey: object.annotation.id.description)
                    let part = try #require(found)
                    #expect(object.mask.bitmap() == part)
                    #expect(
                        object.annotation.bbox == object.mask.boundingBox && object.annotation.area == Double(part.area)
                    )
                    #expect(object.annotation.imageID == tile.labelled.image.id)
                }
                #expect(expected.isEmpty)
                for object in tile.objects where object.mask.isEmpty {
                    seen.insert(4)
                    let box = try #require(object.annotation.bbox)
                    #expect(box.x >= 0 && box.maxX <= 16 && box.area >= minimum * 60)
                }
            }
            let rejected = ledger.counts.first { $0.rule == TileStage.objectRule }?.ids ?? []
            #expect(Set(rejected) == Set((0..<5).filter { !seen.contains($0) }.map { String($0 + 1) }))
        }
    }

    /// What covers a tile is in it, however little of it that is.
    @Test func largeObjectsStay() throws {
        let sample = try StageFixture.sample(
            [.init(rows: 0..<300, columns: 0..<300), .init(rows: 0..<300, columns: 0..<300, hasMask: false)],
            width: 300, height: 300)
        let (tiles, ledger) = try StageFixture.run(TileStage(width: 64, height: 64), [sample])
        #expect(tiles.count == 25 && ledger.counts.isEmpty)
        #expect(tiles.allSatisfy { $0.objects.map(\.mask.area) == [64 * 64, 0] })
    }

    @Test func objectsMayBeKeptWhole() throws {
        let sample = try StageFixture.sample([
            .init(rows: 2..<12, columns: 4..<14), .init(rows: 2..<12, columns: 10..<20),
            .init(rows: 0..<30, columns: 0..<2),
        ])
        let (tiles, ledger) = try StageFixture.run(
            TileStage(width: 16, height: 16, halo: 0, objects: .whole, empty: .drop), [sample])
        #expect(tiles.map { StageFixture.ids($0) } == [["1_0_0"]])
        #expect(ledger.counts.map(\.rule) == [TileStage.emptyRule, TileStage.objectRule])
        #expect(ledger.counts[0].count == 5 && ledger.counts[1].ids == ["2", "3"])
    }

    @Test func smallImagesStayAsTheyAre() throws {
        let sample = try StageFixture.sample([.init(rows: 2..<12, columns: 4..<14)])
        let (tiles, _) = try StageFixture.run(TileStage(width: 64, height: 64, halo: 8), [sample])
        #expect(tiles.count == 1 && tiles[0].labelled.image.id == 5 && !tiles[0].hasNewPixels)
        #expect(try tiles[0].finished().encoded == sample.labelled.encoded)
    }
}
