internal import SAM

/// The channels of a token by which attention between tokens and image compares places.
///
/// A place's encoding holds the sines, then the cosines, of C / 2 random frequencies. The scalar product of the sines and
/// cosines of one frequency at two places is the cosine of the phase between them: largest where the places are the same,
/// and a function of their distance alone. Each row pair of a projection picks one frequency; where there are fewer
/// frequencies than pairs, they are used again.
struct PlaceChannels {
    /// C: width of a token.
    let dim: Int
    /// The channel that each row of a query or key projection between tokens and image picks.
    let byRow: [Int]
    /// Whether a channel is picked by any row.
    let isPlace: [Bool]

    init(_ configuration: SAMConfiguration) {
        let dim = configuration.promptEmbedDim
        let frequencies = dim / 2
        let rows = dim / configuration.attentionDownsampleRate
        self.dim = dim
        byRow = (0..<rows).map { row in
            let frequency = row / 2 % frequencies
            return row % 2 == 0 ? frequency : frequencies + frequency
        }
        var isPlace = [Bool](repeating: false, count: dim)
        for channel in byRow { isPlace[channel] = true }
        self.isPlace = isPlace
    }
}
