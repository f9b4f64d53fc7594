internal import Images

/// Geometric steps that were taken but not carried out yet: one matrix from the pixels at hand to the frame they will be
/// in, and what may be seen of them.
///
/// Steps are fused as long as one resampling gives what they would give one by one: a crop hides what it cuts off even
/// when a later step would bring it back. One thing is better than one by one: what a rotation or scaling moves out of the
/// frame, and the next rotation or scaling moves back, is still there.
struct FrameMove: Sendable, Hashable {
    /// What a step may show of places outside of the frame before it.
    enum Reveal: Sendable, Hashable {
        /// Nothing: crops, flips, resizes.
        case nothing
        /// What the source has there: rotations, scalings, perspectives.
        case source
        /// The fill: pads.
        case fill
    }

    /// From the source's frame to the new one.
    private(set) var matrix = ProjectiveMatrix.identity
    /// Of the new frame.
    private(set) var height: Int
    private(set) var width: Int
    /// The part of the source that may be seen, in its pixels.
    private(set) var rows: ClosedRange<Double>
    private(set) var columns: ClosedRange<Double>
    /// The colour of places without a source pixel.
    var fill = RGBColour.black
    /// How pixels between pixels are made.
    private(set) var choice = FrameSampling.Choice.any
    /// What is outside of the source, where that can be in the frame.
    private var border = BorderMode.constant
    /// Whether any step was taken.
    private(set) var isMoved = false
    /// Whether such places can be in the frame.
    private var showsFill = false
    /// Whether a crop cut something off that the window does not exclude yet.
    private var isCut = false

    /// No move.
    init(height: Int, width: Int) {
        self.height = height
        self.width = width
        rows = 0...Double(height)
        columns = 0...Double(width)
    }

    /// This move and one step more; nil when pixels must be moved before.
    func followed(
        by step: ProjectiveMatrix, height: Int, width: Int, reveals: Reveal, fill: RGBColour,
        sampling: FrameSampling = .none
    ) -> FrameMove? {
        guard let choice = FrameSampling.merged(choice, sampling.choice) else { return nil }
        var next = self
        next.choice = choice
        if case .explicit = choice {
            // Values at the edges are made of the frame's own pixels: neither of what a crop has cut off nor, before a pad,
            // of what that adds.
            if reveals == .fill && isMoved && !movesPixels { return nil }
            if isCut && sampling.choice != .any { guard next.narrowToFrame() else { return nil } }
        }
        if reveals != .nothing && (sampling.border != .constant || border != .constant) {
            // A border is that of the frame before, pixel by pixel, and there is only one.
            guard !showsFill, !isMoved || movesPixels else { return nil }
            next.border = sampling.border
        }
        if reveals == .fill || (reveals == .source && isCut) {
            guard next.narrowToFrame() else { return nil }
        }
        if reveals != .nothing {
            if showsFill && self.fill != fill { return nil }
            next.fill = fill
            next.showsFill = true
        } else if cuts(step, height: height, width: width) {
            next.isCut = true
        }
        next.matrix = matrix.followed(by: step)
        next.height = height
        next.width = width
        next.isMoved = true
        return next
    }

    /// What is outside of the visible part of the source: the edge's own pixels, where no step showed anything else.
    var outside: BorderMode { showsFill ? border : .replicate }

    /// Whether places outside are anything but one colour.
    var extendsEdges: Bool { showsFill && border != .constant }

    /// Whether each pixel goes to a pixel.
    private var movesPixels: Bool {
        guard let map = matrix.axisAligned else { return false }
        let axes = map.axes(rows: 0..<1, columns: 0..<1)
        return axes.x.isExact && axes.y.isExact
    }

    /// Makes the visible part of the source what lies in the frame.
    /// - Returns: false when that is no window of it.
    private mutating func narrowToFrame() -> Bool {
        isCut = false
        if !isMoved { return true }
        guard matrix.axisAligned != nil, let back = matrix.inverse else { return false }
        let (first, last) = (back(0, 0), back(Double(width), Double(height)))
        rows = Self.narrowed(rows, to: min(first.y, last.y), max(first.y, last.y))
        columns = Self.narrowed(columns, to: min(first.x, last.x), max(first.x, last.x))
        return true
    }

    private static func narrowed(_ range: ClosedRange<Double>, to low: Double, _ high: Double) -> ClosedRange<Double> {
        let low = min(range.upperBound, max(range.lowerBound, low))
        return low...max(low, min(range.upperBound, high))
    }

    /// Whether the step leaves a corner of this frame outside of the new one.
    private func cuts(_ step: ProjectiveMatrix, height: Int, width: Int) -> Bool {
        for x in [0, Double(self.width)] {
            for y in [0, Double(self.height)] {
                let place = step(x, y)
                let isInside =
                    place.x >= -1e-6 && place.y >= -1e-6 && place.x <= Double(width) + 1e-6
                    && place.y <= Double(height) + 1e-6
                if !isInside { return true }
            }
        }
        return false
    }

    /// The visible part of the source as whole pixels; may be empty.
    var window: (rows: Range<Int>, columns: Range<Int>) {
        func whole(_ range: ClosedRange<Double>) -> Range<Int> {
            let low = Int((range.lowerBound + 1e-6).rounded(.down))
            return low..<max(low, Int((range.upperBound - 1e-6).rounded(.up)))
        }
        return (whole(rows), whole(columns))
    }
}
