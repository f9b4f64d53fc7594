internal import Annotations
internal import Runtime
internal import Shards

/// Counts what a conversion will write, image by image, without writing it.
struct ConversionSurvey {
    /// What comes out of one image of the source. A few dozen bytes.
    struct Row: Sendable {
        /// Records or images that are made of it.
        var samples = 0
        /// Of them in an epoch, on average.
        var expectedSamples = 0.0
        /// About how many bytes they take.
        var bytes = 0
        var counts: [ClassCount] = []
    }

    /// One class in what comes out of an image.
    struct ClassCount: Sendable {
        /// Position in the table of classes.
        let index: Int32
        var objects: Int32 = 0
        /// Samples with at least one of them.
        var samples: Int32 = 0
        /// Objects in an epoch, on average.
        var expectedObjects: Float = 0
    }

    let classes: ClassTable
    private(set) var rows: [Row] = []
    private(set) var counts: [ShardManifest.StageCount] = []
    /// What was found on the way.
    private(set) var ledger = FindingLedger()

    init(classes: ClassTable) { self.classes = classes }

    /// Sends every image through the chain; pixels are made only where a stage looks at them.
    ///
    /// - Parameters:
    ///   - repeats: where samples are to be written as often as they come up.
    ///   - turn: into the target's frame.
    mutating func run(
        loading: SampleLoading, chain: SampleChain, repeats: RepeatWriting? = nil, turn: FrameTurn = FrameTurn(),
        progress: (_ done: Int, _ total: Int) -> Void
    ) throws {
        let classes = classes
        let conversion = ImageConversion(loading: loading, chain: chain, repeats: repeats, turn: turn) { sample in
            Self.row(of: sample, classes)
        }
        let total = loading.first.labels.images.count
        rows.reserveCapacity(total)
        try StageRun(conversion)(Array(0..<total)) { index, output, ledger in
            rows.append((output?.payloads ?? []).reduce(into: Row()) { $0.add($1) })
            counts.add(output?.counts ?? [])
            self.ledger.add(ledger)
            progress(index + 1, total)
        }
    }

    /// Counts the labels alone: what comes out where there are no stages and nothing is wrong.
    mutating func countLabels(_ labels: LabelSet) throws {
        let classes = classes
        rows = try Workers.map(labels.images.count, grain: 64) { index in
            let image = labels.images[index]
            var isDropped = false
            let annotations = try labels.source.annotations(
                ofImage: index, height: image.height ?? 0, width: image.width ?? 0
            ) { if $0.dropped == .images { isDropped = true } }
            if isDropped { return Row() }
            let repeats = labels.source.repeats(ofImage: index)
            var row = Row(samples: 1, expectedSamples: repeats)
            row.count(annotations.map(\.categoryID), classes, repeats: repeats)
            return row
        }
    }

    private static func row(of sample: StagedSample, _ classes: ClassTable) -> Row {
        var row = Row(
            samples: 1, expectedSamples: sample.repeats,
            bytes: sample.estimatedBytes + ShardLayout.overhead(objects: sample.objects.count))
        row.count(sample.objects.map(\.annotation.categoryID), classes, repeats: sample.repeats)
        return row
    }
}

extension ConversionSurvey.Row {
    /// Counts one sample's objects.
    ///
    /// - Parameter repeats: how often it comes up in an epoch.
    fileprivate mutating func count(_ categories: [COCOIdentifier], _ classes: ClassTable, repeats: Double) {
        var byClass: [Int32: Int32] = [:]
        for category in categories {
            guard let index = classes.indexes[category] else { continue }
            byClass[Int32(index), default: 0] += 1
        }
        counts = byClass.sorted { $0.key < $1.key }.map { index, objects in
            ConversionSurvey.ClassCount(
                index: index, objects: objects, samples: 1, expectedObjects: Float(Double(objects) * repeats))
        }
    }

    /// Adds another sample of the same image.
    fileprivate mutating func add(_ other: Self) {
        samples += other.samples
        expectedSamples += other.expectedSamples
        bytes += other.bytes
        for count in other.counts {
            if let at = counts.firstIndex(where: { $0.index == count.index }) {
                counts[at].objects += count.objects
                counts[at].samples += count.samples
                counts[at].expectedObjects += count.expectedObjects
            } else {
                counts.append(count)
            }
        }
        counts.sort { $0.index < $1.index }
    }
}
