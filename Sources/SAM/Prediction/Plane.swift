private import Runtime

/// One channel of float values, row-major.
struct Plane: Sendable {
    let height: Int
    let width: Int
    let values: [Float]

    /// A sample on one axis: two neighbours and the weight of the second.
    private struct Tap {
        let low: Int
        let high: Int
        let weight: Float
    }

    /// Bilinear interpolation without antialiasing, pixel centres aligned at the half (`align_corners=False`), of which
    /// only the top left part is computed.
    ///
    /// Formula: source = max(0, (i + 0.5) * in / out - 0.5), as PyTorch's `F.interpolate(mode="bilinear")`.
    ///
    /// - Parameters:
    ///   - height: of the whole result, as is `width`.
    ///   - rows: rows of the part that is returned, as are `columns`.
    func resizedBilinear(height: Int, width: Int, keepingRows rows: Int, columns: Int) -> Plane {
        precondition(
            rows <= height && columns <= width, "\(rows) x \(columns) is no part of \(height) x \(width)")
        let vertical = Self.taps(from: self.height, to: height, count: rows)
        let horizontal = Self.taps(from: self.width, to: width, count: columns)
        let sourceWidth = self.width
        let result = [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            let output = SharedBuffer(base, count: rows * columns)
            Workers.forEachChunk(of: rows, grain: 16) { items, _ in
                for row in items {
                    let tap = vertical[row]
                    let top = tap.low * sourceWidth
                    let bottom = tap.high * sourceWidth
                    for (column, across) in horizontal.enumerated() {
                        let upper =
                            (1 - across.weight) * values[top + across.low] + across.weight * values[top + across.high]
                        let lower =
                            (1 - across.weight) * values[bottom + across.low]
                            + across.weight * values[bottom + across.high]
                        output.base[row * columns + column] = (1 - tap.weight) * upper + tap.weight * lower
                    }
                }
            }
            count = rows * columns
        }
        return Plane(height: rows, width: columns, values: result)
    }

    private static func taps(from source: Int, to destination: Int, count: Int) -> [Tap] {
        let scale = Float(source) / Float(destination)
        return (0..<count).map { index in
            let place = max(0, scale * (Float(index) + 0.5) - 0.5)
            let low = min(Int(place), source - 1)
            return Tap(low: low, high: min(low + 1, source - 1), weight: min(1, max(0, place - Float(low))))
        }
    }
}
