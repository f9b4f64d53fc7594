internal import Shards

extension [ShardManifest.StageCount] {
    /// Adds the counts of the same stages over other samples.
    mutating func add(_ other: [ShardManifest.StageCount]) {
        if isEmpty {
            self = other
            return
        }
        if other.isEmpty { return }
        precondition(count == other.count, "counts of \(count) and \(other.count) stages")
        for index in indices {
            self[index].imagesIn += other[index].imagesIn
            self[index].imagesOut += other[index].imagesOut
            self[index].objectsIn += other[index].objectsIn
            self[index].objectsOut += other[index].objectsOut
        }
    }
}
