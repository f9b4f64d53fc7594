package import Masks

/// One image with its objects, on its way from one format to another.
package struct LabelledImage: Sendable {
    /// With the size of the frame that masks and boxes are in.
    package var image: COCOImage
    /// The image file's bytes.
    package var encoded: [UInt8]
    /// The EXIF orientation, 1...8, that leads from the decoded pixels into the frame of masks and boxes.
    package var exifOrientation: Int
    package var objects: [LabelledObject]

    package init(image: COCOImage, encoded: [UInt8], exifOrientation: Int = 1, objects: [LabelledObject]) {
        self.image = image
        self.encoded = encoded
        self.exifOrientation = exifOrientation
        self.objects = objects
    }
}

/// One object: the mask that counts, and the annotation it was drawn from.
package struct LabelledObject: Sendable {
    /// With box, area and crowd flag: as they were stated, and the mask's where they were not or the mask was changed. The
    /// segmentation is the outline as it was stated, or nil once the mask was changed, and a writer of outlines then
    /// traces the mask.
    package var annotation: COCOAnnotation
    /// Of the image's size.
    package var mask: RLE

    package init(annotation: COCOAnnotation, mask: RLE) {
        self.annotation = annotation
        self.mask = mask
    }

    /// Names of members that hold places in the picture: COCO's keypoints, SA-1B's points and crop box.
    package static let placeMembers: Set<String> = ["keypoints", "num_keypoints", "point_coords", "crop_box"]

    /// Whether there is a box and nothing that would make a mask; a mask that covers no pixel is one nevertheless.
    package var isBoxOnly: Bool {
        mask.isEmpty && (annotation.bbox?.area ?? 0) > 0 && annotation.segmentation?.isEmptyList ?? true
    }

    /// Pixels of the mask; of a box without a mask, its area.
    package var coveredArea: Double { isBoxOnly ? annotation.bbox?.area ?? 0 : Double(mask.area) }

    /// The object with another mask, which box and area then follow.
    package func with(mask: RLE) -> LabelledObject {
        var changed = LabelledObject(annotation: annotation, mask: mask)
        changed.annotation.segmentation = nil
        changed.annotation.bbox = mask.boundingBox
        changed.annotation.area = Double(mask.area)
        changed.annotation.spelling = COCOAnnotation.Spelling()
        return changed
    }
}
