private import Foundation
private import Images
private import JSONText
private import Masks
package import Runtime

/// Reads folders of images with masks into a COCO data set.
///
/// Three layouts are known:
/// - `ID/images/*.png` with `ID/masks/*.png`, one image and one binary mask per object, as in the 2018 Data Science Bowl;
/// - one such folder alone;
/// - `images/NAME.*` with `masks/NAME.png`, one map per image in which each object has a value (8 or 16 bit, or a colour)
///   and 0 is background.
///
/// Ids count from 1 in the byte order of names (of values inside a map), so the same folder gives the same data set on
/// every machine and with any number of threads. Objects are polygons where the COCO rasteriser gives exactly the mask
/// again, compressed run lengths elsewhere.
package enum MaskFolder {
    /// How masks become annotations.
    package struct Options: Sendable, Hashable {
        /// The name of the one category.
        package var categoryName = "object"
        /// Intersection over union, between polygon and mask, from which the polygon is taken: 1 demands equality.
        /// Area and box are always those of what is written.
        package var polygonOverlap = 1.0

        package init() {}
    }

    /// - Parameters:
    ///   - root: the folder; file names in the data set are relative to it.
    ///   - progress: told the images done and their number, from any thread.
    /// - Throws: `FileError` when the folder is not there, `AnnotationError.layout` when it has none of the layouts.
    package static func read(
        root: String, options: Options = Options(),
        progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws -> (dataset: COCODataset, findings: [Finding]) {
        let layout = try MaskLayout(root: root)
        let total = layout.samples.count
        let counter = ProgressCounter()
        let read = try Workers.map(total) { index in
            var reader = MaskSampleReader(root: root, options: options)
            let objects = reader.objects(of: layout.samples[index])
            progress(counter.next(), total)
            return (objects, reader.findings)
        }
        var dataset = COCODataset(
            categories: [COCOCategory(id: 1, name: options.categoryName, supercategory: "")],
            sections: [
                RawMember("info", ["description": "Made of a folder of masks by samdata convert masks"]),
                RawMember("licenses", []),
            ])
        var findings = layout.findings
        for (index, result) in read.enumerated() {
            findings += result.1
            guard let objects = result.0 else { continue }
            let image = COCOImage(
                id: .integer(Int64(dataset.images.count + 1)), fileName: layout.samples[index].image,
                width: objects.width, height: objects.height)
            dataset.images.append(image)
            for object in objects.objects {
                dataset.annotations.append(
                    object.annotation(id: .integer(Int64(dataset.annotations.count + 1)), imageID: image.id))
            }
        }
        return (dataset, findings)
    }
}
