private import Runtime

extension Tensor {
    /// Cuts a picture into windows: `[B, H, W, C]` -> `[B * rows * columns, size, size, C]`, zero-padded at the right and
    /// the bottom to whole windows. Source: segment-anything `window_partition`.
    package func windowPartition(size: Int) -> Tensor {
        precondition(rank == 4 && size >= 1, "windows of \(size) need [B, H, W, C], not \(shape)")
        let windows = WindowGrid(batch: shape[0], height: shape[1], width: shape[2], channels: shape[3], size: size)
        let result = Tensor(shape: windows.windowShape) { windows.partition(base, into: $0) }
        return result.recorded(from: [self]) { [node, shape] gradient in
            node?.accumulate(Tensor(shape: shape) { windows.unpartition(gradient.base, into: $0) })
        }
    }

    /// Puts windows together again and drops the padding: the inverse of ``windowPartition(size:)``.
    ///
    /// - Parameters:
    ///   - height: rows of the picture.
    ///   - width: columns of the picture.
    /// - Returns: `[B, height, width, C]`.
    package func windowUnpartition(height: Int, width: Int) -> Tensor {
        precondition(rank == 4 && shape[1] == shape[2], "windows are [N, size, size, C], not \(shape)")
        let size = shape[1]
        let perImage = ((height + size - 1) / size) * ((width + size - 1) / size)
        precondition(
            perImage > 0 && shape[0] % perImage == 0,
            "\(shape[0]) windows of \(size) are no pictures of \(height) x \(width)")
        let windows = WindowGrid(
            batch: shape[0] / perImage, height: height, width: width, channels: shape[3], size: size)
        let result = Tensor(shape: windows.pictureShape) { windows.unpartition(base, into: $0) }
        return result.recorded(from: [self]) { [node] gradient in
            node?.accumulate(Tensor(shape: windows.windowShape) { windows.partition(gradient.base, into: $0) })
        }
    }
}

/// A batch of pictures and its cut into square windows.
private struct WindowGrid {
    let batch: Int
    let height: Int
    let width: Int
    let channels: Int
    let size: Int

    var rows: Int { (height + size - 1) / size }
    var columns: Int { (width + size - 1) / size }
    var windowShape: [Int] { [batch * rows * columns, size, size, channels] }
    var pictureShape: [Int] { [batch, height, width, channels] }

    /// Calls `body` for each row of each window: its first element among the windows, its first element in the picture
    /// (nil below the picture's edge), and how many pixels of it lie in the picture.
    private func forEachRow(_ body: (_ window: Int, _ picture: Int?, _ pixels: Int) -> Void) {
        ElementLoop.forEachRows(batch * rows * columns * size, columns: size * channels) { range in
            for index in range {
                let (window, line) = (index / size, index % size)
                let (image, place) = (window / (rows * columns), window % (rows * columns))
                let y = place / columns * size + line
                let x = place % columns * size
                let picture = y < height ? ((image * height + y) * width + x) * channels : nil
                body(index * size * channels, picture, min(size, width - x))
            }
        }
    }

    func partition(_ picture: UnsafePointer<Float>, into windows: UnsafeMutablePointer<Float>) {
        forEachRow { window, start, pixels in
            let target = windows + window
            guard let start else { return target.initialize(repeating: 0, count: size * channels) }
            target.initialize(from: picture + start, count: pixels * channels)
            (target + pixels * channels).initialize(repeating: 0, count: (size - pixels) * channels)
        }
    }

    func unpartition(_ windows: UnsafePointer<Float>, into picture: UnsafeMutablePointer<Float>) {
        forEachRow { window, start, pixels in
            if let start { (picture + start).initialize(from: windows + window, count: pixels * channels) }
        }
    }
}
