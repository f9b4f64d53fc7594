internal import JSONText

extension TinyViTConfiguration: EncoderConfiguration {
    static let name = "tiny_vit"

    static let requiredKeys = [
        "image_size", "embed_dims", "depths", "num_heads", "window_sizes", "merge_strides", "mlp_ratio",
        "mbconv_expand_ratio", "num_classes",
    ]

    /// The output of the second stage, where it has the embedding's size.
    package var earlyWidth: Int? {
        embedDims.count > 2 && gridSize(ofStage: 2) == gridSize ? embedDims[2] : nil
    }

    var title: String { "TinyViT (widths \(embedDims), depths \(depths), image_size \(imageSize))" }

    var dimensionMembers: [JSONMember] {
        [
            JSONMember("encoder", .string(Self.name)), JSONMember("image_size", .integer(Int64(imageSize))),
            JSONMember("num_classes", .integer(Int64(numClasses))), JSONMember("mlp_ratio", .number(mlpRatio)),
            JSONMember("mbconv_expand_ratio", .number(mbconvExpandRatio)),
        ]
    }

    var listMembers: [JSONMember] {
        [
            ("embed_dims", embedDims), ("depths", depths), ("num_heads", numHeads), ("window_sizes", windowSizes),
            ("merge_strides", mergeStrides),
        ].map { name, values in JSONMember(name, .array(values.map { .integer(Int64($0)) })) }
    }

    mutating func read(_ member: JSONMember) throws(SAMError) -> Bool {
        func integers() throws(SAMError) -> [Int] {
            try ConfigurationValue.integers(member.value, of: member.name, 1...65_536)
        }
        func ratio() throws(SAMError) -> Double {
            guard let value = member.value.double, value.isFinite else {
                throw SAMError(
                    .configuration, "\(member.name) is \(member.value.text(pretty: false)); a number is wanted")
            }
            return value
        }
        switch member.name {
        case "image_size":
            imageSize = try ConfigurationValue.integer(member.value, of: member.name, Self.imageSizes)
        case "num_classes": numClasses = try ConfigurationValue.integer(member.value, of: member.name, 1...65_536)
        case "mlp_ratio": mlpRatio = try ratio()
        case "mbconv_expand_ratio": mbconvExpandRatio = try ratio()
        case "embed_dims": embedDims = try integers()
        case "depths": depths = try integers()
        case "num_heads": numHeads = try integers()
        case "window_sizes": windowSizes = try integers()
        case "merge_strides": mergeStrides = try integers()
        default: return false
        }
        return true
    }

    mutating func resizeInput(to imageSize: Int) { self.imageSize = imageSize }
}
