internal import JSONText

extension PlainViTConfiguration: EncoderConfiguration {
    static let name = "plain_vit"

    package var earlyWidth: Int? { nil }
    var title: String { "plain ViT (embed_dim \(embedDim), depth \(depth), image_size \(imageSize))" }
    var listMembers: [JSONMember] { [] }

    mutating func resizeInput(to imageSize: Int) { self.imageSize = imageSize }

    private static let dimensions: [ConfigurationDimension<PlainViTConfiguration>] = [
        .init("image_size", \.imageSize, imageSizes),
        .init("patch_size", \.patchSize, 1...1024),
        .init("embed_dim", \.embedDim, 1...65_536),
        .init("depth", \.depth, 1...1024),
        .init("num_heads", \.numHeads, 1...1024),
        .init("mlp_dim", \.mlpDim, 1...1_048_576),
        .init("pos_grid_size", \.positionGridSize, 1...4096),
    ]

    /// Keys that must be there.
    static let requiredKeys = dimensions.map(\.key)

    /// The network's name and its integers as members of the configuration's object.
    var dimensionMembers: [JSONMember] {
        [JSONMember("encoder", .string(Self.name))] + Self.dimensions.map { $0.member(of: self) }
    }

    /// Takes a member that is one of the encoder's.
    ///
    /// - Returns: whether it was.
    /// - Throws: `SAMError.configuration`.
    mutating func read(_ member: JSONMember) throws(SAMError) -> Bool {
        guard let dimension = Self.dimensions.first(where: { $0.key == member.name }) else { return false }
        try dimension.read(member.value, into: &self)
        return true
    }

    /// - Throws: `SAMError.configuration` that names the two dimensions that do not fit together.
    func validate() throws(SAMError) {
        for (name, value, divisorName, divisor) in [
            ("image_size", imageSize, "patch_size", patchSize), ("embed_dim", embedDim, "num_heads", numHeads),
        ] where value % divisor != 0 {
            throw SAMError(.configuration, "\(name) (\(value)) must be a multiple of \(divisorName) (\(divisor))")
        }
    }
}
