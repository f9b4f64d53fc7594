internal import Annotations
internal import Augmentation
internal import Images
internal import Masks
private import Runtime
internal import Shards

/// Cuts large images into tiles that overlap.
///
/// Tiles stand in rows from the top left, `size - halo` pixels apart; the last of a row and of a column is moved back to
/// end with the image. An image that is not larger than a tile stays as it is.
package struct TileStage: ConfiguredStage {
    package static let name = "tile"
    package static let keys = ["size", "width", "height", "halo", "objects", "min-visible", "empty"]
    package static let objectRule = "tile.object"
    package static let emptyRule = "tile.empty"

    /// What becomes of objects at a tile's edge.
    package enum Objects: String, Sendable, CaseIterable {
        /// They are cut, and kept where enough of them is visible.
        case cut
        /// They are kept only where all of them is visible.
        case whole
    }

    /// What becomes of tiles without an object.
    package enum Empty: String, Sendable, CaseIterable {
        case keep
        case drop
    }

    private let width: Int
    private let height: Int
    private let halo: Int
    private let objects: Objects
    private let minimumVisible: Double
    private let empty: Empty

    /// - Parameters:
    ///   - halo: pixels that neighbouring tiles share, less than either side.
    ///   - minimumVisible: share of an object's pixels, 0...1, from which its part in a tile is kept; also where the part
    ///     covers that share of the tile, as no tile may show so much of a large object.
    package init(
        width: Int, height: Int, halo: Int = 0, objects: Objects = .cut, minimumVisible: Double = 0.25,
        empty: Empty = .keep
    ) {
        precondition(
            halo >= 0 && halo < min(width, height), "tiles of \(width) x \(height) that share \(halo) pixels")
        self.width = width
        self.height = height
        self.halo = halo
        self.objects = objects
        self.minimumVisible = minimumVisible
        self.empty = empty
    }

    package init(_ settings: StageSettings) throws {
        let sides = 16...65500
        let size = try settings.integer("size", in: sides)
        guard let width = try settings.integer("width", in: sides) ?? size,
            let height = try settings.integer("height", in: sides) ?? size
        else { throw settings.failure("set size, or width and height") }
        let halo = try settings.integer("halo", in: 0...65500) ?? 0
        guard halo < min(width, height) else {
            throw settings.failure("a halo of \(halo) leaves nothing of tiles of \(width) x \(height)", key: "halo")
        }
        self.init(
            width: width, height: height, halo: halo, objects: try settings.choice("objects") ?? .cut,
            minimumVisible: try settings.number("min-visible", in: 0...1) ?? 0.25,
            empty: try settings.choice("empty") ?? .keep)
    }

    package var keepsFrame: Bool { false }
    package var movesPlaces: Bool { true }
    package var multiplies: Bool { true }

    package var summary: String {
        "tiles of \(width) x \(height) that share \(halo) pixels, objects "
            + (objects == .whole
                ? "kept where they are whole"
                : "cut, and kept where \(minimumVisible) of them, or of the tile, is theirs")
            + (empty == .drop ? ", empty tiles left out" : "")
    }

    package func process(_ sample: StagedSample, ledger: inout FindingLedger) -> [StagedSample]? {
        let columns = Self.starts(of: width, step: width - halo, in: sample.width)
        let rows = Self.starts(of: height, step: height - halo, in: sample.height)
        if columns.count == 1 && rows.count == 1 {
            return keepsEmpty(sample, "the image", ledger: &ledger) ? [sample] : []
        }
        var isKept = [Bool](repeating: false, count: sample.objects.count)
        var tiles: [StagedSample] = []
        for row in rows {
            for column in columns {
                let window = Window(
                    rows: row..<min(row + height, sample.height), columns: column..<min(column + width, sample.width))
                var tile = cut(sample, window, isKept: &isKept)
                tile.rename(suffix: "_\(column)_\(row)")
                if keepsEmpty(tile, "the tile at \(column), \(row)", ledger: &ledger) { tiles.append(tile) }
            }
        }
        for (index, object) in sample.objects.enumerated() where !isKept[index] {
            ledger.reject(
                .annotation, Self.objectRule, at: object.annotation.location,
                objects == .whole
                    ? "no tile shows all of it" : "no tile shows \(minimumVisible) of it, or so much of the tile")
        }
        return tiles
    }

    /// Where tiles begin on a line.
    static func starts(of tile: Int, step: Int, in size: Int) -> [Int] {
        if size <= tile { return [0] }
        return Array(stride(from: 0, to: size - tile, by: step)) + [size - tile]
    }

    private struct Window {
        let rows: Range<Int>
        let columns: Range<Int>

        /// The part of a box that is inside, in the window's frame.
        /// A place in the window; nil for one outside.
        func place(_ point: AugmentedObject.Point) -> AugmentedObject.Point? {
            let (x, y) = (point.x - Double(columns.lowerBound), point.y - Double(rows.lowerBound))
            let isInside = x >= -0.5 && y >= -0.5 && x < Double(columns.count) - 0.5 && y < Double(rows.count) - 0.5
            return isInside ? AugmentedObject.Point(x: x, y: y, number: point.number) : nil
        }

        func clip(_ box: Box) -> Box {
            let x = min(max(box.x - Double(columns.lowerBound), 0), Double(columns.count))
            let y = min(max(box.y - Double(rows.lowerBound), 0), Double(rows.count))
            let maxX = min(max(box.maxX - Double(columns.lowerBound), 0), Double(columns.count))
            let maxY = min(max(box.maxY - Double(rows.lowerBound), 0), Double(rows.count))
            return Box(x: x, y: y, width: maxX - x, height: maxY - y)
        }
    }

    private func cut(_ sample: StagedSample, _ window: Window, isKept: inout [Bool]) -> StagedSample {
        var tile = sample
        let (rows, columns) = (window.rows, window.columns)
        tile.replacePixels(width: columns.count, height: rows.count) {
            $0.cropped(row: rows.lowerBound, column: columns.lowerBound, height: rows.count, width: columns.count)
        }
        tile.objects = []
        for (index, object) in sample.objects.enumerated() {
            guard let part = part(of: object, in: window) else { continue }
            isKept[index] = true
            tile.objects.append(part.with(places: object.places.compactMap(window.place)))
        }
        return tile
    }

    /// An object's part in a window, or nil when too little of it is there.
    private func part(of object: LabelledObject, in window: Window) -> LabelledObject? {
        guard let bounds = object.mask.bounds else {
            // A box without a mask: its area counts instead of pixels.
            guard let box = object.annotation.bbox, box.area > 0 else { return nil }
            let clipped = window.clip(box)
            guard clipped.area > 0, isEnough(clipped.area, of: box.area, in: window) else { return nil }
            guard let mask = try? RLE(height: window.rows.count, width: window.columns.count) else { return nil }
            var part = object.with(mask: mask)
            part.annotation.bbox = clipped
            part.annotation.area = object.annotation.area.map { $0 * clipped.area / box.area }
            return part
        }
        guard bounds.rows.overlaps(window.rows), bounds.columns.overlaps(window.columns) else { return nil }
        let mask = object.mask.cropped(rows: window.rows, columns: window.columns)
        guard !mask.isEmpty, isEnough(Double(mask.area), of: Double(object.mask.area), in: window) else { return nil }
        return object.with(mask: mask)
    }

    private func isEnough(_ visible: Double, of whole: Double, in window: Window) -> Bool {
        if objects == .whole { return visible == whole }
        return visible >= minimumVisible * min(whole, Double(window.rows.count * window.columns.count))
    }

    private func keepsEmpty(_ sample: StagedSample, _ what: String, ledger: inout FindingLedger) -> Bool {
        guard empty == .drop, sample.objects.isEmpty else { return true }
        ledger.reject(.image, Self.emptyRule, at: sample.location, "\(what) has no object")
        return false
    }
}
