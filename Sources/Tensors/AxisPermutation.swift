/// The copy behind a permutation of axes.
struct AxisPermutation {
    /// Sizes of the result's axes, neighbours that stay neighbours merged into one.
    private let sizes: [Int]
    /// Distance in the source between neighbours along each of the result's axes.
    private let strides: [Int]

    init(shape: [Int], axes: [Int]) {
        var sourceStrides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() {
            sourceStrides[axis] = sourceStrides[axis + 1] * shape[axis + 1]
        }
        var sizes: [Int] = []
        var strides: [Int] = []
        for axis in axes where shape[axis] != 1 {
            if let last = strides.last, last == sourceStrides[axis] * shape[axis] {
                sizes[sizes.count - 1] *= shape[axis]
                strides[strides.count - 1] = sourceStrides[axis]
            } else {
                sizes.append(shape[axis])
                strides.append(sourceStrides[axis])
            }
        }
        self.sizes = sizes.isEmpty ? [1] : sizes
        self.strides = strides.isEmpty ? [1] : strides
    }

    /// Writes the permuted elements one after the other.
    func copy(_ source: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>) {
        let (columns, step) = (sizes[sizes.count - 1], strides[strides.count - 1])
        let outer = sizes.dropLast().reduce(1, *)
        let outerAxes = sizes.indices.dropLast()
        ElementLoop.forEachRows(outer, columns: columns) { rows in
            for row in rows {
                var rest = row
                var offset = 0
                for axis in outerAxes.reversed() {
                    offset += rest % sizes[axis] * strides[axis]
                    rest /= sizes[axis]
                }
                let target = output + row * columns
                if step == 1 {
                    target.initialize(from: source + offset, count: columns)
                } else {
                    for column in 0..<columns { target[column] = source[offset + column * step] }
                }
            }
        }
    }
}
