internal import Annotations
internal import Images
internal import JSONText
private import Runtime

/// What `inspect` found out about one input.
struct Inspection {
    /// For people.
    var text: String
    /// For programs: members of the JSON document after `kind` and `path`; `schemas/inspect.schema.json` lists them.
    var members: [JSONMember]
    /// What `--picture` writes; nil when it was not asked for.
    var picture: RGBImage?
    /// What is wrong with the input: told after the result, with exit code 65.
    var damage: String?
    /// Remarks on what could not be shown.
    var remarks: [String] = []
}

/// What the user asked `inspect` to show.
struct InspectionRequest {
    var path: String
    /// `--record`, from 0.
    var record: Int?
    /// `--images`: where a COCO file's images are.
    var images: String?
    /// Whether `--picture` was given.
    var wantsPicture: Bool
    /// Whether file names may lead out of it.
    var outsideImages = false
    /// What `--stages` asks for, when it is steps of augmentation.
    var augmentation: AugmentationRequest?
    /// The same of stages.
    var stages: StagesRequest?

    /// Where the file of an image is.
    ///
    /// - Throws: `InspectError.outside` when its name leads out of the directory, which was not allowed.
    func path(of image: COCOImage) throws(InspectError) -> String {
        let folder = images ?? FileSystem.folder(of: path)
        let place = ImagePath(
            image.fileName, in: folder, among: ImageNames(directory: folder.isEmpty ? "." : folder),
            allowsOutside: outsideImages)
        guard !place.isRefused else {
            throw InspectError(
                .outside,
                "\(image.fileName): the name \(place.oddity ?? ""); the file was not opened (--outside-images has it done)",
                at: image.location)
        }
        return place.path
    }

    /// The record to show, from 0: a picture is of the first unless another was asked for.
    var recordNumber: Int? { record ?? (wantsPicture ? 0 : nil) }
}
