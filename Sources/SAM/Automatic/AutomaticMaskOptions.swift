private import Runtime

/// What ``AutomaticMaskGenerator`` does, with the names and defaults of the reference.
///
/// Source: segment-anything `automatic_mask_generator.py`.
package struct AutomaticMaskOptions: Sendable, Hashable {
    /// Points along each side of the grid that is laid over the image; unused where ``pointGrids`` are given.
    package var pointsPerSide = 32
    /// A grid for each crop layer, or nil for regular ones: places in a crop, as shares 0...1 of its width and height.
    package var pointGrids: [[PointGrid.Place]]?
    /// Points that go through the mask decoder together: for memory; scores differ in their last digits at most.
    package var pointsPerBatch = 64
    /// Masks are kept whose predicted IoU is above this; 0 or less keeps all.
    package var predIoUThresh = 0.88
    /// Masks are kept whose stability is at least this; 0 or less keeps all.
    package var stabilityScoreThresh = 0.95
    /// Stability is the IoU of the masks of logits above this and above its negative.
    package var stabilityScoreOffset = 1.0
    /// Of two masks in one crop whose boxes have a higher IoU, the one with the lower predicted IoU goes.
    package var boxNMSThresh = 0.7
    /// Layers of crops besides the whole image; layer i has 2^i crops a side.
    package var cropNLayers = 0
    /// Of two masks of different crops whose boxes have a higher IoU, that of the larger crop goes.
    package var cropNMSThresh = 0.7
    /// Overlap of the first layer's crops as a share of the image's shorter side; later layers overlap less.
    package var cropOverlapRatio = 512.0 / 1500.0
    /// Layer i has `pointsPerSide` divided by the i-th power of this along each side of its crops.
    package var cropNPointsDownscaleFactor = 1
    /// Holes and islands of fewer pixels are removed; 0 keeps them.
    package var minMaskRegionArea = 0

    /// The reference's defaults.
    package init() {}

    /// More points along a side than this are a mistake.
    package static let maximumPointsPerSide = 1024
    /// More layers than this are a mistake: the sixth has 4096 crops.
    package static let maximumCropLayers = 6

    /// - Throws: `SAMError.options` that names the option, its value and what is allowed.
    package func validate() throws(SAMError) {
        func demand(_ holds: Bool, _ name: String, _ value: some CustomStringConvertible, _ wanted: String)
            throws(SAMError)
        {
            guard holds else { throw SAMError(.options, "\(name) is \(value); \(wanted) is wanted") }
        }
        let sides = 1...Self.maximumPointsPerSide
        try demand(
            sides.contains(pointsPerSide), "points-per-side", pointsPerSide, "1 to \(Self.maximumPointsPerSide)")
        try demand((1...4096).contains(pointsPerBatch), "points-per-batch", pointsPerBatch, "1 to 4096")
        for (name, value) in [
            ("pred-iou-thresh", predIoUThresh), ("stability-score-thresh", stabilityScoreThresh),
            ("box-nms-thresh", boxNMSThresh), ("crop-nms-thresh", cropNMSThresh),
        ] { try demand(value.isFinite, name, value, "a finite number") }
        try demand(
            stabilityScoreOffset.isFinite && stabilityScoreOffset >= 0, "stability-score-offset",
            stabilityScoreOffset, "a finite number of at least 0")
        try demand(
            (0...Self.maximumCropLayers).contains(cropNLayers), "crop-n-layers", cropNLayers,
            "0 to \(Self.maximumCropLayers)")
        try demand((0...1).contains(cropOverlapRatio), "crop-overlap-ratio", cropOverlapRatio, "0 to 1")
        try demand(
            sides.contains(cropNPointsDownscaleFactor), "crop-n-points-downscale-factor",
            cropNPointsDownscaleFactor, "1 to \(Self.maximumPointsPerSide)")
        try demand(minMaskRegionArea >= 0, "min-mask-region-area", minMaskRegionArea, "0 or more")
        if let pointGrids {
            try demand(
                pointGrids.count > cropNLayers && pointGrids.allSatisfy { !$0.isEmpty }, "number of point grids",
                pointGrids.count, "one of at least one point for each of \(cropNLayers + 1) layers")
            for place in pointGrids.joined() {
                try demand(
                    (0...1).contains(place.x) && (0...1).contains(place.y), "a place of a point grid",
                    "(\(place.x), \(place.y))", "0 to 1 on both axes")
            }
        } else {
            let last = PointGrid.side(ofLayer: cropNLayers, self)
            try demand(
                last >= 1, "points-per-side of crop layer \(cropNLayers)", last,
                "at least 1 (fewer layers, more points or a smaller crop-n-points-downscale-factor)")
        }
    }
}

extension SAMError.Code {
    /// Options that contradict each other or mean nothing.
    package static let options = SAMError.Code(name: "sam.options", kind: .usage)
}
