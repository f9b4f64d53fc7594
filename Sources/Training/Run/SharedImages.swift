internal import Shards

/// Images that are both trained and validated on, by which the validation says more than it knows.
struct SharedImages {
    /// Images of the validation whose id an image of the training has too.
    private let candidates: Int
    /// How many of these were compared, and how many are the same pictures.
    private let (compared, same): (Int, Int)
    /// Id of one of them.
    private let example: String

    /// Images that are compared, of those with as many objects and of the others: reading takes time.
    private static let mostCompared = 8

    /// - Returns: nil where none is found.
    init?(_ training: ShardSet, _ validation: ShardSet) {
        var places: [String: Int] = [:]
        for index in 0..<training.count where training.entry(at: index).repeats > 0 {
            places[training.entry(at: index).imageID] = index
        }
        let pairs: [(Int, Int)] = (0..<validation.count).compactMap { index in
            places[validation.entry(at: index).imageID].map { ($0, index) }
        }
        candidates = pairs.count
        // Sets that are numbered each from 1 share ids by chance: those with as many objects are the likelier ones.
        func isLikely(_ pair: (Int, Int)) -> Bool {
            training.entry(at: pair.0).objects == validation.entry(at: pair.1).objects
        }
        let chosen = Self.spread(pairs.filter(isLikely)) + Self.spread(pairs.filter { !isLikely($0) })
        let equal = chosen.filter { place, index in
            guard let first = try? training.sample(at: place), let second = try? validation.sample(at: index) else {
                return false
            }
            return first.encoded == second.encoded
        }
        guard let found = equal.first else { return nil }
        (compared, same) = (chosen.count, equal.count)
        example = validation.entry(at: found.1).imageID
    }

    private static func spread(_ pairs: [(Int, Int)]) -> [(Int, Int)] {
        let step = max(1, pairs.count / mostCompared)
        return stride(from: 0, to: pairs.count, by: step).prefix(mostCompared).map { pairs[$0] }
    }

    /// What is so, in words.
    var sentence: String {
        "images to validate on (val) are trained on as well, such as '\(example)': \(candidates) have the same id in "
            + "both, and \(same) of \(compared) that were compared are the same picture"
    }
}
