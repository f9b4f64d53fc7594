/// Which part of the split each of the source's images belongs to, where there is a split.
package struct SplitParts: Sendable {
    /// The parts' names.
    package let names: [String]
    /// The number of each image's part, by the image's place in the source.
    package let partOfImage: [Int]
    /// Numbers of the parts that a model is trained on.
    package let trained: Set<Int>

    /// - Parameters:
    ///   - names: of the parts.
    ///   - partOfImage: by place in the source, each a place in `names`.
    ///   - trained: numbers of the parts that a model is trained on.
    package init(names: [String], partOfImage: [Int], trained: Set<Int>) {
        precondition(
            partOfImage.allSatisfy { names.indices.contains($0) }, "a part beyond the \(names.count) of the split")
        self.names = names
        self.partOfImage = partOfImage
        self.trained = trained
    }

    /// One part of all images: what there is without a split.
    package static func whole(images: Int) -> SplitParts {
        SplitParts(names: [ShardLayout.wholeName], partOfImage: Array(repeating: 0, count: images), trained: [0])
    }

    /// The numbers of parts by their names; of none, those of the parts that are trained on.
    ///
    /// - Parameters:
    ///   - wanted: names of parts, or `all` alone.
    ///   - stage: whose setting it is, for messages.
    /// - Throws: `PipelineError.stage` for a name that the split does not have.
    package func numbers(of wanted: [String], stage: String) throws(PipelineError) -> Set<Int> {
        if wanted.isEmpty { return trained }
        if wanted == ["all"] { return Set(names.indices) }
        var numbers: Set<Int> = []
        for name in wanted {
            guard let number = names.firstIndex(of: name) else {
                throw PipelineError(
                    .stage,
                    "\(stage): the split has no part \"\(name)\"; its parts are \(names.joined(separator: ", "))")
            }
            numbers.insert(number)
        }
        return numbers
    }
}
