package import JSONText

extension SAMConfiguration {
    private static let dimensions: [ConfigurationDimension<SAMConfiguration>] = [
        .init("prompt_embed_dim", \.promptEmbedDim, 8...65_536),
        .init("mask_in_chans", \.maskInChannels, 4...65_536),
        .init("transformer_depth", \.transformerDepth, 1...1024),
        .init("transformer_num_heads", \.transformerNumHeads, 1...1024),
        .init("transformer_mlp_dim", \.transformerMLPDim, 1...1_048_576),
        .init("attention_downsample_rate", \.attentionDownsampleRate, 1...1024),
        .init("num_multimask_outputs", \.numMultimaskOutputs, 1...1024),
        .init("iou_head_depth", \.iouHeadDepth, 2...64),
        .init("iou_head_hidden_dim", \.iouHeadHiddenDim, 1...1_048_576),
    ]

    /// The configuration as an object with the reference's names in snake case.
    ///
    /// A key that says which encoder or family it is is left out for those of SAM itself.
    package var json: JSONValue {
        var members: [JSONMember] = []
        if family != .sam { members.append(JSONMember("family", .string(family.rawValue))) }
        members += encoder.dimensionMembers + Self.dimensions.map { $0.member(of: self) }
        return .object(members + encoder.listMembers + preprocessing.members)
    }

    /// Reads what ``json`` wrote; every dimension must be there, and unknown keys are refused.
    ///
    /// - Throws: `SAMError.configuration` that names the key and the values allowed.
    package init(json: JSONValue) throws(SAMError) {
        guard let members = json.object else {
            throw SAMError(.configuration, "the configuration is \(json.kind.withArticle); an object is wanted")
        }
        self.init()
        encoder = try Encoder(named: json["encoder"])
        var missing = Set(Self.dimensions.map(\.key) + ["pixel_mean", "pixel_std"] + encoder.requiredKeys)
        for member in members {
            missing.remove(member.name)
            if member.name == "encoder" { continue }
            if member.name == "family" {
                family = try ConfigurationValue.choice(member.value, of: member.name)
                continue
            }
            if let dimension = Self.dimensions.first(where: { $0.key == member.name }) {
                try dimension.read(member.value, into: &self)
                continue
            }
            if try encoder.read(member) { continue }
            guard try preprocessing.read(member) else {
                throw SAMError(.configuration, "the configuration has an unknown key, \(member.name)")
            }
        }
        if case .tinyViT(var vit) = encoder {
            vit.promptEmbedDim = promptEmbedDim
            encoder = .tinyViT(vit)
        }
        guard missing.isEmpty else {
            throw SAMError(.configuration, "the configuration lacks \(missing.sorted().joined(separator: ", "))")
        }
        try validate()
    }

    /// Checks that the dimensions fit together.
    ///
    /// - Throws: `SAMError.configuration` that names the two that do not.
    package func validate() throws(SAMError) {
        try encoder.validate()
        guard gridSize <= 512 else {
            throw SAMError(
                .configuration, "a grid of \(gridSize) x \(gridSize) tokens is more than any SAM has; 512 are possible")
        }
        if family == .samHQ && encoder.earlyWidth == nil {
            throw SAMError(
                .configuration, "a sam_hq model reads an early block of its image encoder, and this one gives none")
        }
        if case .tinyViT(let vit) = encoder, vit.promptEmbedDim != promptEmbedDim {
            throw SAMError(
                .configuration,
                "the encoder's embedding has width \(vit.promptEmbedDim), the prompts \(promptEmbedDim)")
        }
        let divisions: [(String, Int, String, Int)] = [
            ("mask_in_chans", maskInChannels, "4", 4),
            ("prompt_embed_dim", promptEmbedDim, "8", 8),
            ("prompt_embed_dim", promptEmbedDim, "attention_downsample_rate", attentionDownsampleRate),
            ("prompt_embed_dim", promptEmbedDim, "transformer_num_heads", transformerNumHeads),
            (
                "prompt_embed_dim / attention_downsample_rate", promptEmbedDim / attentionDownsampleRate,
                "transformer_num_heads", transformerNumHeads
            ),
        ]
        for (name, value, divisorName, divisor) in divisions where value % divisor != 0 {
            throw SAMError(.configuration, "\(name) (\(value)) must be a multiple of \(divisorName) (\(divisor))")
        }
    }
}
