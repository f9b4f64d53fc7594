private import Runtime

/// Exact Euclidean distances.
extension Bitmap {
    /// Stands for "no such pixel" in a distance map.
    package static let unreachable = Int.max

    /// The squared distance of every pixel to the nearest background pixel, 0 outside the mask, row-major.
    ///
    /// ``unreachable`` everywhere when there is no background at all.
    ///
    /// - Parameter borderIsBackground: what lies outside the image counts as background, so that a mask cut by the
    ///   image border has no depth there.
    package func squaredDistanceTransform(borderIsBackground: Bool = false) -> [Int] {
        squaredDistances(to: 0, borderCounts: borderIsBackground)
    }

    /// The squared distance of every pixel to the nearest foreground pixel, 0 inside the mask, row-major.
    ///
    /// ``unreachable`` everywhere when the mask is empty.
    package func squaredDistancesToForeground() -> [Int] {
        squaredDistances(to: 1, borderCounts: false)
    }

    /// Two passes: down the columns, then along each row the lower envelope of the parabolas that they leave.
    ///
    /// Integers throughout, so exact. Source: Meijster, Roerdink, Hesselink, "A general algorithm for computing distance
    /// transforms in linear time", 2000; the same envelope as Felzenszwalb and Huttenlocher, 2012.
    private func squaredDistances(to target: UInt8, borderCounts: Bool) -> [Int] {
        let vertical = verticalDistances(to: target, borderCounts: borderCounts)
        let (height, width) = (height, width)
        return [Int](unsafeUninitializedCapacity: height * width) { buffer, count in
            nonisolated(unsafe) let result = buffer  // each chunk writes rows of its own
            Workers.forEachChunk(of: height, grain: 32) { rows, _ in
                var envelope = ParabolaEnvelope(width: width, borderCounts: borderCounts)
                vertical.withUnsafeBufferPointer { vertical in
                    for row in rows {
                        let span = row * width..<(row + 1) * width
                        envelope.fill(
                            UnsafeMutableBufferPointer(rebasing: result[span]),
                            from: UnsafeBufferPointer(rebasing: vertical[span]))
                    }
                }
            }
            count = height * width
        }
    }

    /// The distance to the nearest target in the same column; -1 where the column has none.
    func verticalDistances(to target: UInt8, borderCounts: Bool) -> [Int32] {
        let (height, width) = (height, width)
        guard width > 0 else { return [] }
        let far = Int32.max / 2
        return [Int32](unsafeUninitializedCapacity: height * width) { distances, count in
            var nearest = [Int32](repeating: borderCounts ? 0 : far, count: width)
            pixels.withUnsafeBufferPointer { pixels in
                for row in 0..<height {
                    for column in 0..<width {
                        let index = row * width + column
                        nearest[column] = pixels[index] == target ? 0 : min(nearest[column] + 1, far)
                        distances[index] = nearest[column]
                    }
                }
            }
            for column in 0..<width { nearest[column] = borderCounts ? 0 : far }
            for row in (0..<height).reversed() {
                for column in 0..<width {
                    let index = row * width + column
                    nearest[column] = min(distances[index], min(nearest[column] + 1, far))
                    distances[index] = nearest[column] == far ? -1 : nearest[column]
                }
            }
            count = height * width
        }
    }
}
