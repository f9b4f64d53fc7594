import Foundation
import Pipeline
import Runtime
import Synchronization
import TestSupport
import Testing

@Suite struct OrderedPrefetchTests {
    struct Failure: Error, Equatable { let item: Int }

    static func all<Output>(_ prefetch: OrderedPrefetch<Output>) throws -> [Output] {
        var outputs: [Output] = []
        while let output = try prefetch.next() { outputs.append(output) }
        return outputs
    }

    @Test(arguments: [0, 1, 2, 3, 7], [1, 2, 16])
    func deliversAllInOrder(workers: Int, window: Int) throws {
        let prefetch = OrderedPrefetch(items: 3..<200, workers: workers, window: window) { $0 * $0 }
        #expect(try Self.all(prefetch) == (3..<200).map { $0 * $0 })
        #expect(try prefetch.next() == nil)
    }

    /// Later items may have failed or succeeded already: what comes before the first failure is delivered.
    @Test(arguments: [0, 1, 2, 3, 7])
    func errorsComeInTheirPlaceAndEndIt(workers: Int) throws {
        let prefetch = OrderedPrefetch(items: 0..<100, workers: workers, window: 20) { item in
            if item == 17 || item == 18 { throw Failure(item: item) }
            return item
        }
        for item in 0..<17 { #expect(try prefetch.next() == item) }
        #expect(throws: Failure(item: 17)) { try prefetch.next() }
        #expect(try prefetch.next() == nil)
    }

    @Test(arguments: [0, 1, 2, 7])
    func neverRunsFurtherAheadThanTheWindow(workers: Int) throws {
        let delivered = Atomic<Int>(0)
        let worstLead = Atomic<Int>(0)
        let prefetch = OrderedPrefetch(items: 0..<300, workers: workers, window: 5) { item in
            worstLead.max(item - delivered.load(ordering: .sequentiallyConsistent), ordering: .relaxed)
        }
        while try prefetch.next() != nil { delivered.add(1, ordering: .sequentiallyConsistent) }
        // One more than the window: the item in hand is delivered before it is counted.
        #expect(worstLead.load(ordering: .relaxed) <= 5)
    }

    @Test(arguments: [0, 1, 3])
    func cancellationLeavesNoThread(workers: Int) throws {
        final class Witness: Sendable {}
        weak var weakWitness: Witness?
        let running = Atomic<Int>(0)
        do {
            let witness = Witness()
            weakWitness = witness
            let prefetch = OrderedPrefetch(items: 0..<1000, workers: workers, window: 4) { item in
                running.add(1, ordering: .relaxed)
                defer { running.subtract(1, ordering: .relaxed) }
                return withExtendedLifetime(witness) { item }
            }
            #expect(try prefetch.next() == 0)
            prefetch.cancel()
            #expect(running.load(ordering: .relaxed) == 0)
            #expect(try prefetch.next() == nil)
        }
        // The threads let go of the shared part last; they have nothing else to do.
        for _ in 0..<1000 where weakWitness != nil { usleep(1000) }
        #expect(weakWitness == nil)
    }

    @Test func droppedUnfinishedItEnds() throws {
        final class Witness: Sendable {}
        weak var weakWitness: Witness?
        do {
            let witness = Witness()
            weakWitness = witness
            let prefetch = OrderedPrefetch(items: 0..<1000, workers: 3, window: 4) { item in
                withExtendedLifetime(witness) { item }
            }
            #expect(try prefetch.next() == 0)
        }
        for _ in 0..<1000 where weakWitness != nil { usleep(1000) }
        #expect(weakWitness == nil)
    }

    @Test func loopsInsideStayOnTheirThread() throws {
        let prefetch = OrderedPrefetch(items: 0..<4, workers: 2, window: 2) { _ in Workers.count }
        #expect(try Self.all(prefetch) == [1, 1, 1, 1])
    }
}
