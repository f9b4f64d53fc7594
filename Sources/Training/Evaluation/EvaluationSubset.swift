package import Shards

/// What an evaluation looks at of a set that is too large for all of it: images and objects that are spread evenly over it.
///
/// Nothing is random and no record is read, so that two models are asked for the same objects, in any process.
package struct EvaluationSubset: Sendable, Hashable {
    /// Numbers of the records that are looked at, ascending: all that the manifest says to have objects, or as many of them.
    package let records: [Int]
    /// How many records there are with objects.
    package let recordCount: Int
    /// Objects that the manifest says to be in the records that are looked at, but for crowds.
    package let objectCount: Int
    /// The most objects that are looked at.
    package let maximumObjects: Int
    /// For each record, how many of its objects are looked at, at most.
    private let shares: [Int]

    /// - Parameters:
    ///   - set: of which the manifest decides.
    ///   - maximumImages: at least 1.
    ///   - maximumObjects: at least 1.
    package init(_ set: ShardSet, maximumImages: Int = .max, maximumObjects: Int = .max) {
        let filled = (0..<set.count).filter { set.entry(at: $0).instanceCount > 0 }
        recordCount = filled.count
        let images = min(maximumImages, maximumObjects)
        records = filled.indices.filter { Self.isChosen($0, of: filled.count, maximum: images) }.map { filled[$0] }
        let counts = records.map { set.entry(at: $0).instanceCount }
        let total = counts.reduce(0, +)
        // One of each record, so that none is left out; what is left by their numbers.
        var rank = 0
        shares = counts.map { count in
            let others = rank..<rank + count - 1
            rank = others.upperBound
            return 1
                + others.count {
                    Self.isChosen($0, of: total - counts.count, maximum: maximumObjects - counts.count)
                }
        }
        objectCount = total
        self.maximumObjects = maximumObjects
    }

    /// Whether everything is looked at.
    package var isWhole: Bool { records.count == recordCount && objectCount <= maximumObjects }

    /// The objects of one record that are looked at.
    ///
    /// - Parameters:
    ///   - objects: of the record, those that count.
    ///   - position: of the record among ``records``.
    package func chosen<Object>(of objects: [Object], at position: Int) -> [Object] {
        objects.enumerated().filter { index, _ in
            Self.isChosen(index, of: objects.count, maximum: shares[position])
        }.map(\.element)
    }

    /// Whether the element of a rank is among the `maximum` that are spread evenly over `count`.
    private static func isChosen(_ rank: Int, of count: Int, maximum: Int) -> Bool {
        if count <= maximum { return true }
        return rank * maximum / count != (rank + 1) * maximum / count
    }
}
