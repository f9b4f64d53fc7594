/// Objects of the images that are trained on, by the batches in which they may meet.
package struct BatchLoad: Sendable, Hashable {
    /// Of each image in the order of every epoch; or falling, where any images may meet.
    private let counts: [Int]
    private let isInOrder: Bool
    /// The largest batch there may be.
    private static let largestBatch = 4096

    /// Images in any order: the worst batch has those with most objects.
    ///
    /// - Parameter counts: of all images; one that may come up twice in an epoch is there twice.
    package init(anyOf counts: [Int]) {
        self.counts = Array(counts.sorted(by: >).prefix(Self.largestBatch))
        isInOrder = false
    }

    /// Images in one order, from the first batch of an epoch to the last.
    package init(inOrder counts: [Int]) {
        self.counts = counts
        isInOrder = true
    }

    /// Objects of the image that has most.
    package var most: Int { counts.max() ?? 0 }

    /// Objects of the images of the batch that asks for most, falling: no batch has more in its largest image, in its two
    /// largest and so on.
    ///
    /// - Parameters:
    ///   - size: images of a batch, at least 1.
    ///   - drawn: how many objects of an image are drawn, of those that it has.
    package func worstBatch(of size: Int, drawn: (Int) -> Int) -> [Int] {
        if !isInOrder { return counts.prefix(size).map(drawn) }
        var worst: [Int] = []
        for start in stride(from: 0, to: counts.count, by: size) {
            let batch = counts[start..<min(counts.count, start + size)].map(drawn).sorted(by: >)
            worst =
                batch.indices.map { max(batch[$0], $0 < worst.count ? worst[$0] : 0) } + worst.dropFirst(batch.count)
        }
        return worst
    }
}
