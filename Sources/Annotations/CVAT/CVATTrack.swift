internal import Runtime

/// A track of a CVAT video: one object over many frames. What is kept is where its shapes stand; each is parsed when its
/// frame is asked for.
struct CVATTrack: Sendable {
    /// A shape that the file states.
    struct Shape: Sendable {
        let frame: Int
        /// Whether the object is out of sight from this frame on.
        let isOutside: Bool
        let place: Range<Int>
        let line: Int
    }

    let label: String
    let group: String?
    let line: Int
    /// In ascending order of frames, each frame once.
    let shapes: [Shape]
    /// Kinds of shapes that cover no area, and how many there are of each.
    let others: [(kind: String, count: Int)]
    /// Shapes without a frame, or of a frame that another shape of the track has.
    let oddShapes: Int

    /// Shapes that cover an area, and those that do not.
    private static let kinds = ["box", "polygon", "ellipse", "mask"]
    private static let flatKinds = ["polyline", "points", "cuboid", "skeleton"]
    /// Frames beyond this are no frames.
    private static let maximumFrame = 1 << 31

    /// - Parameters:
    ///   - head: the element `<track>`, without what is inside.
    ///   - place: of the whole element in the file.
    ///   - document: the file.
    /// - Throws: `AnnotationError` for a shape that is cut off.
    init(_ head: XMLNode, at place: (place: Range<Int>, line: Int), in document: CVATDocument) throws(AnnotationError) {
        label = head.attributes["label"] ?? ""
        group = head.attributes["group_id"].flatMap { $0 == "0" || $0.isEmpty ? nil : $0 }
        line = place.line
        var shapes: [Shape] = []
        var others: [String: Int] = [:]
        var odd = 0
        for element in try document.children(of: place, named: Self.kinds + Self.flatKinds) {
            guard Self.kinds.contains(element.name) else {
                others[element.name, default: 0] += 1
                continue
            }
            let tag = try document.head(at: (element.place, element.line))
            guard let frame = tag.attributes["frame"].flatMap({ Int($0) }), (0...Self.maximumFrame).contains(frame)
            else {
                odd += 1
                continue
            }
            shapes.append(
                Shape(
                    frame: frame, isOutside: tag.attributes["outside"] == "1", place: element.place,
                    line: element.line))
        }
        let sorted = shapes.enumerated().sorted { ($0.element.frame, $0.offset) < ($1.element.frame, $1.offset) }
            .map(\.element)
        var unique: [Shape] = []
        for shape in sorted {
            if unique.last?.frame == shape.frame { odd += 1 } else { unique.append(shape) }
        }
        self.shapes = unique
        self.others = others.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        oddShapes = odd
    }

    /// The stated shapes that a frame's is made of: that of the frame, or of a keyframe before it, and of one after it that
    /// it is on its way to; nil where the object is not to be seen.
    func shapes(at frame: Int) -> (before: Shape, after: Shape?)? {
        var (low, high) = (0, shapes.count)
        while low < high {
            let middle = (low + high) / 2
            if shapes[middle].frame <= frame { low = middle + 1 } else { high = middle }
        }
        guard low > 0, !shapes[low - 1].isOutside else { return nil }
        let before = shapes[low - 1]
        return (before, before.frame == frame || low == shapes.count ? nil : shapes[low])
    }
}
