import Foundation
import Runtime
import Synchronization
import TestSupport
import Testing

@Suite struct WorkersOrderTests {
    /// The numbers from 0 on.
    private struct Numbers: IteratorProtocol, Sendable {
        private var number = 0
        private let end: Int

        init(end: Int) { self.end = end }

        mutating func next() -> Int? {
            guard number < end else { return nil }
            defer { number += 1 }
            return number
        }
    }

    private struct Refusal: Error, Equatable { let number: Int }

    @Test func outputsComeInTheOrderOfTheItems() throws {
        let results = try atEveryWorkerCount {
            var outputs: [Int] = []
            try Workers.inOrder(
                Numbers(end: 500), window: 5, state: { 0 },
                produce: { (number: Int, _: inout Int) -> Int in
                    // Unequal work, so that items are finished in another order.
                    var sum = 0
                    for step in 0..<(number * 7919 % 2000) { sum ^= step }
                    return sum < 0 ? 0 : number * 1_000_000
                },
                consume: {
                    outputs.append($0)
                    return true
                })
            return outputs
        }
        for result in results { #expect(result == (0..<500).map { $0 * 1_000_000 }) }
    }

    @Test func noMoreThanTheWindowIsStarted() throws {
        for workers in [1, 2, 3, 7] {
            let started = Atomic<Int>(0)
            try Workers.with(workers) {
                var consumed = 0
                try Workers.inOrder(
                    Numbers(end: 200), window: 3, state: { 0 },
                    produce: { (number: Int, _: inout Int) -> Int in
                        started.add(1, ordering: .relaxed)
                        return number
                    },
                    consume: { _ in
                        consumed += 1
                        #expect(started.load(ordering: .relaxed) <= consumed + 3)
                        return true
                    })
                #expect(consumed == 200)
            }
        }
    }

    @Test func consumingStopsWhereItIsToldTo() throws {
        let counts = try atEveryWorkerCount {
            var consumed = 0
            try Workers.inOrder(
                Numbers(end: .max), window: 4, state: { 0 }, produce: { (number: Int, _: inout Int) in number },
                consume: { number in
                    consumed += 1
                    return number < 41
                })
            return consumed
        }
        #expect(counts == [42, 42, 42, 42])
    }

    @Test func errorsOfTheConsumerLeaveTheLoop() {
        _ = atEveryWorkerCount {
            #expect(throws: Refusal(number: 17)) {
                try Workers.inOrder(
                    Numbers(end: .max), window: 4, state: { 0 }, produce: { (number: Int, _: inout Int) in number },
                    consume: { number in
                        if number == 17 { throw Refusal(number: number) }
                        return true
                    })
            }
        }
    }

    /// A thread's state goes from item to item and is no other thread's; the states' sum is that of all items.
    @Test func eachThreadHasAStateOfItsOwn() throws {
        final class Tally: Sendable { let sum = Mutex<Int>(0) }
        for workers in [1, 2, 3, 7] {
            let tallies = Mutex<[Tally]>([])
            try Workers.with(workers) {
                try Workers.inOrder(
                    Numbers(end: 100), window: 8,
                    state: {
                        let tally = Tally()
                        tallies.withLock { $0.append(tally) }
                        return tally
                    },
                    produce: { (number: Int, tally: inout Tally) -> Int in
                        tally.sum.withLock { $0 += number }
                        return number
                    }, consume: { _ in true })
            }
            let all = tallies.withLock { $0 }
            #expect(all.count <= workers)
            #expect(all.reduce(0) { $0 + $1.sum.withLock { $0 as Int } } == 4950)
        }
    }

    @Test func loopsInsideProducersStayOnTheirThread() throws {
        try Workers.with(3) {
            try Workers.inOrder(
                Numbers(end: 20), window: 6, state: { 0 }, produce: { (_: Int, _: inout Int) in Workers.count },
                consume: { count in
                    #expect(count == 1 && Workers.count == 3)
                    return true
                })
        }
    }

    @Test func nothingIsDoneForNoItems() throws {
        _ = try atEveryWorkerCount {
            try Workers.inOrder(
                Numbers(end: 0), window: 1, state: { 0 }, produce: { (number: Int, _: inout Int) in number },
                consume: { _ in
                    Issue.record("an output of no item")
                    return true
                })
        }
    }
}
