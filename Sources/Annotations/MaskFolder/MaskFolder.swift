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

    /// The one category.
    package static func categories(_ options: Options) -> [COCOCategory] {
        [COCOCategory(id: 1, name: options.categoryName, supercategory: "")]
    }

    /// What the file says of the set.
    package static let sections = [
        RawMember("info", ["description": "Made of a folder of masks by samdata convert masks"]),
        RawMember("licenses", []),
    ]

    /// Visits the images with their objects in the order of their ids: memory holds those in work.
    ///
    /// - Parameters:
    ///   - root: the folder; file names of images are relative to it.
    ///   - progress: told the images done and their number.
    ///   - begin: called when the folder's files are known, before anything is written that may lie in it.
    ///   - report: told what is wrong with the folder and with an image; errors are drops.
    ///   - visit: gets an image and its objects.
    /// - Throws: `FileError` when the folder is not there, `AnnotationError.layout` when it has none of the layouts, and what
    ///   `visit` throws.
    package static func visit(
        root: String, options: Options = Options(), progress: (_ done: Int, _ total: Int) -> Void = { _, _ in },
        begin: () throws -> Void = {}, report: (Finding) -> Void, visit: (COCOImage, [COCOAnnotation]) throws -> Void
    ) throws {
        let layout = try MaskLayout(root: root)
        let total = layout.samples.count
        try begin()
        for finding in layout.findings { report(finding) }
        var (done, images, annotations) = (0, 0, 0)
        try Workers.inOrder(
            (0..<total).makeIterator(), window: 4 * Workers.count, state: { () },
            produce: { index, _ in
                var reader = MaskSampleReader(root: root, options: options)
                let objects = reader.objects(of: layout.samples[index])
                return (index, objects, reader.findings)
            },
            consume: { (index, objects, findings) in
                done += 1
                progress(done, total)
                for finding in findings { report(finding) }
                guard let objects else { return true }
                images += 1
                let image = COCOImage(
                    id: .integer(Int64(images)), fileName: layout.samples[index].image, width: objects.width,
                    height: objects.height)
                try visit(
                    image,
                    objects.objects.map { object in
                        annotations += 1
                        return object.annotation(id: .integer(Int64(annotations)), imageID: image.id)
                    })
                return true
            })
    }

    /// Reads a whole folder; for what ``visit(root:options:progress:begin:report:visit:)`` throws see there.
    package static func read(
        root: String, options: Options = Options()
    ) throws -> (dataset: COCODataset, findings: [Finding]) {
        var dataset = COCODataset(categories: categories(options), sections: sections)
        var findings: [Finding] = []
        try visit(
            root: root, options: options, report: { findings.append($0) },
            visit: { image, annotations in
                dataset.images.append(image)
                dataset.annotations += annotations
            })
        return (dataset, findings)
    }
}
