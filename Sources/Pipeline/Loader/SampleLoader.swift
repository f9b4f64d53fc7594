package import Runtime
package import Shards

/// What a loader does with a record that cannot be read, or whose transform finds bad data.
package enum CorruptRecordPolicy: Sendable, Hashable {
    /// Throw, at the record's place in the order.
    case fail
    /// Leave it out and keep a finding.
    case skip
}

/// Streams the samples of a set in a seeded order, reading and transforming ahead on threads.
///
/// The sequence depends on set, seed and transform alone, never on threads, and goes on exactly from any
/// ``LoaderState``. Epochs follow each other without a pause: ``next()`` returns nil once at the end of each.
package final class SampleLoader<Element: Sendable> {
    private let order: EpochOrder
    private let endEpoch: Int
    private let prefetch: OrderedPrefetch<Outcome>
    /// Records that were left out, in the order they came up.
    package private(set) var findings: [Finding] = []
    /// Where the loader stands, after what ``next()`` returned last.
    package private(set) var state: LoaderState

    private enum Outcome: Sendable {
        case element(Element)
        case skipped(Finding)
    }

    /// - Parameters:
    ///   - set: the shards.
    ///   - state: seed, and where to begin.
    ///   - isShuffled: a new permutation each epoch; otherwise always the set's own order.
    ///   - indices: which samples to use, all when nil.
    ///   - epochs: number of the epoch that is not begun any more; nil for no end.
    ///   - workers: threads that read and transform; with 1, ``next()`` does it itself.
    ///   - window: how many samples may be ahead of the consumer.
    ///   - transform: makes an element of a sample, on a worker's thread; must depend on its arguments alone.
    package init(
        _ set: ShardSet, state: LoaderState, isShuffled: Bool = true, indices: [Int]? = nil, epochs: Int? = nil,
        workers: Int = Workers.count, window: Int? = nil, onCorrupt: CorruptRecordPolicy = .fail,
        transform: @escaping @Sendable (ShardSample, SamplePlace) throws -> Element
    ) {
        let order = EpochOrder(seed: state.seed, indices: indices ?? Array(0..<set.count), isShuffled: isShuffled)
        let count = order.count
        precondition(
            state.epoch >= 0 && (0...count).contains(state.position),
            "position \(state.position) of epoch \(state.epoch) in \(count) samples")
        self.order = order
        self.state = state
        endEpoch = max(epochs ?? Int.max, state.epoch)
        let (end, overflow) = count.multipliedReportingOverflow(by: endEpoch)
        prefetch = OrderedPrefetch(
            items: count * state.epoch
                + state.position..<(overflow ? Int.max : max(end, count * state.epoch + state.position)),
            workers: workers, window: window ?? 4 * max(1, workers)
        ) { item in
            let place = SamplePlace(
                epoch: item / count, position: item % count,
                index: order.index(epoch: item / count, position: item % count))
            do {
                return .element(try transform(try set.sample(at: place.index), place))
            } catch let error as any OperationError where onCorrupt == .skip && error.kind == .badInput {
                return .skipped(Self.finding(error, at: set.location(of: place.index)))
            }
        }
    }

    /// The next element, or nil at the end of an epoch; the call after that begins the next epoch.
    ///
    /// - Throws: `ShardError` for a record that cannot be read, or what the transform threw, at the record's place;
    ///   after that the loader is at its end.
    package func next() throws -> Element? {
        while state.epoch < endEpoch {
            if state.position == order.count {
                state.epoch += 1
                state.position = 0
                return nil
            }
            guard let outcome = try prefetch.next() else { return nil }
            state.position += 1
            switch outcome {
            case .element(let element): return element
            case .skipped(let finding): findings.append(finding)
            }
        }
        return nil
    }

    /// Stops the threads; the loader is then at its end, its state still valid.
    package func cancel() { prefetch.cancel() }

    private static func finding(_ error: any OperationError, at place: DataLocation) -> Finding {
        var location = error.location ?? DataLocation()
        location.path = location.path ?? place.path
        location.byteOffset = location.byteOffset ?? place.byteOffset
        location.record = location.record ?? place.record
        location.imageID = location.imageID ?? place.imageID
        return Finding(
            rule: error.codeName, severity: .error, location: location, message: error.message + "; record left out")
    }
}

extension SampleLoader where Element == ShardSample {
    /// A loader of samples as they are.
    package convenience init(
        _ set: ShardSet, state: LoaderState, isShuffled: Bool = true, indices: [Int]? = nil, epochs: Int? = nil,
        workers: Int = Workers.count, window: Int? = nil, onCorrupt: CorruptRecordPolicy = .fail
    ) {
        self.init(
            set, state: state, isShuffled: isShuffled, indices: indices, epochs: epochs, workers: workers,
            window: window, onCorrupt: onCorrupt
        ) { sample, _ in sample }
    }
}
