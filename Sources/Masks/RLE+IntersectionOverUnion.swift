private import Runtime

/// Overlap of masks, computed on runs.
extension RLE {
    /// Intersection over union of every detection with every ground truth, as `rleIou` of the COCO mask API.
    ///
    /// Pairs whose boxes do not overlap cost nothing. An empty mask has 0 with everything, itself included.
    ///
    /// - Parameters:
    ///   - detections: D masks.
    ///   - groundTruth: G masks.
    ///   - isCrowd: one flag a ground truth (the union is then the detection's area alone); empty means none.
    /// - Returns: row-major [D, G].
    /// - Throws: `MaskError.size` when the masks differ in size.
    package static func intersectionOverUnion(
        detections: [RLE], groundTruth: [RLE], isCrowd: [Bool] = []
    ) throws(MaskError) -> [Double] {
        precondition(
            isCrowd.isEmpty || isCrowd.count == groundTruth.count,
            "\(isCrowd.count) crowd flags for \(groundTruth.count) ground truths")
        if let first = detections.first ?? groundTruth.first {
            for list in [detections, groundTruth] {
                for mask in list where mask.height != first.height || mask.width != first.width {
                    throw MaskError(
                        .size,
                        "masks of \(first.height) x \(first.width) and \(mask.height) x \(mask.width) pixels do not "
                            + "compare")
                }
            }
        }
        // A few masks are compared as they are; boxes, which cost a division a run, pay for themselves among many.
        if detections.count * groundTruth.count <= 4 {
            var overlaps: [Double] = []
            overlaps.reserveCapacity(detections.count * groundTruth.count)
            for detection in detections {
                for (g, truth) in groundTruth.enumerated() {
                    let shared = detection.intersectionArea(truth)
                    let isCrowd = isCrowd.isEmpty ? false : isCrowd[g]
                    overlaps.append(
                        shared == 0
                            ? 0
                            : Double(shared)
                                / Double(isCrowd ? detection.area : detection.area + truth.area - shared))
                }
            }
            return overlaps
        }
        let detectionAreas = detections.map(\.area)
        let detectionBounds = detections.map(\.bounds)
        let truthAreas = groundTruth.map(\.area)
        let truthBounds = groundTruth.map(\.bounds)
        let columns = groundTruth.count
        var overlaps = [Double](repeating: 0, count: detections.count * columns)
        overlaps.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let result = buffer  // each chunk writes the rows of its own detections
            Workers.forEachChunk(of: detections.count, grain: 8) { rows, _ in
                for d in rows {
                    guard let a = detectionBounds[d] else { continue }
                    for g in 0..<columns {
                        guard let b = truthBounds[g], a.columns.overlaps(b.columns), a.rows.overlaps(b.rows) else {
                            continue
                        }
                        let shared = detections[d].intersectionArea(groundTruth[g])
                        guard shared > 0 else { continue }
                        let isCrowd = isCrowd.isEmpty ? false : isCrowd[g]
                        let union = isCrowd ? detectionAreas[d] : detectionAreas[d] + truthAreas[g] - shared
                        result[d * columns + g] = Double(shared) / Double(union)
                    }
                }
            }
        }
        return overlaps
    }

    /// The number of pixels that two masks of one size share.
    package func intersectionArea(_ other: RLE) -> Int {
        precondition(
            height == other.height && width == other.width,
            "masks of \(height) x \(width) and \(other.height) x \(other.width) pixels")
        return counts.withUnsafeBufferPointer { a in
            other.counts.withUnsafeBufferPointer { b in Self.sharedPixels(a, b, pixels: pixelCount) }
        }
    }

    /// Pixels behind the last run of foreground.
    private static func background(behind runs: UnsafeBufferPointer<UInt32>) -> Int {
        runs.count.isMultiple(of: 2) ? 0 : Int(runs[runs.count - 1])
    }

    /// Walks the foreground runs of both lists, always moving the one that ends first.
    ///
    /// - Parameter pixels: of both masks.
    private static func sharedPixels(
        _ a: UnsafeBufferPointer<UInt32>, _ b: UnsafeBufferPointer<UInt32>, pixels: Int
    ) -> Int {
        guard a.count > 1, b.count > 1 else { return 0 }
        // Where one ends before the other begins, as masks side by side do, nothing is walked.
        let (lastA, lastB) = (pixels - background(behind: a), pixels - background(behind: b))
        if lastA <= Int(b[0]) || lastB <= Int(a[0]) { return 0 }
        var total = 0
        var indexA = 1
        var indexB = 1
        var startA = Int(a[0])
        var startB = Int(b[0])
        var endA = startA + Int(a[1])
        var endB = startB + Int(b[1])
        while true {
            let end = min(endA, endB)
            total += max(0, end - max(startA, startB))
            if endA == end {
                indexA += 2
                if indexA >= a.count { return total }
                startA = endA + Int(a[indexA - 1])
                endA = startA + Int(a[indexA])
            }
            if endB == end {
                indexB += 2
                if indexB >= b.count { return total }
                startB = endB + Int(b[indexB - 1])
                endB = startB + Int(b[indexB])
            }
        }
    }
}
