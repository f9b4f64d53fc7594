internal import Annotations
internal import Augmentation
private import Images
private import Masks
private import Runtime

/// The images of a COCO file as augmentation takes them; each is read when it is asked for, in two passes over the file.
struct COCOAugmentationSamples {
    let request: InspectionRequest
    /// Images in the file.
    let count: Int

    /// The images as partners of steps that paste.
    var partners: AugmentationPartners {
        AugmentationPartners(count: count) { number in
            var finder = COCOImageFinder(number: number)
            try COCOReader.scan(path: request.path, &finder)
            guard let image = finder.image else {
                throw InspectError.noRecord(number, of: count, unit: "image", path: request.path)
            }
            var content = COCORecord(image: image)
            try COCOReader.scan(path: request.path, &content)
            return try sample(content).sample
        }
    }

    /// One image with its masks, and a remark for each object that has none.
    func sample(_ content: COCORecord) throws -> (sample: AugmentationSample, remarks: [String]) {
        let path = try request.path(of: content.image)
        let image = try LabelPicture.image(
            FileSystem.read(path), statedWidth: content.image.width, statedHeight: content.image.height,
            at: DataLocation(path: path))
        let drawable = content.labels(height: image.height, width: image.width)
        let objects = drawable.labels.enumerated().map { index, label in
            AugmentedObject(index: index, category: label.category, isCrowd: label.isCrowd, mask: label.mask)
        }
        return (AugmentationSample(image: image, objects: objects), drawable.remarks)
    }
}

/// Keeps one image of a COCO file.
private struct COCOImageFinder: COCOVisitor {
    private let number: Int
    private var count = 0
    private(set) var image: COCOImage?

    init(number: Int) { self.number = number }

    mutating func visit(_ image: COCOImage) {
        if count == number { self.image = image }
        count += 1
    }

    mutating func report(_ finding: Finding, dropped: COCOSection?) {}
}
