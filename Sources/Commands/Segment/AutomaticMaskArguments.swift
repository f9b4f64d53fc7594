internal import ArgumentParser
internal import SAM

/// The options of the automatic mask generator, with the reference's names and defaults.
package struct AutomaticMaskArguments: ParsableArguments {
    private static let defaults = AutomaticMaskOptions()

    @Option(
        name: .customLong("points-per-side"),
        help: ArgumentHelp("Points along each side of the grid that is asked for.", valueName: "n"))
    package var pointsPerSide = Self.defaults.pointsPerSide

    @Option(
        name: .customLong("points-per-batch"),
        help: ArgumentHelp("Points that the decoder gets at once; more of them take more memory.", valueName: "n"))
    package var pointsPerBatch = Self.defaults.pointsPerBatch

    @Option(
        name: .customLong("pred-iou-thresh"),
        help: ArgumentHelp("Keep masks with a predicted IoU above this; 0 keeps all.", valueName: "iou"))
    package var predIoUThresh = Self.defaults.predIoUThresh

    @Option(
        name: .customLong("stability-score-thresh"),
        help: ArgumentHelp("Keep masks of at least this stability; 0 keeps all.", valueName: "iou"))
    package var stabilityScoreThresh = Self.defaults.stabilityScoreThresh

    @Option(
        name: .customLong("stability-score-offset"),
        help: ArgumentHelp(
            "Stability is the IoU of the masks at this logit and at its negative.", valueName: "logit"))
    package var stabilityScoreOffset = Self.defaults.stabilityScoreOffset

    @Option(
        name: .customLong("box-nms-thresh"),
        help: ArgumentHelp("Of masks whose boxes have a higher IoU keep the better one.", valueName: "iou"))
    package var boxNMSThresh = Self.defaults.boxNMSThresh

    @Option(
        name: .customLong("crop-n-layers"),
        help: ArgumentHelp(
            "Look again at crops: layer i has 2^i a side. Each costs as much as the image.", valueName: "n"))
    package var cropNLayers = Self.defaults.cropNLayers

    @Option(
        name: .customLong("crop-nms-thresh"),
        help: ArgumentHelp("Like --box-nms-thresh, between crops; the smaller crop's mask stays.", valueName: "iou"))
    package var cropNMSThresh = Self.defaults.cropNMSThresh

    @Option(
        name: .customLong("crop-overlap-ratio"),
        help: ArgumentHelp("Overlap of crops as a share of the image's shorter side.", valueName: "share"))
    package var cropOverlapRatio = Self.defaults.cropOverlapRatio

    @Option(
        name: .customLong("crop-n-points-downscale-factor"),
        help: ArgumentHelp("Divide the points along a side by this, once more in each layer.", valueName: "n"))
    package var cropNPointsDownscaleFactor = Self.defaults.cropNPointsDownscaleFactor

    @Option(
        name: .customLong("min-mask-region-area"),
        help: ArgumentHelp("Fill smaller holes and remove smaller islands; 0 leaves them.", valueName: "pixels"))
    package var minMaskRegionArea = Self.defaults.minMaskRegionArea

    package init() {}

    package func validate() throws {
        do throws(SAMError) {
            try options.validate()
        } catch {
            throw ValidationError("--\(error.message).")
        }
    }

    /// The options as the generator takes them.
    var options: AutomaticMaskOptions {
        var options = AutomaticMaskOptions()
        options.pointsPerSide = pointsPerSide
        options.pointsPerBatch = pointsPerBatch
        options.predIoUThresh = predIoUThresh
        options.stabilityScoreThresh = stabilityScoreThresh
        options.stabilityScoreOffset = stabilityScoreOffset
        options.boxNMSThresh = boxNMSThresh
        options.cropNLayers = cropNLayers
        options.cropNMSThresh = cropNMSThresh
        options.cropOverlapRatio = cropOverlapRatio
        options.cropNPointsDownscaleFactor = cropNPointsDownscaleFactor
        options.minMaskRegionArea = minMaskRegionArea
        return options
    }

    /// All that results depend on, on one line.
    var description: String {
        let numbers: [any CustomStringConvertible] = [
            pointsPerSide, pointsPerBatch, predIoUThresh, stabilityScoreThresh, stabilityScoreOffset, boxNMSThresh,
            cropNLayers,
            cropNMSThresh, cropOverlapRatio, cropNPointsDownscaleFactor, minMaskRegionArea,
        ]
        return numbers.map(\.description).joined(separator: " ")
    }
}
