private import Foundation

/// How a value between pixels is made of the pixels around it, in the words of OpenCV.
package enum Interpolation: String, Sendable, Hashable, CaseIterable {
    /// The pixel that the place lies in (OpenCV's `INTER_NEAREST_EXACT` where it resizes).
    case nearest
    /// Two pixels along each axis.
    case linear
    /// Four, by the cubic convolution of Keys with a = -3/4.
    case cubic
    /// Along the axes, the mean of what a pixel of the result covers; any other way as ``linear``.
    case area
    /// Eight, by a sinc under the wider lobe of another (Lanczos with a = 4), with weights that add up to 1.
    case lanczos

    /// Pixels along an axis that a value is made of.
    package var tapCount: Int {
        switch self {
        case .nearest: 1
        case .linear, .area: 2
        case .cubic: 4
        case .lanczos: 8
        }
    }

    /// The first of these pixels, and the weights of all of them.
    ///
    /// - Parameter place: whole numbers are the middles of pixels.
    package func taps(at place: Double) -> (first: Int, weights: [Double]) {
        if self == .nearest { return (Int((place + 0.5).rounded(.down)), [1]) }
        let whole = place.rounded(.down)
        return (Int(whole) - (tapCount / 2 - 1), weights(share: place - whole))
    }

    /// The weights for a place behind its pixel by a share of the way to the next one.
    ///
    /// - Parameter share: 0..<1.
    func weights(share: Double) -> [Double] {
        switch self {
        case .nearest: return [1]
        case .linear, .area: return [1 - share, share]
        case .cubic:
            return (-1...2).map { offset in
                let distance = abs(Double(offset) - share)
                let a = -0.75
                return distance <= 1
                    ? ((a + 2) * distance - (a + 3)) * distance * distance + 1
                    : ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a
            }
        case .lanczos:
            func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }
            let lobes = (-3...4).map { offset -> Double in
                let distance = share - Double(offset)
                return abs(distance) < 4 ? sinc(distance) * sinc(distance / 4) : 0
            }
            let sum = lobes.reduce(0, +)
            return lobes.map { $0 / sum }
        }
    }
}
