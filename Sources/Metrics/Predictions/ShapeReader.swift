internal import Annotations
internal import Masks
internal import Runtime

/// Makes shapes of one image's labels and results; what has none is reported.
struct ShapeReader {
    /// What is compared of an object.
    struct Shape {
        var box: Box
        /// Nil where only boxes are compared and the object has one, and where there is an outline.
        var mask: RLE?
        /// The mask before it is drawn.
        var outline: MaskOutline?
        /// In pixels.
        var area: Double
    }

    /// Why a mask cannot be drawn.
    private struct Problem: Error {
        var rule: String
        var message: String
    }

    let image: COCOImage
    private let setting: ComparisonSetting
    let predictions: ImagePredictions
    /// What was wrong so far.
    private(set) var findings: [LabelFinding] = []

    private var kind: OverlapKind { setting.options.overlap }

    /// Masks with a larger box are not turned into pixels, so that a small file cannot ask for much memory.
    private static let maximumPixels = 1 << 26

    init(image: COCOImage, setting: ComparisonSetting, predictions: ImagePredictions) {
        self.image = image
        self.setting = setting
        self.predictions = predictions
    }

    // MARK: Truth

    /// The shape of a label; nil, and a finding, when it has none.
    mutating func shape(of annotation: COCOAnnotation) -> Shape? {
        do throws(MaskError) {
            if let outline = try outline(of: annotation), let area = annotation.area {
                return Shape(box: annotation.bbox ?? .zero, outline: outline, area: area)
            }
        } catch {
            drop(error.codeName, annotation.location, "\(error.message); the annotation is dropped")
            return nil
        }
        var mask: RLE?
        let needsMask = kind.comparesMasks || annotation.bbox == nil
        if needsMask || annotation.area == nil {
            guard let segmentation = annotation.segmentation else {
                if needsMask {
                    let what = kind.comparesMasks ? "mask" : "box and no mask"
                    drop(
                        PredictionRule.maskMissing, annotation.location,
                        "the annotation has no \(what); it is dropped")
                    return nil
                }
                return shape(of: annotation, mask: nil)
            }
            do throws(Problem) {
                mask = try limited(self.mask(segmentation))
            } catch {
                if needsMask {
                    drop(error.rule, annotation.location, "\(error.message); the annotation is dropped")
                    return nil
                }
            }
        }
        if kind.comparesMasks && mask?.isEmpty == true {
            note(
                PredictionRule.maskEmpty, annotation.location,
                "the mask has no pixel; no result can find it, and it counts as missed")
        }
        return shape(of: annotation, mask: mask)
    }

    /// The outline of a label that is one ring and of which no more is wanted than what results it overlaps; nil for others.
    private func outline(of annotation: COCOAnnotation) throws(MaskError) -> MaskOutline? {
        guard kind == .segm, !setting.needsPixels, !annotation.isCrowd, annotation.area != nil,
            let height = image.height, let width = image.width,
            case .polygons(let rings) = annotation.segmentation, rings.count == 1,
            Self.coversPixels(rings[0], height: height, width: width)
        else { return nil }
        return try MaskOutline(height: height, width: width, ring: rings[0])
    }

    /// Whether a ring covers a pixel for certain: it lies in the image, and has so much area for its length that a disc of
    /// more than a pixel fits in. Of others it takes drawing to know whether they are worth a word.
    private static func coversPixels(_ ring: [Double], height: Int, width: Int) -> Bool {
        guard ring.count >= 6 else { return false }
        var (area, length) = (0.0, 0.0)
        var (x, y) = (ring[ring.count - 2], ring[ring.count - 1])
        for corner in stride(from: 0, to: ring.count - 1, by: 2) {
            let (nextX, nextY) = (ring[corner], ring[corner + 1])
            guard nextX >= 0, nextY >= 0, nextX <= Double(width), nextY <= Double(height) else { return false }
            area += x * nextY - nextX * y
            length += abs(nextX - x) + abs(nextY - y)
            (x, y) = (nextX, nextY)
        }
        return abs(area) / 2 >= 1.5 * length
    }

    private mutating func shape(of annotation: COCOAnnotation, mask: RLE?) -> Shape {
        let box = annotation.bbox ?? mask?.boundingBox ?? .zero
        if let area = annotation.area { return Shape(box: box, mask: mask, area: area) }
        let what = mask == nil ? "box" : "mask"
        if setting.statesAreas {
            note(
                PredictionRule.areaMissing, annotation.location,
                "the annotation has no area; that of its \(what) is taken")
        }
        return Shape(box: box, mask: mask, area: mask.map { Double($0.area) } ?? box.area)
    }

    // MARK: Predictions

    /// The shape of a result; nil, and a finding, when it has none.
    mutating func shape(of row: PredictionRow) throws -> Shape? {
        if row.hasBox && !(row.box.width > 0 && row.box.height > 0) {
            note(
                PredictionRule.boxDegenerate, location(of: row),
                "the box \(row.box) has no width or no height, or a negative one; it is compared as it is")
        }
        guard kind.comparesMasks || !row.hasBox else { return Shape(box: row.box, mask: nil, area: row.box.area) }
        let mask: RLE
        do {
            if row.segmentation.isEmpty {
                note(
                    PredictionRule.boxOnly, location(of: row),
                    "the result has only a box, which is filled to compare masks")
                mask = try limited(filled(row.box))
            } else if let plain = compressedMask(of: row) {
                mask = try limited(plain)
            } else {
                guard let segmentation = try segmentation(of: row) else { return nil }
                mask = try limited(self.mask(segmentation))
            }
        } catch let problem as Problem {
            drop(problem.rule, location(of: row), "\(problem.message); the result is dropped")
            return nil
        }
        if mask.isEmpty {
            note(
                PredictionRule.maskEmpty, location(of: row),
                "the mask has no pixel; it can find no object, and counts as wrong")
        }
        let takesBox = row.hasBox && predictions.takesAreaOfBox
        return Shape(
            box: row.hasBox ? row.box : mask.boundingBox, mask: mask,
            area: takesBox ? row.box.area : Double(mask.area))
    }

    private func compressedMask(of row: PredictionRow) -> RLE? {
        guard case .file(let file) = predictions.shapes, let height = image.height, let width = image.width else {
            return nil
        }
        return file.withBytes { bytes in
            COCOResultsReader.compressedMask(in: bytes, at: row.segmentation, height: height, width: width)
        }
    }

    private mutating func segmentation(of row: PredictionRow) throws -> Segmentation? {
        let file: MappedFile
        switch predictions.shapes {
        case .file(let results): file = results
        case .labels(let labels): return labels[row.number - 1].segmentation
        }
        let (segmentation, noted) = try file.withBytes { bytes in
            try COCOResultsReader.segmentation(in: bytes, at: row.segmentation, path: file.path)
        }
        for var finding in LabelFinding.about(noted, dropped: segmentation == nil ? .annotations : nil) {
            finding.finding.location.imageID = image.id.description
            finding.finding.location.annotationID = "\(row.number)"
            findings.append(finding)
        }
        return segmentation
    }

    // MARK: Parts

    private func mask(_ segmentation: Segmentation) throws(Problem) -> RLE {
        guard let height = image.height ?? segmentation.size?.height,
            let width = image.width ?? segmentation.size?.width
        else {
            throw Problem(
                rule: PredictionRule.imageSizeMissing,
                message: "the truth does not say how large the image is, and the mask is an outline")
        }
        do throws(MaskError) {
            return try segmentation.rle(height: height, width: width)
        } catch {
            throw Problem(rule: error.codeName, message: error.message)
        }
    }

    /// A mask that may become pixels where it has to.
    private func limited(_ mask: RLE) throws(Problem) -> RLE {
        guard kind == .boundary, let problem = Self.pixelProblem(of: mask) else { return mask }
        throw Problem(rule: PredictionRule.maskTooLarge, message: problem)
    }

    /// Why a mask cannot become pixels; nil when it can.
    static func pixelProblem(of mask: RLE) -> String? {
        guard mask.pixelCount > maximumPixels, let bounds = mask.bounds,
            bounds.rows.count * bounds.columns.count > maximumPixels
        else { return nil }
        return "the mask's box has \(bounds.rows.count) x \(bounds.columns.count) pixels, of which at most "
            + "\(maximumPixels) are compared one by one"
    }

    private func filled(_ box: Box) throws(Problem) -> RLE {
        guard let height = image.height, let width = image.width else {
            throw Problem(
                rule: PredictionRule.imageSizeMissing, message: "the truth does not say how large the image is")
        }
        do throws(MaskError) {
            return try RLE(height: height, width: width, box: box)
        } catch {
            throw Problem(rule: error.codeName, message: error.message)
        }
    }

    /// Where a result is.
    func location(of row: PredictionRow) -> DataLocation {
        switch predictions.shapes {
        case .file(let file): PredictionTable.location(of: row, imageID: image.id, path: file.path)
        case .labels(let labels): labels[row.number - 1].location
        }
    }

    /// Reports what was left out, and why.
    mutating func drop(_ rule: String, _ location: DataLocation, _ message: String) {
        findings.append(
            LabelFinding(
                Finding(rule: rule, severity: .error, location: location, message: message), dropped: .annotations))
    }

    /// Reports what is odd.
    mutating func note(_ rule: String, _ location: DataLocation, _ message: String) {
        findings.append(LabelFinding(Finding(rule: rule, severity: .warning, location: location, message: message)))
    }
}
