/// Union, intersection and symmetric difference on runs.
extension RLE {
    /// The pixels that belong to any of the masks.
    ///
    /// - Throws: `MaskError.size` when the sizes differ or there is no mask.
    package static func union(_ masks: [RLE]) throws(MaskError) -> RLE {
        try merge(masks) { $0 || $1 }
    }

    /// The pixels that belong to all of the masks.
    ///
    /// - Throws: `MaskError.size` when the sizes differ or there is no mask.
    package static func intersection(_ masks: [RLE]) throws(MaskError) -> RLE {
        try merge(masks) { $0 && $1 }
    }

    /// The pixels that belong to an odd number of the masks: what even-odd filling makes of rings.
    ///
    /// - Throws: `MaskError.size` when the sizes differ or there is no mask.
    package static func symmetricDifference(_ masks: [RLE]) throws(MaskError) -> RLE {
        try merge(masks) { $0 != $1 }
    }

    /// Merges neighbours pairwise until one is left, so that many small masks cost n log n and not n squared.
    private static func merge(_ masks: [RLE], _ combine: (Bool, Bool) -> Bool) throws(MaskError) -> RLE {
        guard let first = masks.first else { throw MaskError(.size, "no mask to merge") }
        for mask in masks where mask.height != first.height || mask.width != first.width {
            throw MaskError(
                .size,
                "masks of \(first.height) x \(first.width) and \(mask.height) x \(mask.width) pixels cannot be merged")
        }
        var level = masks
        while level.count > 1 {
            level = stride(from: 0, to: level.count, by: 2).map { index in
                index + 1 < level.count ? pair(level[index], level[index + 1], combine) : level[index]
            }
        }
        return level[0]
    }

    @inline(__always)
    private static func pair(_ a: RLE, _ b: RLE, _ combine: (Bool, Bool) -> Bool) -> RLE {
        let pixels = a.pixelCount
        var toggles = ToggleList(capacity: a.counts.count + b.counts.count)
        a.counts.withUnsafeBufferPointer { a in
            b.counts.withUnsafeBufferPointer { b in
                var nextA = Int(a[0])
                var nextB = Int(b[0])
                var indexA = 1
                var indexB = 1
                var insideA = false
                var insideB = false
                var inside = false
                while true {
                    let position = min(nextA, nextB)
                    // Both lists add up to `pixels`, so neither runs out before the end is reached.
                    if position >= pixels { break }
                    if nextA == position {
                        insideA.toggle()
                        nextA += Int(a[indexA])
                        indexA += 1
                    }
                    if nextB == position {
                        insideB.toggle()
                        nextB += Int(b[indexB])
                        indexB += 1
                    }
                    if combine(insideA, insideB) != inside {
                        inside.toggle()
                        toggles.toggle(at: position)
                    }
                }
            }
        }
        return RLE(height: a.height, width: a.width, canonical: toggles.counts(pixels: pixels))
    }
}
