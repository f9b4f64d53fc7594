private import Runtime
package import Tensors

/// Pictures read between their cells: the values at any places, with gradients.
///
/// Cell (i, j) of a picture has its middle at (j + 1/2, i + 1/2); between the middles values are bilinear, beyond the outermost
/// ones they stay as there: PyTorch's `grid_sample` with `align_corners` false and the padding `border`, and what resizing to a
/// finer grid would give at the same places.
package struct BilinearSamples: Sendable {
    /// x and y of each place in cells, rows of places one after the other.
    private let places: [Float]
    private let rows: Int
    /// Places of a row.
    package let count: Int

    /// - Parameters:
    ///   - places: x, y, x, y, ... of `rows` times the same number of places, in cells; all finite.
    ///   - rows: pictures that are read.
    package init(places: [Float], rows: Int) {
        precondition(
            rows > 0 && !places.isEmpty && places.count % (2 * rows) == 0,
            "\(places.count) coordinates for \(rows) pictures")
        self.places = places
        self.rows = rows
        count = places.count / (2 * rows)
    }

    /// - Parameter pictures: [rows, H, W].
    /// - Returns: [rows, count].
    package func callAsFunction(_ pictures: Tensor) -> Tensor {
        precondition(
            pictures.rank == 3 && pictures.shape[0] == rows && pictures.count > 0,
            "samples of \(rows) pictures from \(pictures.shape)")
        let (height, width) = (pictures.shape[1], pictures.shape[2])
        let result = Tensor(shape: [rows, count]) { output in
            pictures.withUnsafeBuffer { source in
                guard let source = source.baseAddress else { return }
                forEachRow { places, row in
                    Self.read(
                        source + row * height * width, height: height, width: width, places: places, count: count,
                        into: output + row * count)
                }
            }
        }
        return pictures.operation(result) { gradient in
            Tensor(shape: [rows, height, width]) { target in
                gradient.withUnsafeBuffer { gradient in
                    guard let gradient = gradient.baseAddress else { return }
                    forEachRow { places, row in
                        Self.spread(
                            gradient + row * count, places: places, count: count,
                            over: target + row * height * width, height: height, width: width)
                    }
                }
            }
        }
    }

    /// Calls `body` with the places and the number of each row, in parallel: a picture's gradient is summed by one thread.
    private func forEachRow(_ body: (_ places: UnsafePointer<Float>, _ row: Int) -> Void) {
        places.withUnsafeBufferPointer { places in
            guard let places = places.baseAddress else { return }
            withoutActuallyEscaping(body) { body in
                nonisolated(unsafe) let (body, places) = (body, places)
                Workers.forEachChunk(of: rows, grain: 1) { range, _ in
                    for row in range { body(places + 2 * row * count, row) }
                }
            }
        }
    }

    /// The two cells around a place on one axis, and what the second counts.
    @inline(__always)
    private static func neighbours(_ place: Float, _ size: Int) -> (first: Int, second: Int, share: Float) {
        let middle = min(max(place - 0.5, 0), Float(size - 1))
        let first = Int(middle)
        return (first, min(first + 1, size - 1), middle - Float(first))
    }

    /// Reads one picture.
    ///
    /// - Parameters:
    ///   - source: [height, width].
    ///   - places: x and y of each place, in cells.
    ///   - count: number of places.
    ///   - target: [count].
    package static func read(
        _ source: UnsafePointer<Float>, height: Int, width: Int, places: UnsafePointer<Float>, count: Int,
        into target: UnsafeMutablePointer<Float>
    ) {
        for index in 0..<count {
            let (left, right, x) = neighbours(places[2 * index], width)
            let (top, bottom, y) = neighbours(places[2 * index + 1], height)
            let upper = source[top * width + left] * (1 - x) + source[top * width + right] * x
            let lower = source[bottom * width + left] * (1 - x) + source[bottom * width + right] * x
            target[index] = upper * (1 - y) + lower * y
        }
    }

    /// The way back of reading one picture.
    private static func spread(
        _ gradient: UnsafePointer<Float>, places: UnsafePointer<Float>, count: Int,
        over target: UnsafeMutablePointer<Float>, height: Int, width: Int
    ) {
        target.initialize(repeating: 0, count: height * width)
        for index in 0..<count {
            let (left, right, x) = neighbours(places[2 * index], width)
            let (top, bottom, y) = neighbours(places[2 * index + 1], height)
            let (upper, lower) = (gradient[index] * (1 - y), gradient[index] * y)
            target[top * width + left] += upper * (1 - x)
            target[top * width + right] += upper * x
            target[bottom * width + left] += lower * (1 - x)
            target[bottom * width + right] += lower * x
        }
    }
}
