internal import Annotations
private import JSONText

/// Numbers samples and objects anew, from 1 in the order of writing; the ids that they had stay in `source_id`.
struct SampleNumbering {
    private var images: Int64 = 0
    private var annotations: Int64 = 0

    /// Goes on after images and objects that were numbered before.
    mutating func skip(images: Int, annotations: Int) {
        self.images += Int64(images)
        self.annotations += Int64(annotations)
    }

    mutating func number(_ image: inout LabelledImage) {
        images += 1
        image.image.extra.append(RawMember("source_id", .string(image.image.id.description)))
        image.image.id = .integer(images)
        for index in image.objects.indices {
            annotations += 1
            let id = image.objects[index].annotation.id.description
            image.objects[index].annotation.extra.append(RawMember("source_id", .string(id)))
            image.objects[index].annotation.id = .integer(annotations)
            image.objects[index].annotation.imageID = .integer(images)
        }
    }
}
