/// Parameters that albumentations has and samdata has no choice in: stated with the value that says what happens here
/// anyway, most often albumentations' default, they are read, so that configurations which state everything load as they
/// are. Any other value is an error.
enum NeutralParameter {
    /// Those of a step, by its name.
    static func specifications(of step: String) -> [ParameterSpecification] {
        byStep[step, default: []].map { name in
            let (values, summary) = known[name] ?? ([], "")
            return ParameterSpecification(name, .only(values), .null, summary)
        }
    }

    private static let masksOfWarps = ["mask_interpolation", "fill_mask"]
    private static let masksOfSizes = ["mask_interpolation", "area_for_downscale"]

    private static let byStep: [String: [String]] = [
        "Affine": masksOfWarps + ["rotate_method"], "Rotate": masksOfWarps + ["rotate_method"],
        "ShiftScaleRotate": masksOfWarps + ["rotate_method"], "Perspective": masksOfWarps,
        "ElasticTransform": masksOfWarps + ["approximate", "keypoint_remapping_method"], "RandomCrop": ["fill_mask"],
        "CenterCrop": ["fill_mask"], "CropNonEmptyMaskIfExists": ["ignore_values", "ignore_channels"],
        "RandomSizedBBoxSafeCrop": ["mask_interpolation"], "RandomResizedCrop": masksOfSizes, "Resize": masksOfSizes,
        "LongestMaxSize": masksOfSizes, "SmallestMaxSize": masksOfSizes, "RandomScale": masksOfSizes,
        "PadIfNeeded": ["fill_mask"], "RandomBrightnessContrast": ["ensure_safe_range"],
        "ToGray": ["num_output_channels", "method"], "GaussNoise": ["noise_scale_factor"],
        "Mosaic": ["interpolation", "mask_interpolation", "fill_mask", "metadata_key"],
    ]

    private static let known: [String: (values: [AugmentationValue], summary: String)] = [
        "mask_interpolation": ([0, "nearest"], "Masks are never blended."),
        "interpolation": ([1, "linear"], "Pixels between pixels are blended linearly."),
        "fill_mask": ([0], "Masks have nothing where the source has no pixel."),
        "rotate_method": (["largest_box", "ellipse"], "Boxes are those of the turned masks, whatever this says."),
        "area_for_downscale": (["image", "image_mask"], "Images that are made smaller are filtered always."),
        "approximate": ([false], "The field is smoothed exactly."),
        "keypoint_remapping_method": (["mask", "direct"], "Points follow the field, whatever this says."),
        "ignore_values": ([], "Every object counts."), "ignore_channels": ([], "Every object counts."),
        "ensure_safe_range": ([false], "What leaves the range of bytes is cut off."),
        "num_output_channels": ([3], "Images have three channels."),
        "method": (["weighted_average"], "Grey is the weighted mean of the channels."),
        "noise_scale_factor": ([1], "Noise is drawn for each pixel."),
        "metadata_key": (["mosaic_metadata"], "Other images are those of the set."),
    ]
}
