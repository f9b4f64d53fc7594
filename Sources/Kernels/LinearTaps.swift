/// The two source pixels of each pixel on one axis of a bilinear resize, and the second one's weight.
struct LinearTaps: Sendable {
    private let first: [Int32]
    private let second: [Int32]
    private let weight: [Float]

    /// - Parameters:
    ///   - source: pixels of the source.
    ///   - target: pixels of the whole result, of which the first `count` are wanted.
    ///   - unit: what a pixel's place is multiplied with.
    init(from source: Int, to target: Int, count: Int, unit: Int) {
        let scale = Float(source) / Float(target)
        let places = (0..<count).map { max(0, (Float($0) + 0.5) * scale - 0.5) }
        let lows = places.map { min(Int($0), source - 1) }
        first = lows.map { Int32($0 * unit) }
        second = lows.map { Int32(min($0 + 1, source - 1) * unit) }
        weight = zip(places, lows).map { min(1, max(0, $0 - Float($1))) }
    }

    subscript(_ index: Int) -> (first: Int, second: Int, weight: Float) {
        (Int(first[index]), Int(second[index]), weight[index])
    }

    /// Calls `body` with all of them.
    func withPointers(
        _ body: (UnsafePointer<Int32>, UnsafePointer<Int32>, UnsafePointer<Float>) -> Void
    ) {
        first.withUnsafeBufferPointer { first in
            second.withUnsafeBufferPointer { second in
                weight.withUnsafeBufferPointer { weight in
                    guard let a = first.baseAddress, let b = second.baseAddress, let w = weight.baseAddress else {
                        return
                    }
                    body(a, b, w)
                }
            }
        }
    }
}
