internal import Annotations

/// A look at all samples that come into a stage, before the first of them is worked on for good.
package struct StageSurvey: Sendable {
    /// The parts of the split; one of all images where there is none.
    package let parts: SplitParts
    private let images: Int
    private let entries: [COCOImage]?
    private let samples: @Sendable (Int) throws -> [StagedSample]

    /// - Parameters:
    ///   - images: number of the source's images.
    ///   - parts: of the split; nil where there is none, or no stage asked for them.
    ///   - samples: what comes in of one of them; the same at every call, from any thread.
    package init(
        images: Int, parts: SplitParts? = nil, samples: @escaping @Sendable (Int) throws -> [StagedSample]
    ) {
        self.init(images: images, parts: parts, entries: nil, samples: samples)
    }

    /// - Parameter entries: the source's images as its labels list them.
    init(
        images: Int, parts: SplitParts?, entries: [COCOImage]?,
        samples: @escaping @Sendable (Int) throws -> [StagedSample]
    ) {
        self.entries = entries
        self.images = images
        self.parts = parts ?? .whole(images: images)
        self.samples = samples
    }

    /// What comes in of one of the source's images; the same at every call, from any thread.
    package func samples(ofImage index: Int) throws -> [StagedSample] { try samples(index) }

    /// The source's images as its labels list them; where that is not known, as they come in.
    func imageEntries() throws -> [COCOImage] {
        try entries ?? rows { $0.labelled.image }.flatMap { $0 }
    }

    /// What `body` makes of every sample: for each of the source's images a list, in their order.
    ///
    /// Only what `body` returns is kept, so it should be small. An image whose data turn out to be bad has no rows.
    package func rows<Row: Sendable>(_ body: @escaping @Sendable (StagedSample) throws -> Row) throws -> [[Row]] {
        var rows: [[Row]] = []
        rows.reserveCapacity(images)
        try StageRun(Rows(samples: samples, body: body))(Array(0..<images)) { _, row, _ in rows.append(row ?? []) }
        return rows
    }

    private struct Rows<Row: Sendable>: Stage {
        let samples: @Sendable (Int) throws -> [StagedSample]
        let body: @Sendable (StagedSample) throws -> Row

        func process(_ index: Int, ledger: inout FindingLedger) throws -> [Row]? {
            do {
                return try samples(index).map(body)
            } catch {
                // The run itself will meet the damage again, and drop the image by rule.
                if SampleDamage(error) != nil { return nil }
                throw error
            }
        }
    }
}
