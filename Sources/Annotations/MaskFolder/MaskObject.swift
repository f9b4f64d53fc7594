internal import Masks

/// One object of an image, with the mask in the form in which it is written.
struct MaskObject: Sendable {
    private let segmentation: Segmentation
    private let area: Int
    private let box: Box

    /// The object whose mask is `part`, with its upper left pixel at (`x`, `y`) of an image.
    ///
    /// - Parameter polygonOverlap: intersection over union from which the outline is taken instead of the mask.
    /// - Throws: `MaskError` for an image larger than masks can be.
    init(_ part: Bitmap, x: Int, y: Int, height: Int, width: Int, polygonOverlap: Double) throws(MaskError) {
        let mask = try RLE(part, x: x, y: y, height: height, width: width)
        let rings = part.contourPolygons().map { ring in
            ring.enumerated().map { $0.element + Double($0.offset % 2 == 0 ? x : y) }
        }
        let outline = try RLE(height: height, width: width, polygons: rings)
        var written = mask
        // Equality is asked of the masks themselves: an overlap close to 1 may round to it.
        let isExact = outline == mask
        let overlap = isExact ? 1 : try Self.overlap(outline, mask)
        if isExact || polygonOverlap < 1 && overlap >= polygonOverlap {
            segmentation = .polygons(rings)
            written = outline
        } else {
            segmentation = .compressed(height: height, width: width, bytes: mask.compressed())
        }
        area = written.area
        box = written.boundingBox
    }

    private static func overlap(_ outline: RLE, _ mask: RLE) throws(MaskError) -> Double {
        try RLE.intersectionOverUnion(detections: [outline], groundTruth: [mask], isCrowd: [false])[0]
    }

    func annotation(id: COCOIdentifier, imageID: COCOIdentifier) -> COCOAnnotation {
        COCOAnnotation(
            id: id, imageID: imageID, categoryID: 1, segmentation: segmentation, bbox: box, area: Double(area),
            crowdFlag: false)
    }
}

extension RLE {
    /// The mask of an image that is background but for `part`, whose upper left pixel is at (`x`, `y`).
    init(_ part: Bitmap, x: Int, y: Int, height: Int, width: Int) throws(MaskError) {
        precondition(
            x >= 0 && y >= 0 && x + part.width <= width && y + part.height <= height,
            "a part of \(part.height) x \(part.width) at (\(x), \(y)) of an image of \(height) x \(width)")
        var counts: [Int] = []
        var runStart = 0
        var isForeground = false
        func end(runAt position: Int) {
            counts.append(position - runStart)
            runStart = position
            isForeground.toggle()
        }
        for column in 0..<part.width {
            let top = (x + column) * height + y
            // Above the part is background, unless it reaches from edge to edge.
            if isForeground, part.height < height { end(runAt: top - y - (height - y - part.height)) }
            for row in 0..<part.height where part[row, column] != isForeground { end(runAt: top + row) }
        }
        if isForeground { end(runAt: (x + part.width - 1) * height + y + part.height) }
        counts.append(height * width - runStart)
        try self.init(height: height, width: width, counts: counts)
    }
}
