internal import SAM

/// Projections by which attention between tokens and image begins to compare places.
///
/// A place's encoding holds the sines, then the cosines, of C / 2 frequencies. Of one frequency f, the scalar product of
/// sines and cosines at two places is `cos(f (x - y))`, largest where the places are the same and a function of their
/// difference alone; that of sines and cosines exchanged is `sin(f (x - y))`, which tells on what side y is. Each pair of
/// a projection's rows picks one frequency:
/// - near: some of the random frequencies; the sum of their cosines is a peak at the token's place;
/// - side: odd harmonics of a slow horizontal or vertical wave, whose sines add up to a step. Of every four heads one
///   attends to tokens on the left of a place, one on the right, one above and one below: inside of a box the heads meet
///   its first corner on two sides and its second on the other two.
struct PlaceAttention {
    /// What the attention of a layer compares.
    enum Kind {
        case near
        case side
    }

    /// A projection's weight from a token's channel.
    struct Entry {
        let row: Int
        let channel: Int
        let weight: Float
    }

    /// C: width of a token.
    let dim: Int
    private let heads: Int
    /// Row pairs of a head: the harmonics of each axis.
    private let pairs: Int
    /// Random frequencies that are compared; a quarter of all is left to say what a token is.
    private let nearFrequencies: Int
    /// Frequency of the slowest wave, in periods over half the image: a step that holds as far as that.
    private static let base: Float = 0.35

    init(_ configuration: SAMConfiguration) {
        dim = configuration.promptEmbedDim
        heads = configuration.transformerNumHeads
        pairs = max(1, dim / configuration.attentionDownsampleRate / heads / 2)
        nearFrequencies = max(1, min(heads * pairs, dim * 3 / 8 - 2 * pairs))
    }

    /// Number of frequencies that are compared, which come before the others.
    private var placeFrequencies: Int { 2 * pairs + nearFrequencies }

    /// Whether a channel of a token says where it is, rather than what.
    func isPlace(_ channel: Int) -> Bool { channel % (dim / 2) < placeFrequencies }

    /// The frequencies of the waves: horizontal ones, then vertical ones, in the first columns of the encoding's matrix.
    ///
    /// - Parameter matrix: [2, C / 2], a frequency's horizontal part above its vertical one.
    func setHarmonics(in matrix: UnsafeMutableBufferPointer<Float>) {
        for harmonic in 0..<pairs {
            let frequency = Self.base * Float(2 * harmonic + 1)
            for (axis, column) in [harmonic, pairs + harmonic].enumerated() {
                matrix[column] = axis == 0 ? frequency : 0
                matrix[dim / 2 + column] = axis == 0 ? 0 : frequency
            }
        }
    }

    /// The weights of a query's or key's projection.
    ///
    /// - Parameter gain: of each of the two projections.
    func entries(_ kind: Kind, isKey: Bool, gain: Float) -> [Entry] {
        (0..<heads * pairs).flatMap { pair -> [Entry] in
            let (head, harmonic) = (pair / pairs, pair % pairs)
            switch kind {
            case .near:
                let sine = 2 * pairs + pair % nearFrequencies
                return [
                    Entry(row: 2 * pair, channel: sine, weight: gain),
                    Entry(row: 2 * pair + 1, channel: sine + dim / 2, weight: gain),
                ]
            case .side:
                let sine = head / 2 % 2 * pairs + harmonic
                // Higher harmonics count less, as in the series of a step.
                let weight = gain / Float(2 * harmonic + 1).squareRoot().squareRoot()
                let sign: Float = head % 2 == 0 ? 1 : -1
                let exchanged = [(sine + dim / 2, sign * weight), (sine, -sign * weight)]
                let plain = [(sine, weight), (sine + dim / 2, weight)]
                return (isKey ? exchanged : plain).enumerated().map { offset, entry in
                    Entry(row: 2 * pair + offset, channel: entry.0, weight: entry.1)
                }
            }
        }
    }
}
