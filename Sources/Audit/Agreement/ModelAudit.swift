package import Annotations
package import Images
package import Masks
private import Runtime

/// Holds the objects of a set of labels against the masks that a model draws when it is given their boxes.
///
/// The model is asked one image after the other; crowds, and objects without a mask or with one that has no pixel, are left
/// out. It knows nothing of classes: an object with the wrong name passes, one whose outline is careless does not.
package struct ModelAudit: Sendable {
    /// A mask that the model drew.
    package struct Answer: Sendable {
        package var mask: RLE
        /// What the model expects the overlap of its mask with the object to be, 0...1.
        package var confidence: Double

        package init(mask: RLE, confidence: Double) {
            self.mask = mask
            self.confidence = confidence
        }
    }

    private let labels: any LabelSource
    private let minimum: Double
    private let image: @Sendable (Int) throws -> RGBImage
    private let ask: @Sendable (RGBImage, [Box]) throws -> [Answer]

    /// - Parameters:
    ///   - minimum: intersection over union from which an object agrees, 0...1.
    ///   - image: the pixels of an image by its position, in the frame of the labels.
    ///   - ask: the model's mask for each box, in pixels.
    package init(
        labels: any LabelSource, minimum: Double, image: @escaping @Sendable (Int) throws -> RGBImage,
        ask: @escaping @Sendable (RGBImage, [Box]) throws -> [Answer]
    ) {
        precondition((0...1).contains(minimum), "a least overlap of \(minimum)")
        self.labels = labels
        self.minimum = minimum
        self.image = image
        self.ask = ask
    }

    /// - Parameters:
    ///   - recorder: takes the findings, in the order of the labels.
    ///   - progress: told the number of images done, and of all.
    /// - Throws: `AuditError.imagesFolder` when no image can be read; what the source and the model throw.
    func run(_ recorder: inout AuditRecorder, progress: (Int, Int) -> Void) throws {
        var unread: (count: Int, first: String)?
        for (index, entry) in labels.images.enumerated() {
            defer { progress(index + 1, labels.images.count) }
            let pixels: RGBImage
            do {
                pixels = try image(index)
            } catch let error as any OperationError where error.kind == .badInput || error.kind == .inputMissing {
                // A rule of images tells of it where images are looked at.
                unread = ((unread?.count ?? 0) + 1, unread?.first ?? error.description)
                continue
            }
            // What is wrong with the objects themselves has been said.
            let annotations = try labels.annotations(
                ofImage: index, height: pixels.height, width: pixels.width
            ) { _ in }
            let objects = annotations.compactMap { Self.drawn($0, height: pixels.height, width: pixels.width) }
            if objects.isEmpty { continue }
            let answers = try ask(pixels, objects.map(\.mask.boundingBox))
            for (object, answer) in zip(objects, answers) {
                let overlap =
                    try RLE.intersectionOverUnion(detections: [answer.mask], groundTruth: [object.mask]).first ?? 0
                if overlap >= minimum { continue }
                let title = entry.fileName.isEmpty ? entry.id.description : entry.fileName
                try recorder.record(
                    "agreement.model", at: object.annotation.location,
                    "\(title): the model's mask for its box has IoU \(Self.text(overlap)) with it, below \(minimum); the model expects \(Self.text(answer.confidence)) of its mask"
                )
            }
        }
        guard let unread else { return }
        guard unread.count < labels.images.count else {
            throw AuditError(.imagesFolder, "--model: none of the \(unread.count) images can be read; \(unread.first)")
        }
        try recorder.record(
            "agreement.unread", at: DataLocation(),
            "\(unread.count) of \(labels.images.count) images were not held against the model; the first: \(unread.first)"
        )
    }

    private static func drawn(
        _ annotation: COCOAnnotation, height: Int, width: Int
    ) -> (annotation: COCOAnnotation, mask: RLE)? {
        guard !annotation.isCrowd, let segmentation = annotation.segmentation,
            let mask = try? segmentation.rle(height: height, width: width), !mask.isEmpty
        else { return nil }
        return (annotation, mask)
    }

    private static func text(_ share: Double) -> String { String((share * 1000).rounded() / 1000) }
}
