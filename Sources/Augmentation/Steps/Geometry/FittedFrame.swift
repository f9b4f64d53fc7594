internal import Images

/// A frame that is just large enough to hold all of a moved one.
struct FittedFrame {
    private let matrix: ProjectiveMatrix
    private let height: Int
    private let width: Int

    /// Frames no larger than this along an axis are made.
    private static let limit = 16_384.0

    /// - Parameter matrix: where it leaves a corner without a place, the frame keeps its size.
    init(_ matrix: ProjectiveMatrix, height: Int, width: Int) {
        let corners = [
            matrix(0, 0), matrix(Double(width), 0), matrix(Double(width), Double(height)), matrix(0, Double(height)),
        ]
        guard corners.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else {
            // A corner behind the horizon has no place: the frame stays.
            (self.matrix, self.height, self.width) = (matrix, height, width)
            return
        }
        let (left, right) = (corners.map(\.x).min() ?? 0, corners.map(\.x).max() ?? 0)
        let (top, bottom) = (corners.map(\.y).min() ?? 0, corners.map(\.y).max() ?? 0)
        // Rounding must not add a line; what is larger than any frame may be is made smaller.
        let shrink = min(1, Self.limit / max(right - left, bottom - top))
        func length(_ value: Double) -> Int { max(1, Int((value * shrink - 1e-6).rounded(.up))) }
        self.height = length(bottom - top)
        self.width = length(right - left)
        self.matrix = matrix.followed(by: .translation(x: -left, y: -top)).followed(by: .scale(x: shrink, y: shrink))
    }

    func apply(to state: inout AugmentationState, fill: RGBColour, sampling: FrameSampling) {
        state.move(by: matrix, height: height, width: width, reveals: .source, fill: fill, sampling: sampling)
    }
}
