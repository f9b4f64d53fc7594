package import Runtime
package import Shards

/// Streams the samples of a set in a seeded order, reading and transforming ahead on threads.
///
/// The sequence depends on set, seed, shuffle, repeats and transform alone, never on threads, and goes on exactly from any
/// ``LoaderState``. Several processes share one order as their ``LoaderShare`` says. Epochs follow each other without a
/// pause: ``next()`` returns nil once at the end of each.
package final class SampleLoader<Element: Sendable> {
    private let order: EpochOrder
    private let share: LoaderShare
    private let endEpoch: Int
    private let corruptLimit: Int
    private let prefetch: OrderedPrefetch<Outcome>
    /// Place in the order where the turns of the epoch in progress began.
    private var start: Int
    /// Turns of the epoch in progress that were taken.
    private var turn = 0
    /// Numbers of the records that were left out.
    private var skipped: Set<Int> = []
    /// Records that were left out, each once, in the order they came up: file, offset, record and reason.
    package private(set) var findings: [Finding] = []
    /// Numbers of these records in the set, in the same order.
    package private(set) var leftOut: [Int] = []
    /// Turns that brought nothing, as their record was left out.
    package private(set) var skippedTurns = 0
    /// Where the loader stands, after what ``next()`` returned last. Of several processes, that of rank 0 counts, after as
    /// many turns as the others have taken or will not take.
    package private(set) var state: LoaderState

    private enum Outcome: Sendable {
        case element(Element)
        case corrupt(any OperationError, index: Int, place: DataLocation)
    }

    /// - Parameters:
    ///   - set: the shards.
    ///   - state: seed, and where to begin.
    ///   - shuffle: in what order samples come.
    ///   - indices: which samples to use, all when nil.
    ///   - repeats: how often each of them comes up in an epoch, on average; nil for once. A fraction is the share of the
    ///     epochs in which the sample comes once more; every epoch has as many samples as the rounded sum.
    ///   - share: what this process takes of the order.
    ///   - epochs: number of the epoch that is not begun any more; nil for no end.
    ///   - workers: threads that read and transform; with 1, ``next()`` does it itself.
    ///   - window: how many samples may be ahead of the consumer.
    ///   - onCorrupt: what becomes of records that cannot be read.
    ///   - knownCorrupt: numbers of records that were left out and told of before; they count for the limit.
    ///   - transform: makes an element of a sample, on a worker's thread; must depend on its arguments alone.
    package convenience init(
        _ set: ShardSet, state: LoaderState, shuffle: LoaderShuffle = .global, indices: [Int]? = nil,
        repeats: [Double]? = nil, share: LoaderShare = .whole, epochs: Int? = nil, workers: Int = Workers.count,
        window: Int? = nil, onCorrupt: CorruptRecordPolicy = .fail, knownCorrupt: [Int] = [],
        transform: @escaping @Sendable (ShardSample, SamplePlace) throws -> Element
    ) {
        self.init(
            records: set, state: state, shuffle: shuffle, indices: indices, repeats: repeats, share: share,
            epochs: epochs, workers: workers, window: window, onCorrupt: onCorrupt, knownCorrupt: knownCorrupt
        ) { place, access in try transform(try set.sample(at: place.index, access: access), place) }
    }

    /// The same, with an element that is made of the record's number, in what order records are read being told.
    package init(
        records set: ShardSet, state: LoaderState, shuffle: LoaderShuffle = .global, indices: [Int]? = nil,
        repeats: [Double]? = nil, share: LoaderShare = .whole, epochs: Int? = nil, workers: Int = Workers.count,
        window: Int? = nil, onCorrupt: CorruptRecordPolicy = .fail, knownCorrupt: [Int] = [],
        make: @escaping @Sendable (SamplePlace, RecordAccess) throws -> Element
    ) {
        let order = EpochOrder(
            seed: state.seed, indices: indices ?? Array(0..<set.count), shuffle: shuffle, repeats: repeats,
            shards: set.shardRanges)
        let count = order.count
        precondition(
            state.epoch >= 0 && (0...count).contains(state.position),
            "position \(state.position) of epoch \(state.epoch) in \(count) samples")
        self.order = order
        self.share = share
        self.state = state
        corruptLimit = onCorrupt.limit
        skipped = Set(knownCorrupt)
        start = state.position
        endEpoch = max(epochs ?? Int.max, state.epoch)
        // Of what stands together in the order, one process of several would not read all. In a window records come in no
        // order: from far away they are fetched together all the same, on this machine their pages are not kept for it.
        let isForward = shuffle == .none || shuffle != .global && set.isRemote
        let access: RecordAccess = isForward && share.worldSize == 1 ? .sequential : .scattered
        let begin = state
        let first = share.turns(from: state.position, count: count)
        let later = share.turns(from: 0, count: count)
        prefetch = OrderedPrefetch(
            items: 0..<Self.items(first: first, later: later, epochs: endEpoch - state.epoch), workers: workers,
            window: window ?? 4 * max(1, workers)
        ) { item in
            let epoch = item < first ? begin.epoch : begin.epoch + 1 + (item - first) / later
            let position =
                item < first
                ? share.position(ofTurn: item, from: begin.position, count: count)
                : share.position(ofTurn: (item - first) % later, from: 0, count: count)
            let place = SamplePlace(
                epoch: epoch, position: position, index: order.index(epoch: epoch, position: position))
            if let samples = order.window(epoch: epoch, beginningAt: position) { set.willRead(samples) }
            do {
                return .element(try make(place, access))
            } catch let error as any OperationError where onCorrupt != .fail && error.kind == .badInput {
                return .corrupt(error, index: place.index, place: set.location(of: place.index))
            }
        }
    }

    /// Turns in all: those left of the epoch in progress, then as many each epoch.
    private static func items(first: Int, later: Int, epochs: Int) -> Int {
        if epochs < 1 { return 0 }
        let (rest, overflow) = later.multipliedReportingOverflow(by: epochs - 1)
        let (sum, carried) = rest.addingReportingOverflow(first)
        return overflow || carried ? .max : sum
    }

    /// The next element, or nil at the end of an epoch; the call after that begins the next epoch.
    ///
    /// - Throws: `ShardError` for a record that cannot be read, or what the transform threw, at the record's place;
    ///   after that the loader is at its end.
    package func next() throws -> Element? {
        while !isAtEndOfEpoch {
            if let element = try takeTurn() { return element }
        }
        endEpochInProgress()
        return nil
    }

    /// The elements of the next turns; nil at the end of an epoch. A record that is left out takes its turn, so that
    /// processes that take the same numbers of turns stay together.
    ///
    /// - Parameter turns: at least 1; at the end of an epoch there may be fewer.
    /// - Throws: as ``next()``.
    package func nextBatch(_ turns: Int) throws -> [Element]? {
        precondition(turns >= 1, "\(turns) turns")
        if isAtEndOfEpoch {
            endEpochInProgress()
            return nil
        }
        var elements: [Element] = []
        for _ in 0..<turns where !isAtEndOfEpoch {
            if let element = try takeTurn() { elements.append(element) }
        }
        return elements
    }

    /// Samples of an epoch, repeats counted, of all processes.
    package var epochCount: Int { order.count }

    /// Stops the threads; the loader is then at its end, its state still valid.
    package func cancel() {
        prefetch.cancel()
        isCancelled = true
    }

    private var isCancelled = false

    private var isAtEndOfEpoch: Bool {
        isCancelled || state.epoch >= endEpoch || turn >= share.turns(from: start, count: order.count)
    }

    private func endEpochInProgress() {
        guard !isCancelled, state.epoch < endEpoch else { return }
        state.epoch += 1
        state.position = 0
        start = 0
        turn = 0
    }

    /// Takes one turn; nil when its record was left out, or all is over.
    private func takeTurn() throws -> Element? {
        let outcome: Outcome?
        do {
            outcome = try prefetch.next()
        } catch {
            isCancelled = true
            throw error
        }
        guard let outcome else {
            isCancelled = true
            return nil
        }
        if case .corrupt(let error, let index, let place) = outcome, !skipped.contains(index) {
            if skipped.count >= corruptLimit {
                cancel()
                throw PipelineError(
                    .corruptRecords, "\(skipped.count) records were left out, as many as may be; here is another",
                    location: Self.location(of: error, at: place), cause: error)
            }
            skipped.insert(index)
            leftOut.append(index)
            findings.append(
                Finding(
                    rule: error.codeName, severity: .error, location: Self.location(of: error, at: place),
                    message: error.message + "; record left out"))
        }
        turn += 1
        state.position = share.position(afterTurns: turn, from: start, count: order.count)
        switch outcome {
        case .element(let element): return element
        case .corrupt:
            skippedTurns += 1
            return nil
        }
    }

    private static func location(of error: any OperationError, at place: DataLocation) -> DataLocation {
        var location = error.location ?? DataLocation()
        location.path = location.path ?? place.path
        location.byteOffset = location.byteOffset ?? place.byteOffset
        location.record = location.record ?? place.record
        location.imageID = location.imageID ?? place.imageID
        return location
    }
}

extension ShardSet {
    /// How often each of some samples is to come up in an epoch, as the manifest's balance says; nil where that is once.
    package func repeats(of indices: [Int]) -> [Double]? {
        let repeats = indices.map { entry(at: $0).repeats }
        return repeats.allSatisfy { $0 == 1 } ? nil : repeats
    }

    /// Samples of an epoch of a loader with those repeats.
    package func epochCount(of indices: [Int]) -> Int {
        repeats(of: indices).map { RepeatPlan($0).count } ?? indices.count
    }
}

extension SampleLoader where Element == ShardSample {
    /// A loader of samples as they are.
    package convenience init(
        _ set: ShardSet, state: LoaderState, shuffle: LoaderShuffle = .global, indices: [Int]? = nil,
        repeats: [Double]? = nil, share: LoaderShare = .whole, epochs: Int? = nil, workers: Int = Workers.count,
        window: Int? = nil, onCorrupt: CorruptRecordPolicy = .fail
    ) {
        self.init(
            set, state: state, shuffle: shuffle, indices: indices, repeats: repeats, share: share, epochs: epochs,
            workers: workers, window: window, onCorrupt: onCorrupt
        ) { sample, _ in sample }
    }
}
