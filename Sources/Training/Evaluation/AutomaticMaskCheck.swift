private import Foundation
private import Masks
private import Pipeline
package import SAM
package import Shards

/// Whether a model still finds objects of its own accord: its automatic masks on a few images against the labels.
///
/// Tuning with boxes alone is known to end in a model whose automatic masks are none at all, as predicted IoUs fall below the
/// threshold (lightning-sam issues 9, 33, 37 and 38).
package struct AutomaticMaskCheck: Sendable, Hashable {
    /// Images that were segmented, and the labelled objects in them.
    package let images: Int
    package let objects: Int
    /// Masks that passed the thresholds.
    package let masks: Int
    /// Mean over the objects of the IoU with the best of the masks, 0...1.
    package let meanBestIoU: Double
    /// Share of the objects that a mask covers with an IoU of at least 0.5.
    package let recall: Double
    /// Why the model could not be asked, or nil when it was.
    package let skipped: String?

    package init(images: Int, objects: Int, masks: Int, meanBestIoU: Double, recall: Double, skipped: String? = nil) {
        self.images = images
        self.objects = objects
        self.masks = masks
        self.meanBestIoU = meanBestIoU
        self.recall = recall
        self.skipped = skipped
    }

    /// Points along each side of the grid: a quarter of the usual number of points, so that the check stays short.
    package static let pointsPerSide = 16
    /// Thresholds of the masks, below the usual ones, which only large models pass: what counts here is the difference that
    /// training makes.
    package static let (leastPredictedIoU, leastStability): (Double, Double) = (0.7, 0.8)
    /// Images that are segmented where nobody says how many.
    package static let usualImages = 4

    /// Segments the images with the most labelled objects among those that are looked at.
    ///
    /// - Parameter maximumImages: that are segmented.
    /// - Returns: nil when it was told to stop.
    /// - Throws: what reading records and images throws.
    package static func run(
        _ model: SAMModel, on set: ShardSet, subset: EvaluationSubset, minObjectArea: Int,
        maximumImages: Int = usualImages,
        shouldStop: () -> Bool = { false }
    ) throws -> AutomaticMaskCheck? {
        var options = AutomaticMaskOptions()
        options.pointsPerSide = pointsPerSide
        (options.predIoUThresh, options.stabilityScoreThresh) = (leastPredictedIoU, leastStability)
        // No more at once than an evaluation asks for.
        options.pointsPerBatch = 16
        var generator = try AutomaticMaskGenerator(model: model, options: options)
        let counts = subset.records.map { ($0, set.entry(at: $0).instanceCount) }
        let records = counts.sorted { $0.1 == $1.1 ? $0.0 < $1.0 : $0.1 > $1.1 }.prefix(maximumImages).map(\.0)
        var best: [Double] = []
        var (images, masks) = (0, 0)
        for record in records {
            let sample = try set.sample(at: record)
            let labels = sample.trainableObjects(minArea: minObjectArea).map(\.mask)
            if labels.isEmpty { continue }
            let found: [AutomaticMask]
            do {
                guard let some = try generator.masks(of: try sample.decodedImage(), shouldStop: shouldStop) else {
                    return nil
                }
                found = some
            } catch let error as SAMError {
                return AutomaticMaskCheck(
                    images: 0, objects: 0, masks: 0, meanBestIoU: 0, recall: 0, skipped: error.message)
            }
            images += 1
            masks += found.count
            let overlaps = try RLE.intersectionOverUnion(detections: found.map(\.rle), groundTruth: labels)
            best += labels.indices.map { label in
                found.indices.map { overlaps[$0 * labels.count + label] }.max() ?? 0
            }
        }
        let count = Double(max(1, best.count))
        return AutomaticMaskCheck(
            images: images, objects: best.count, masks: masks, meanBestIoU: best.reduce(0, +) / count,
            recall: Double(best.count { $0 >= 0.5 }) / count)
    }

    /// What there is to warn of, in words; nil when the masks are as good as before.
    ///
    /// - Parameter before: the same check of the model that training began with.
    package func warning(before: AutomaticMaskCheck?) -> String? {
        guard skipped == nil, objects > 0 else { return nil }
        let place = "on \(images) image\(images == 1 ? "" : "s") with \(objects) labelled objects"
        let earlier = before.flatMap { $0.skipped == nil ? $0 : nil }
        // Masks can be few and good where labels are few; what counts is how many labels are found.
        if findsNothing {
            if let earlier, earlier.findsNothing { return nil }
            let then = earlier.map { ", where they found \(Self.percent($0.recall)) before" } ?? ""
            return "Automatic masks find \(Self.percent(recall)) of the objects \(place)\(then); "
                + "segment with prompts, or train on with the iou term of the loss and with points"
        }
        guard let earlier, recall < earlier.recall - 0.1, recall < 0.8 * earlier.recall else { return nil }
        return "Automatic masks find fewer objects than before: \(Self.percent(earlier.recall)) -> "
            + "\(Self.percent(recall)) \(place)"
    }

    /// Whether (nearly) no object is found.
    package var findsNothing: Bool { recall < 0.05 }

    private static func percent(_ share: Double) -> String { String(format: "%.0f %%", 100 * share) }
}
