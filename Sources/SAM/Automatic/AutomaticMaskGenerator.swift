package import Images
private import Masks
private import Runtime
private import Tensors

/// Segments everything: asks for a grid of points over the image, and over crops of it, and keeps the good masks once.
///
/// The same masks in the same order as the reference; memory grows with the masks that pass the thresholds. Source:
/// segment-anything `automatic_mask_generator.py` and `utils/amg.py`.
package struct AutomaticMaskGenerator: ImageSegmenter {
    package let options: AutomaticMaskOptions
    private var predictor: SAMPredictor
    private let grids: [[PointGrid.Place]]

    /// - Throws: `SAMError.options`.
    package init(model: SAMModel, options: AutomaticMaskOptions = AutomaticMaskOptions()) throws(SAMError) {
        try options.validate()
        self.options = options
        predictor = SAMPredictor(model: model)
        grids = PointGrid.layers(options)
    }

    /// The masks of an image: with one crop by falling predicted IoU, with several by rising size of the crop first.
    ///
    /// - Parameter shouldStop: asked before each batch of points.
    /// - Throws: `SAMError.answer` when the model's numbers are not finite.
    package mutating func masks(of image: RGBImage, shouldStop: () -> Bool) throws -> [AutomaticMask]? {
        let crops = ImageCrop.all(
            height: image.height, width: image.width, layers: options.cropNLayers,
            overlapRatio: options.cropOverlapRatio)
        var found: [AutomaticMask] = []
        for crop in crops {
            guard let masks = try masks(of: image, crop: crop, shouldStop: shouldStop) else { return nil }
            found += masks
        }
        if crops.count > 1 {
            let scores = found.map { 1 / Float($0.cropBox.width * $0.cropBox.height) }
            found = Self.suppressed(found, scores: scores, threshold: options.cropNMSThresh)
        }
        return options.minMaskRegionArea > 0 ? cleaned(found) : found
    }

    /// Those that stay of masks whose boxes overlap, by falling score.
    private static func suppressed(_ masks: [AutomaticMask], scores: [Float], threshold: Double) -> [AutomaticMask] {
        BoxSuppression.kept(boxes: masks.map(\.box), scores: scores, threshold: threshold).map { masks[$0] }
    }

    // MARK: One crop

    /// The masks of a crop in the frame of the image, by falling predicted IoU.
    private mutating func masks(
        of image: RGBImage, crop: ImageCrop, shouldStop: () -> Bool
    ) throws(SAMError) -> [AutomaticMask]? {
        let box = crop.box
        let isWhole = box.width == image.width && box.height == image.height
        if shouldStop() { return nil }
        predictor.setImage(
            isWhole ? image : image.cropped(row: box.y0, column: box.x0, height: box.height, width: box.width))
        let points = grids[crop.layer].map {
            Prompt.Point(x: $0.x * Double(box.width), y: $0.y * Double(box.height))
        }
        let scan = MaskScan(
            frame: predictor.preprocessing.frame(height: box.height, width: box.width),
            preprocessing: predictor.preprocessing, stabilityOffset: options.stabilityScoreOffset)
        var found: [AutomaticMask] = []
        for first in stride(from: 0, to: points.count, by: options.pointsPerBatch) {
            if shouldStop() { return nil }
            let batch = Array(points[first..<min(points.count, first + options.pointsPerBatch)])
            found += try masks(at: batch, in: box, of: image, scan)
        }
        return Self.suppressed(found, scores: found.map(\.predictedIoU), threshold: options.boxNMSThresh)
    }

    /// The masks for a batch of points that pass all thresholds, in the order of the points.
    private func masks(
        at points: [Prompt.Point], in crop: PixelBox, of image: RGBImage, _ scan: MaskScan
    ) throws(SAMError) -> [AutomaticMask] {
        let output = try predictor.multimaskOutput(of: points)
        let masksPerPoint = output.lowResMasks.shape[1]
        let area = output.lowResMasks.shape[2] * output.lowResMasks.shape[3]
        let predictions = output.iouPredictions.values
        // Most masks fall here, before anything of the image's size is made.
        let isFiltered = options.predIoUThresh > 0
        let threshold = Float(options.predIoUThresh)
        let wanted = predictions.indices.filter { !isFiltered || predictions[$0] > threshold }
        var results = [AutomaticMask?](repeating: nil, count: wanted.count)
        let size = (height: image.height, width: image.width)
        let whole = PixelBox(x0: 0, y0: 0, x1: size.width, y1: size.height)
        let (minimum, options) = (Float(options.stabilityScoreThresh), options)
        output.lowResMasks.withUnsafeBuffer { logits in
            results.withUnsafeMutableBufferPointer { buffer in
                guard let base = logits.baseAddress else { return }
                nonisolated(unsafe) let (source, results) = (base, buffer)  // each chunk writes its own
                Workers.forEachChunk(of: wanted.count, grain: 1) { items, _ in
                    for item in items {
                        let index = wanted[item]
                        let reading = scan.read(source + index * area)
                        // NaN passes no threshold.
                        if options.stabilityScoreThresh > 0 && !(reading.stability >= minimum) { continue }
                        let box = PixelBox(of: reading.mask.bounds).moved(x: crop.x0, y: crop.y0)
                        if box.isNearEdge(of: crop, notOf: whole) { continue }
                        let point = points[index / masksPerPoint]
                        results[item] = AutomaticMask(
                            rle: reading.mask.rle(
                                height: size.height, width: size.width, top: crop.y0, left: crop.x0), box: box,
                            predictedIoU: predictions[index],
                            point: PointGrid.Place(x: point.x + Double(crop.x0), y: point.y + Double(crop.y0)),
                            stabilityScore: reading.stability, cropBox: crop)
                    }
                }
            }
        }
        return results.compactMap { $0 }
    }

    // MARK: Small regions

    /// The masks without small holes and islands, once more without doubles: those that needed no change go first.
    private func cleaned(_ masks: [AutomaticMask]) -> [AutomaticMask] {
        var cleaned = [AutomaticMask?](repeating: nil, count: masks.count)
        let area = options.minMaskRegionArea
        cleaned.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let cleaned = buffer  // each chunk writes its own
            Workers.forEachChunk(of: masks.count, grain: 1) { items, _ in
                for item in items {
                    guard let bitmap = SmallRegions.cleaned(masks[item].rle.bitmap(), below: area) else { continue }
                    var mask = masks[item]
                    mask.rle = RLE(bitmap)
                    mask.box = PixelBox(of: mask.rle.bounds)
                    cleaned[item] = mask
                }
            }
        }
        return Self.suppressed(
            zip(masks, cleaned).map { $1 ?? $0 }, scores: cleaned.map { $0 == nil ? 1 : 0 },
            threshold: max(options.boxNMSThresh, options.cropNMSThresh))
    }
}
