extension PolygonRasteriser {
    /// The samples of an edge that is steeper than wide: their fine-grid columns are `trunc(start + slope * t + 0.5)`.
    struct SteepLine {
        private let start: Double
        private let slope: Double
        private let inverse: Double
        private let count: Int

        @inline(__always)
        init(start: Double, slope: Double, count: Int) {
            self.start = start
            self.slope = slope
            inverse = 1 / slope
            self.count = count
        }

        /// The index of the sample just before the edge steps between fine-grid columns `x` and `x + 1`.
        ///
        /// The place is estimated from the line's equation and then corrected with the rounding that the samples have.
        @inline(__always)
        func lastSample(before x: Int) -> Int {
            let t = min(max(Int((Double(x) + 0.5 - start) * inverse), 1), count)
            // The estimate is the place or the one before it, but for rounding.
            if t < count && !isBeyond(t, x) {
                if t + 1 == count || isBeyond(t + 1, x) { return t }
            } else if t == 1 || !isBeyond(t - 1, x) {
                return t - 1
            }
            return searched(from: t, x)
        }

        /// Whether sample t lies beyond the step: its truncated value is over x exactly if the value reaches x + 1.
        @inline(__always)
        private func isBeyond(_ t: Int, _ x: Int) -> Bool {
            (start + slope * Double(t) + 0.5 >= Double(x + 1)) == (slope > 0)
        }

        @inline(never)
        private func searched(from estimate: Int, _ x: Int) -> Int {
            var t = estimate
            while t > 1 && isBeyond(t - 1, x) { t -= 1 }
            while t < count && !isBeyond(t, x) { t += 1 }
            return t - 1
        }
    }
}
