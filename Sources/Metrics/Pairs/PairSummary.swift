/// Means of the masks' measures over objects that were found, in all, by size and by class, with intervals.
package struct PairSummary: Sendable {
    /// One group of objects.
    package struct Group: Sendable {
        /// Objects that count.
        package var objects: Int
        /// Those of them that were found.
        package var found: Int
        /// In the order of ``PairScores/Measure``; nil for a measure without a value.
        package var measures: [ConfidenceInterval?]

        package subscript(measure: PairScores.Measure) -> ConfidenceInterval? { measures[measure.rawValue] }
    }

    package let all: Group
    /// Sizes of which there is an object.
    package let bySize: [(size: SizeBin, group: Group)]
    /// One a class, in order.
    package let byClass: [Group]

    /// - Parameters:
    ///   - pairs: image after image.
    ///   - truths: the objects that count, of each class by size.
    package init(_ pairs: [PairScores], truths: [[SizeBin: Int]], bootstrap: ClusterBootstrap) {
        func group(_ chosen: [PairScores], objects: Int) -> Group {
            let columns = PairScores.Measure.allCases.map { measure in chosen.map { $0[measure] } }
            return Group(
                objects: objects, found: chosen.count,
                measures: bootstrap.intervals(of: columns, clusters: chosen.map(\.image)))
        }
        all = group(pairs, objects: truths.reduce(0) { $0 + $1.values.reduce(0, +) })
        bySize = SizeBin.allCases.compactMap { size in
            let objects = truths.reduce(0) { $0 + ($1[size] ?? 0) }
            return objects == 0 ? nil : (size, group(pairs.filter { $0.size == size }, objects: objects))
        }
        var byClass = [[PairScores]](repeating: [], count: truths.count)
        for pair in pairs { byClass[pair.classIndex].append(pair) }
        self.byClass = byClass.indices.map { group(byClass[$0], objects: truths[$0].values.reduce(0, +)) }
    }
}
