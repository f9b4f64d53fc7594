internal import Tensors

/// The image encoder's parameters by the blocks that an image passes one after the other.
///
/// A block is `image_encoder.blocks.N` of a ViT, `image_encoder.layers.S.blocks.N` of a TinyViT, counted from 0 over all
/// stages. A merge between stages counts with the block before it.
struct EncoderBlocks {
    /// Where a parameter comes in.
    enum Place: Hashable {
        /// Before the first block: patches and positions.
        case stem
        case block(Int)
        /// Behind the last block: the neck.
        case neck
    }

    /// Number of blocks.
    let count: Int
    private let places: [String: Place]

    /// - Parameter names: of a model's parameters, in the model's order.
    init(_ names: [String]) {
        let own = names.filter { $0.hasPrefix("image_encoder.") }
        var keys: [Substring] = []
        var places: [String: Place] = [:]
        for name in own {
            let parts = name.split(separator: ".")
            if let index = parts.firstIndex(of: "blocks"), index + 1 < parts.count {
                let key = name[..<parts[index + 1].endIndex]
                if keys.last != key { keys.append(key) }
                places[name] = .block(keys.count - 1)
            } else if keys.isEmpty {
                places[name] = .stem
            } else {
                places[name] = name.contains(".downsample.") ? .block(keys.count - 1) : .neck
            }
        }
        count = keys.count
        self.places = places
    }

    /// Where a parameter comes in, or nil for one of another part of the model.
    func place(of name: String) -> Place? { places[name] }
}
