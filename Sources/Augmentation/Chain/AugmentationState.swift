internal import Images
internal import Masks
internal import Runtime

/// A sample inside a chain: pixels and masks as they were last resampled, and where they are to be moved.
struct AugmentationState {
    /// An object, with what its masks alone do not tell.
    struct Entry {
        /// The mask is in the frame of ``AugmentationState/image``, points are in the current frame.
        var object: AugmentedObject
        /// Pixels that it would have in the current frame if nothing of it were cut off or covered.
        var wholeArea: Double
        /// Whether something was put over it.
        var isCovered = false
    }

    private(set) var image: RGBImage
    private(set) var entries: [Entry]
    /// From the frame of ``image`` to the current one; nil when they are the same.
    private(set) var pending: FrameMove?
    let partners: AugmentationPartners
    let dropRule: DropRule
    private var dropped: [DroppedObject] = []

    init(_ sample: AugmentationSample, partners: AugmentationPartners = .none, dropRule: DropRule = DropRule()) {
        image = sample.image
        entries = sample.objects.map { Entry(object: $0, wholeArea: Double($0.mask.area)) }
        self.partners = partners
        self.dropRule = dropRule
    }

    /// Rows of the current frame.
    var height: Int { pending?.height ?? image.height }
    /// Columns of the current frame.
    var width: Int { pending?.width ?? image.width }

    // MARK: Geometry

    /// Moves everything by a matrix; pixels and masks are not touched yet.
    /// - Parameters:
    ///   - matrix: from the current frame to the new one.
    ///   - height: of the new frame.
    ///   - width: of the new frame.
    ///   - reveals: what the new frame may show of places outside of the current one.
    ///   - fill: the colour of places without a source pixel.
    ///   - sampling: how pixels between pixels are made, and outside of the frame.
    mutating func move(
        by matrix: ProjectiveMatrix, height: Int, width: Int, reveals: FrameMove.Reveal, fill: RGBColour = .black,
        sampling: FrameSampling = .none
    ) {
        var current = pending ?? FrameMove(height: self.height, width: self.width)
        func next() -> FrameMove? {
            current.followed(
                by: matrix, height: height, width: width, reveals: reveals, fill: fill, sampling: sampling)
        }
        if let next = next() {
            pending = next
        } else {
            settle()
            current = FrameMove(height: self.height, width: self.width)
            pending = next()
        }
        for index in entries.indices {
            // Places outside of the frame are lost where the frame after it shows fill instead.
            if reveals == .fill {
                entries[index].object.points.removeAll { !$0.isInside(height: current.height, width: current.width) }
            }
            let middle = matrix.isAffine ? (x: 0.0, y: 0.0) : middle(of: entries[index].object.mask, current)
            entries[index].wholeArea *= matrix.areaFactor(atX: middle.x, y: middle.y)
            for place in entries[index].object.points.indices {
                let point = entries[index].object.points[place]
                let moved = matrix(point.x + 0.5, point.y + 0.5)
                (entries[index].object.points[place].x, entries[index].object.points[place].y) = (
                    moved.x - 0.5, moved.y - 0.5
                )
            }
            // What a crop cuts off does not come back.
            if reveals == .nothing {
                entries[index].object.points.removeAll { !$0.isInside(height: height, width: width) }
            }
        }
    }

    /// The middle of an object's box in a frame; that of the frame for an object without pixels.
    private func middle(of mask: RLE, _ frame: FrameMove) -> (x: Double, y: Double) {
        guard let bounds = mask.bounds else { return (Double(frame.width) / 2, Double(frame.height) / 2) }
        return frame.matrix(
            Double(bounds.columns.lowerBound + bounds.columns.upperBound) / 2,
            Double(bounds.rows.lowerBound + bounds.rows.upperBound) / 2)
    }

    /// Flips or turns everything.
    mutating func move(by symmetry: DihedralTransform) {
        let size = symmetry.size(height: height, width: width)
        move(
            by: ProjectiveMatrix(symmetry, height: height, width: width), height: size.height, width: size.width,
            reveals: .nothing)
    }

    /// Cuts everything to a window, which must lie inside.
    mutating func crop(row: Int, column: Int, height: Int, width: Int) {
        precondition(
            row >= 0 && column >= 0 && height > 0 && width > 0 && row + height <= self.height
                && column + width <= self.width,
            "\(height) x \(width) at (\(row), \(column)) is no window of \(self.height) x \(self.width)")
        move(
            by: .translation(x: -Double(column), y: -Double(row)), height: height, width: width, reveals: .nothing)
    }

    /// Brings everything to a size.
    mutating func resize(height: Int, width: Int, sampling: FrameSampling = .usual) {
        move(
            by: .scale(x: Double(width) / Double(self.width), y: Double(height) / Double(self.height)), height: height,
            width: width, reveals: .nothing, sampling: sampling)
    }

    /// Puts everything into a larger frame.
    mutating func pad(
        top: Int, left: Int, height: Int, width: Int, fill: RGBColour, border: BorderMode = .constant
    ) {
        move(
            by: .translation(x: Double(left), y: Double(top)), height: height, width: width, reveals: .fill,
            fill: fill, sampling: FrameSampling(border: border))
    }

    /// Moves pixels and masks to where they belong, all pending moves at once.
    /// - Parameter displacement: of points of the current frame, on top of the moves.
    mutating func settle(
        displacement: DisplacementField? = nil, fill: RGBColour = .black, sampling: FrameSampling = .usual
    ) {
        if displacement != nil {
            // Points are displaced by what follows, not by this.
            move(
                by: .identity, height: height, width: width, reveals: .source, fill: fill, sampling: sampling)
        }
        guard let move = pending else { return }
        let resampling = FrameResampling(move, displacement: displacement)
        let moved = entries.map(\.object.mask)
        let masks = resampling.masks(moved)
        for (index, mask) in masks.enumerated() {
            entries[index].object.mask = mask
            if let displacement {
                for place in entries[index].object.points.indices {
                    let point = entries[index].object.points[place]
                    let source = displacement.source(ofX: point.x + 0.5, y: point.y + 0.5)
                    (entries[index].object.points[place].x, entries[index].object.points[place].y) = (
                        source.x - 0.5, source.y - 0.5
                    )
                }
            }
        }
        image = resampling.image(image)
        pending = nil
    }

    /// The masks in the current frame, for steps that look at them; pixels are left for later.
    func currentMasks() -> [RLE] {
        let masks = entries.map(\.object.mask)
        return pending.map { FrameResampling($0, displacement: nil).masks(masks) } ?? masks
    }

    // MARK: Content

    /// Changes the pixels of the current frame.
    mutating func changeImage(_ change: (RGBImage) throws -> RGBImage) rethrows {
        settle()
        image = try change(image)
    }

    /// Takes a mask away from all objects, since something was put there; those of which too little is left are dropped.
    /// - Parameter covers: of the current frame, which must be settled.
    mutating func cover(_ covers: RLE, minimumVisibility: Double) {
        precondition(pending == nil, "the frame is not settled")
        var kept: [Entry] = []
        for var entry in entries {
            if entry.object.mask.intersectionArea(covers) > 0 {
                do throws(MaskError) {
                    entry.object.mask = try entry.object.mask.subtracting(covers)
                } catch {
                    preconditionFailure("masks of one frame: \(error)")
                }
                entry.isCovered = true
                entry.object.points.removeAll { covers.contains($0) }
                let area = entry.object.mask.area
                if area == 0 || (!entry.object.isCrowd && Double(area) < minimumVisibility * entry.wholeArea) {
                    drop(entry.object, .covered, area: area)
                    continue
                }
            }
            kept.append(entry)
        }
        entries = kept
    }

    /// Adds an object on top; its mask is of the current frame, which must be settled.
    mutating func add(_ object: AugmentedObject) {
        precondition(pending == nil, "the frame is not settled")
        entries.append(Entry(object: object, wholeArea: Double(object.mask.area)))
    }

    /// Puts another picture in place of everything.
    mutating func replace(image: RGBImage, entries: [Entry]) {
        self.image = image
        self.entries = entries
        pending = nil
    }

    /// Notes that an object is no more.
    mutating func drop(_ object: AugmentedObject, _ rule: DroppedObject.Rule, area: Int) {
        dropped.append(DroppedObject(rule: rule, partner: object.partner, index: object.index, area: area))
    }

    /// The sample at the chain's end.
    func finished() -> AugmentedSample {
        var state = self
        state.settle()
        var objects: [AugmentedObject] = []
        for var entry in state.entries {
            if let rule = dropRule.rule(for: entry.object, wholeArea: entry.wholeArea, isCovered: entry.isCovered) {
                state.drop(entry.object, rule, area: entry.object.mask.area)
                continue
            }
            entry.object.points.removeAll { !$0.isInside(height: state.height, width: state.width) }
            objects.append(entry.object)
        }
        return AugmentedSample(image: state.image, objects: objects, dropped: state.dropped)
    }
}

extension AugmentedObject.Point {
    /// Whether the point lies in a frame.
    func isInside(height: Int, width: Int) -> Bool {
        x >= -0.5 && y >= -0.5 && x < Double(width) - 0.5 && y < Double(height) - 0.5
    }
}

extension RLE {
    /// Whether the pixel that a point lies in belongs to the mask.
    func contains(_ point: AugmentedObject.Point) -> Bool {
        guard point.isInside(height: height, width: width) else { return false }
        let position = UInt32(Int((point.x + 0.5).rounded(.down)) * height + Int((point.y + 0.5).rounded(.down)))
        var end: UInt32 = 0
        for (index, count) in counts.enumerated() {
            end += count
            if position < end { return index & 1 == 1 }
        }
        return false
    }
}
