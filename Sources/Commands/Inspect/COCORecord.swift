internal import Annotations
private import Images
internal import Masks
internal import Runtime

/// One image of a COCO file with its annotations, taken in a second pass.
struct COCORecord: COCOVisitor {
    let image: COCOImage
    private(set) var annotations: [COCOAnnotation] = []
    private(set) var names: [COCOIdentifier: String] = [:]

    init(image: COCOImage) { self.image = image }

    mutating func visit(_ annotation: COCOAnnotation) {
        if annotation.imageID == image.id { annotations.append(annotation) }
    }

    mutating func visit(_ category: COCOCategory) { names[category.id] = category.name }

    mutating func report(_ finding: Finding, dropped: COCOSection?) {}

    /// The class name of an annotation, or its category id where the file names no such class.
    func name(of annotation: COCOAnnotation) -> String {
        names[annotation.categoryID] ?? "category \(annotation.categoryID)"
    }

    /// The labels that have a mask, and a remark for each of the others.
    func labels(height: Int, width: Int) -> (labels: [LabelPicture.Label], remarks: [String]) {
        var labels: [LabelPicture.Label] = []
        var remarks: [String] = []
        for annotation in annotations {
            do throws(MaskError) {
                let mask: RLE
                if let segmentation = annotation.segmentation, !segmentation.isEmptyList {
                    mask = try segmentation.rle(height: height, width: width)
                } else if let box = annotation.bbox {
                    mask = try RLE(height: height, width: width, box: box)
                } else {
                    remarks.append("annotation \(annotation.id) has neither a segmentation nor a box; it is not drawn")
                    continue
                }
                labels.append(
                    LabelPicture.Label(
                        mask: mask, name: name(of: annotation), isCrowd: annotation.isCrowd,
                        category: annotation.categoryID.int64.flatMap { Int(exactly: $0) } ?? 0))
            } catch {
                remarks.append("annotation \(annotation.id) is not drawn: \(error)")
            }
        }
        return (labels, remarks)
    }
}
