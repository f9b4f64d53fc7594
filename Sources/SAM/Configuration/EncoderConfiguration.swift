internal import JSONText

/// What the dimensions of every kind of image encoder have in common.
protocol EncoderConfiguration: Sendable {
    /// What the configuration's `encoder` says for this network; of SAM's own ViT the key is left out.
    static var name: String { get }
    /// The usual dimensions.
    init()

    /// Side of the square input, in pixels.
    var imageSize: Int { get }
    /// Side of the token grid and of the image embedding.
    var gridSize: Int { get }
    /// Width of the early tokens that SAM-HQ's head reads, or nil where the network gives none.
    var earlyWidth: Int? { get }
    /// The network and its size in a few words, for a model that has no name.
    var title: String { get }

    /// Keys of the configuration's object that must be there.
    static var requiredKeys: [String] { get }
    /// The numbers as members of the configuration's object.
    var dimensionMembers: [JSONMember] { get }
    /// The lists.
    var listMembers: [JSONMember] { get }
    /// Takes a member that is one of the encoder's.
    ///
    /// - Returns: whether it was.
    /// - Throws: `SAMError.configuration`.
    mutating func read(_ member: JSONMember) throws(SAMError) -> Bool
    /// - Throws: `SAMError.configuration` that names the dimensions that do not fit together.
    func validate() throws(SAMError)

    /// Adds the encoder's tensors, in the order of the reference's state dict.
    ///
    /// - Parameter outputs: width of the image embedding.
    func addTensors(to list: inout TensorShapeList, outputs: Int)

    /// Sets the side of the input; tables of positions keep their stored sizes.
    mutating func resizeInput(to imageSize: Int)
}

extension EncoderConfiguration {
    /// Sides of the input that are possible, in pixels: what a file says must not ask for all memory.
    static var imageSizes: ClosedRange<Int> { 1...8192 }

    /// Demands windows that are no larger than twice the grid, which only ever fills up the rest; SAM's own stay allowed on
    /// small grids.
    ///
    /// - Throws: `SAMError.configuration`.
    func checkWindow(_ side: Int, grid: Int) throws(SAMError) {
        guard side > max(64, 2 * grid) else { return }
        throw SAMError(.configuration, "windows of \(side) tokens are too large for a grid of \(grid)")
    }
}

extension SAMConfiguration.Encoder {
    /// The dimensions, of whichever network it is.
    private var dimensions: any EncoderConfiguration {
        switch self {
        case .vit(let vit): vit
        case .tinyViT(let vit): vit
        case .plainViT(let vit): vit
        }
    }

    /// Changes the dimensions.
    private mutating func change<Result>(
        _ body: (inout any EncoderConfiguration) throws(SAMError) -> Result
    ) throws(SAMError) -> Result {
        var changed = dimensions
        let result = try body(&changed)
        switch changed {
        case let vit as ViTConfiguration: self = .vit(vit)
        case let vit as TinyViTConfiguration: self = .tinyViT(vit)
        case let vit as PlainViTConfiguration: self = .plainViT(vit)
        default: preconditionFailure("a change makes no other network")
        }
        return result
    }

    /// The network that the configuration's `encoder` names, with its usual dimensions.
    ///
    /// - Throws: `SAMError.configuration` for a name that is not known.
    init(named name: JSONValue?) throws(SAMError) {
        switch name {
        case nil, .string(ViTConfiguration.name): self = .vit(ViTConfiguration())
        case .string(TinyViTConfiguration.name): self = .tinyViT(TinyViTConfiguration())
        case .string(PlainViTConfiguration.name): self = .plainViT(PlainViTConfiguration())
        case .some(let other):
            throw SAMError(.configuration, "encoder is \(other.text(pretty: false)), which this version does not run")
        }
    }

    /// Side of the square input, in pixels.
    package var imageSize: Int { dimensions.imageSize }
    /// Side of the token grid and of the image embedding.
    package var gridSize: Int { dimensions.gridSize }
    /// Width of the early tokens that SAM-HQ's head reads, or nil where the network gives none.
    package var earlyWidth: Int? { dimensions.earlyWidth }
    /// The network and its size in a few words.
    var title: String { dimensions.title }

    var requiredKeys: [String] { type(of: dimensions).requiredKeys }
    var dimensionMembers: [JSONMember] { dimensions.dimensionMembers }
    var listMembers: [JSONMember] { dimensions.listMembers }

    mutating func read(_ member: JSONMember) throws(SAMError) -> Bool {
        try change { dimensions throws(SAMError) in try dimensions.read(member) }
    }

    func validate() throws(SAMError) { try dimensions.validate() }

    func addTensors(to list: inout TensorShapeList, outputs: Int) {
        dimensions.addTensors(to: &list, outputs: outputs)
    }

    mutating func resizeInput(to imageSize: Int) throws(SAMError) {
        try change { dimensions throws(SAMError) in dimensions.resizeInput(to: imageSize) }
    }
}
