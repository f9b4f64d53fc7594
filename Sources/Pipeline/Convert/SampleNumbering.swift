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
        image.image.extra = Self.noting(image.image.id, in: image.image.extra)
        image.image.id = .integer(images)
        for index in image.objects.indices {
            annotations += 1
            let annotation = image.objects[index].annotation
            image.objects[index].annotation.extra = Self.noting(annotation.id, in: annotation.extra)
            image.objects[index].annotation.id = .integer(annotations)
            image.objects[index].annotation.imageID = .integer(images)
        }
    }

    /// The members with an id that is no more; one that a conversion before this noted says nothing of this set.
    private static func noting(_ id: COCOIdentifier, in members: [RawMember]) -> [RawMember] {
        members.filter { $0.name != "source_id" } + [RawMember("source_id", .string(id.description))]
    }
}
