internal import Images
internal import JSONText

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
    /// What `--stages` asks for.
    var augmentation: AugmentationRequest?

    /// The record to show, from 0: a picture is of the first unless another was asked for.
    var recordNumber: Int? { record ?? (wantsPicture ? 0 : nil) }
}
