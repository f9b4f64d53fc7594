/// The samples of edges, four columns at a time.
///
/// Samples are whole numbers in `Double`, which holds all that occur (32 bits) and is what they are computed in. They are
/// rounded down where the reference truncates: only below 0, where all are clamped to 0, does that differ.
extension PolygonRasteriser {
    /// An edge that is at least as wide as steep: its samples are `trunc(start + slope * t + 0.5)`, one for each t.
    struct FlatLine {
        private let start: Double
        private let slope: Double
        /// Where t is 0.
        private let origin: Double

        /// - Parameters: the left end and the right end.
        @inline(__always)
        init(from a: (x: Int, y: Int), to b: (x: Int, y: Int)) {
            slope = Double(b.y &- a.y) / Double(b.x &- a.x)
            start = Double(a.y)
            // Of the two samples beside the middle the smaller one counts: that before it, or that after it where the edge
            // falls. Rounding keeps order, so that this is known without looking at both.
            origin = Double(a.x &- (slope < 0 ? 1 : 0))
        }

        /// The samples that count at fine-grid columns `middles`.
        @inline(__always)
        func samples(beside middles: SIMD4<Double>) -> SIMD4<Double> {
            (start + slope * (middles - origin) + 0.5).roundedDown
        }
    }

    /// An edge that is steeper than wide: the fine-grid columns of its samples are `trunc(start + slope * t + 0.5)`.
    struct SteepLine {
        private let start: Double
        private let slope: Double
        private let inverse: Double
        private let count: Double
        private let top: Double

        /// - Parameters: the upper end and the lower end.
        @inline(__always)
        init(from a: (x: Int, y: Int), to b: (x: Int, y: Int)) {
            start = Double(a.x)
            count = Double(b.y &- a.y)
            slope = Double(b.x &- a.x) / count
            inverse = 1 / slope
            top = Double(a.y)
        }

        /// The samples just before the edge steps over fine-grid columns `middles`.
        ///
        /// The place is estimated from the line's equation and then corrected with the rounding that the samples have.
        @inline(__always)
        func samples(beside middles: SIMD4<Double>) -> SIMD4<Double> {
            let nearest = ((middles + 0.5 - start) * inverse).roundedDown
            let t = nearest.replacing(with: 1, where: nearest .< 1).replacing(with: count, where: nearest .> count)
            // The estimate is the place or the one before it, but for rounding.
            let reaches = isBeyond(t, middles) .| (t .>= count)
            let nextReaches = isBeyond(t + 1, middles) .| (t + 1 .>= count)
            let lastReaches = isBeyond(t - 1, middles) .& (t .> 1)
            let last = t - SIMD4(repeating: 0).replacing(with: 1, where: reaches)
            let isFound = (reaches .& .!lastReaches) .| (.!reaches .& nextReaches)
            return top + (all(isFound) ? last : searched(from: t, middles))
        }

        /// Whether sample t lies beyond the step: its truncated value is over x exactly if the value reaches x + 1.
        @inline(__always)
        private func isBeyond(_ t: SIMD4<Double>, _ x: SIMD4<Double>) -> SIMDMask<SIMD4<Int64>> {
            let reaches = (start + slope * t + 0.5) .>= (x + 1)
            return slope > 0 ? reaches : .!reaches
        }

        @inline(never)
        private func searched(from estimate: SIMD4<Double>, _ middles: SIMD4<Double>) -> SIMD4<Double> {
            var last = estimate
            for lane in last.indices {
                func isBeyond(_ t: Double) -> Bool {
                    (start + slope * t + 0.5 >= middles[lane] + 1) == (slope > 0)
                }
                var t = estimate[lane]
                while t > 1 && isBeyond(t - 1) { t -= 1 }
                while t < count && !isBeyond(t) { t += 1 }
                last[lane] = t - 1
            }
            return last
        }
    }
}

extension SIMD4<Double> {
    /// Added to a number below 2^51, this leaves the nearest whole number, in the lowest bits.
    private static let rounder = 0x1.8p52

    /// The largest whole numbers that are not larger.
    @inline(__always)
    fileprivate var roundedDown: SIMD4<Double> {
        let nearest = (self + Self.rounder) - Self.rounder
        return nearest - SIMD4(repeating: 0).replacing(with: 1, where: nearest .> self)
    }

    /// The rows from which on crossings at some samples count, clamped to the image. That is a fifth, rounded: of whole
    /// numbers no fifth lies between two, nor near it.
    @inline(__always)
    func rows(height: Double) -> SIMD4<UInt32> {
        let fifth = self * 0.2
        let clamped = fifth.replacing(with: 0, where: fifth .< 0).replacing(with: height, where: fifth .> height)
        return SIMD4<UInt32>(truncatingIfNeeded: unsafeBitCast(clamped + Self.rounder, to: SIMD4<UInt64>.self))
    }
}
