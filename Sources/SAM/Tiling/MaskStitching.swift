internal import Masks

/// Joins what was found in the tiles of an image to masks of the whole image.
///
/// Rules:
/// 1. Masks of two tiles whose windows overlap are the same object when, inside that overlap, their IoU is at least the
///    threshold. Each mask has at most one partner in another tile: pairs are taken by falling IoU, of equal ones the
///    first mask first. Two objects that touch share no pixel there and stay apart. What is one mask in one tile and
///    several in another is joined with the best of them.
/// 2. Partners of partners are one object, so that it may lie in any number of tiles.
/// 3. Where tiles of one object disagree about a pixel, the one whose core has it decides: a tile sees an object at the
///    edge of its window cut off, and in its core whole. Pixels in the core of a tile that did not find the object are
///    taken from those that did.
/// 4. A mask that lies in the halo alone, and that no other tile has, is dropped: it is what one tile sees of a
///    neighbour's object, and the neighbour says there is none.
/// 5. Predicted IoU, point and stability are those of the tile that gives the object most pixels, of equal ones the first.
///    Objects come by falling predicted IoU, of equal ones in the order of the tiles.
struct MaskStitching {
    /// One mask of a tile.
    private struct Piece {
        let tile: Int
        /// In the frame of the tile's window.
        let mask: AutomaticMask
    }

    private let height: Int
    private let width: Int
    private let tiles: [ImageTile]
    private let matchThreshold: Double
    /// Tile by tile, each in the order of its segmenter.
    private var pieces: [Piece] = []
    /// The pieces of each tile.
    private var ranges: [Range<Int>] = []

    /// - Parameters:
    ///   - height: of the image, in pixels.
    ///   - width: likewise.
    ///   - tiles: of ``ImageTile/all(height:width:size:halo:)``.
    ///   - matchThreshold: IoU in the overlap from which masks are one object; above 0.
    init(height: Int, width: Int, tiles: [ImageTile], matchThreshold: Double) {
        self.height = height
        self.width = width
        self.tiles = tiles
        self.matchThreshold = matchThreshold
    }

    /// Adds the masks of the next tile, in the frame of its window.
    mutating func add(_ masks: [AutomaticMask]) {
        precondition(ranges.count < tiles.count, "masks of more than \(tiles.count) tiles")
        ranges.append(pieces.count..<pieces.count + masks.count)
        pieces += masks.map { Piece(tile: ranges.count - 1, mask: $0) }
    }

    /// The objects of the whole image, once all tiles were added.
    func objects() throws(MaskError) -> [AutomaticMask] {
        precondition(ranges.count == tiles.count, "\(ranges.count) of \(tiles.count) tiles were added")
        var sets = DisjointSets(count: pieces.count)
        for first in tiles.indices {
            for second in tiles.indices[(first + 1)...] {
                for (a, b) in try partners(first, second) { sets.join(a, b) }
            }
        }
        // The root is the smallest member, so objects come in the order of their first pieces.
        var members: [Int: [Int]] = [:]
        for index in pieces.indices { members[sets.root(of: index), default: []].append(index) }
        var objects: [AutomaticMask] = []
        for root in members.keys.sorted() {
            if let object = try object(of: members[root] ?? []) { objects.append(object) }
        }
        let order = objects.indices.sorted { a, b in
            let (first, second) = (objects[a].predictedIoU, objects[b].predictedIoU)
            return first != second ? first > second : a < b
        }
        return order.map { objects[$0] }
    }

    // MARK: Matching

    /// Pairs of pieces of two tiles that are the same object.
    private func partners(_ first: Int, _ second: Int) throws(MaskError) -> [(Int, Int)] {
        guard let overlap = tiles[first].window.intersection(tiles[second].window) else { return [] }
        let (a, b) = (views(of: first, in: overlap), views(of: second, in: overlap))
        if a.isEmpty || b.isEmpty { return [] }
        let overlaps = try RLE.intersectionOverUnion(detections: a.map(\.view), groundTruth: b.map(\.view))
        let candidates = overlaps.indices.filter { overlaps[$0] >= matchThreshold }.sorted {
            overlaps[$0] != overlaps[$1] ? overlaps[$0] > overlaps[$1] : $0 < $1
        }
        var (takenA, takenB): (Set<Int>, Set<Int>) = ([], [])
        var pairs: [(Int, Int)] = []
        for candidate in candidates {
            let (row, column) = candidate.quotientAndRemainder(dividingBy: b.count)
            guard !takenA.contains(row), !takenB.contains(column) else { continue }
            takenA.insert(row)
            takenB.insert(column)
            pairs.append((a[row].piece, b[column].piece))
        }
        return pairs
    }

    /// What pieces of a tile show inside a box of the image; those that show nothing are left out.
    private func views(of tile: Int, in box: PixelBox) -> [(piece: Int, view: RLE)] {
        let place = box.moved(x: -tiles[tile].window.x0, y: -tiles[tile].window.y0)
        return ranges[tile].compactMap { index in
            let rle = pieces[index].mask.rle
            guard let bounds = rle.bounds, bounds.columns.overlaps(place.x0..<place.x1),
                bounds.rows.overlaps(place.y0..<place.y1)
            else { return nil }
            let view = rle.cropped(rows: place.y0..<place.y1, columns: place.x0..<place.x1)
            return view.isEmpty ? nil : (index, view)
        }
    }

    // MARK: Joining

    /// The object that the pieces make; nil when it is dropped.
    private func object(of members: [Int]) throws(MaskError) -> AutomaticMask? {
        let owners = Set(members.map { pieces[$0].tile })
        if members.count == 1 {
            let piece = pieces[members[0]]
            if try part(of: piece.mask.rle, of: piece.tile, in: piece.tile).isEmpty { return nil }
        }
        let shares = try members.map { index throws(MaskError) in try share(of: index, owners: owners) }
        guard let most = shares.map(\.area).max(), most > 0, let lead = shares.firstIndex(where: { $0.area == most })
        else { return nil }
        let places = zip(members, shares).map { index, share in
            let window = tiles[pieces[index].tile].window
            return share.placed(height: height, width: width, top: window.y0, left: window.x0)
        }
        var object = pieces[members[lead]].mask
        let window = tiles[pieces[members[lead]].tile].window
        object.rle = try RLE.union(places)
        object.box = PixelBox(of: object.rle.bounds)
        object.point = PointGrid.Place(
            x: object.point.x + Double(window.x0), y: object.point.y + Double(window.y0))
        object.cropBox = object.cropBox.moved(x: window.x0, y: window.y0)
        return object
    }

    /// The pixels of a piece that count: those which no core of another of the object's tiles has.
    private func share(of index: Int, owners: Set<Int>) throws(MaskError) -> RLE {
        var rle = pieces[index].mask.rle
        for owner in owners.sorted() where owner != pieces[index].tile {
            rle = try .symmetricDifference([rle, try part(of: rle, of: pieces[index].tile, in: owner)])
        }
        return rle
    }

    /// The pixels of a mask of one tile in the core of another, in the frame of the one's window.
    private func part(of rle: RLE, of own: Int, in other: Int) throws(MaskError) -> RLE {
        let window = tiles[own].window
        guard let shared = window.intersection(tiles[other].core) else {
            return try RLE(height: rle.height, width: rle.width)
        }
        let place = shared.moved(x: -window.x0, y: -window.y0)
        return rle.cropped(rows: place.y0..<place.y1, columns: place.x0..<place.x1)
            .placed(height: rle.height, width: rle.width, top: place.y0, left: place.x0)
    }
}
