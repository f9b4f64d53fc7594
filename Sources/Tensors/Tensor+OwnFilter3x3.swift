private import KernelABI

extension Tensor {
    /// A convolution of size 3 with one pixel of zero padding whose filter is another for each picture, to one channel.
    ///
    /// A product of each pixel with the filter's nine places first, then the sum of nine planes, each moved by its place: a
    /// convolution with one output would leave most of a register empty.
    ///
    /// - Parameter filters: [B, 9, C], places row by row.
    /// - Returns: [B, H, W] of this tensor's [B, H, W, C].
    package func filtered3x3(by filters: Tensor) -> Tensor {
        precondition(
            rank == 4 && filters.shape == [shape[0], 9, shape[3]],
            "3 x 3 filters \(filters.shape) for pictures \(shape)")
        return filters.matmul(reshaped([shape[0], shape[1] * shape[2], shape[3]]), transposeB: true)
            .reshaped([shape[0], 9, shape[1], shape[2]]).summedPlanes3x3()
    }

    /// `y[b, r, c] = sum over i, j in 0..<3 of x[b, 3 i + j, r + i - 1, c + j - 1]`, places outside the plane left out.
    ///
    /// - Returns: [B, H, W] of this tensor's [B, 9, H, W].
    package func summedPlanes3x3() -> Tensor {
        precondition(rank == 4 && shape[1] == 9, "\(shape) is no nine planes for each picture")
        let planes = MovedPlanes(height: shape[2], width: shape[3])
        let output = Tensor(shape: [shape[0], shape[2], shape[3]]) { output in
            let add = ElementLoop.kernels.add
            ElementLoop.forEachRows(shape[0] * planes.height, columns: 9 * planes.width) { rows in
                for row in rows {
                    let line = output + row * planes.width
                    line.initialize(repeating: 0, count: planes.width)
                    planes.forEachPart(ofRow: row) { part in
                        add(line + part.column, base + part.source, line + part.column, part.count)
                    }
                }
            }
        }
        return output.recorded(from: [self]) { [node, shape] gradient in
            node?.accumulate(gradient.spreadPlanes3x3(shape: shape))
        }
    }

    /// The gradient of ``summedPlanes3x3()``: each plane is this one, moved back; zero where it was left out.
    private func spreadPlanes3x3(shape: [Int]) -> Tensor {
        let planes = MovedPlanes(height: shape[2], width: shape[3])
        return Tensor(shape: shape) { output in
            // By lines of the planes, so that each is written once, by one task.
            ElementLoop.forEachRows(shape[0] * 9 * planes.height, columns: planes.width) { rows in
                for row in rows {
                    let target = output + row * planes.width
                    target.initialize(repeating: 0, count: planes.width)
                    guard let part = planes.part(ofPlaneRow: row) else { continue }
                    (target + part.column).update(from: base + part.source, count: part.count)
                }
            }
        }
    }
}

/// Nine planes for each picture, one for each place around a pixel.
private struct MovedPlanes: Sendable {
    /// A stretch of a line, and where its other side begins.
    struct Part {
        let column: Int
        let source: Int
        let count: Int
    }

    let height: Int
    let width: Int

    /// Calls `body` with what each plane adds to a line of the sum: the column where it begins, and its elements in the
    /// planes.
    func forEachPart(ofRow row: Int, _ body: (Part) -> Void) {
        let (picture, line) = (row / height, row % height)
        for place in 0..<9 {
            let (down, right) = (place / 3 - 1, place % 3 - 1)
            guard (0..<height).contains(line + down) else { continue }
            let first = max(0, -right)
            let start = ((picture * 9 + place) * height + line + down) * width + first + right
            body(Part(column: first, source: start, count: width - abs(right)))
        }
    }

    /// What the gradient of the sum gives to a line of the planes, or nil.
    func part(ofPlaneRow row: Int) -> Part? {
        let (picture, place, line) = (row / height / 9, row / height % 9, row % height)
        let (down, right) = (place / 3 - 1, place % 3 - 1)
        guard (0..<height).contains(line - down) else { return nil }
        let first = max(0, right)
        return Part(
            column: first, source: (picture * height + line - down) * width + first - right, count: width - abs(right))
    }
}
