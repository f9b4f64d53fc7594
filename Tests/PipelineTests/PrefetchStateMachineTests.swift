import Foundation
import Pipeline
import Runtime
import Synchronization
import TestSupport
import Testing

@Suite struct PrefetchStateMachineTests {
    /// A machine whose answers are text, so that a timeline can be written down.
    final class Timeline {
        private var machine: PrefetchStateMachine<String>

        init(items: Range<Int>, window: Int) { machine = PrefetchStateMachine(items: items, window: window) }

        var finishedCount: Int { machine.finishedCount }

        func work() -> String {
            switch machine.nextWork() {
            case .start(let item): "start \(item)"
            case .wait: "wait"
            case .stop: "stop"
            }
        }

        func next() -> String {
            switch machine.next() {
            case .deliver(let output): output
            case .wait: "wait"
            case .end: "end"
            }
        }

        func finish(_ item: Int, _ output: String) -> Bool { machine.finish(item, output) }
        func cancel() { machine.cancel() }
    }

    @Test func deliversInOrderWhateverFinishesFirst() {
        let machine = Timeline(items: 5..<8, window: 3)
        #expect(machine.next() == "wait")
        #expect((0..<4).map { _ in machine.work() } == ["start 5", "start 6", "start 7", "stop"])
        #expect(!machine.finish(7, "c"))
        #expect(!machine.finish(6, "b"))
        #expect(machine.next() == "wait")
        #expect(machine.finish(5, "a"))
        #expect((0..<4).map { _ in machine.next() } == ["a", "b", "c", "end"])
    }

    @Test func startsNoMoreThanTheWindow() {
        let machine = Timeline(items: 0..<3, window: 2)
        #expect((0..<3).map { _ in machine.work() } == ["start 0", "start 1", "wait"])
        _ = machine.finish(1, "b")
        #expect(machine.work() == "wait")
        _ = machine.finish(0, "a")
        #expect(machine.work() == "wait")
        #expect(machine.next() == "a")
        #expect(machine.work() == "start 2")
        #expect(machine.work() == "stop")
    }

    @Test func nothingFollowsACancellation() {
        let machine = Timeline(items: 0..<9, window: 3)
        #expect(machine.work() == "start 0")
        #expect(machine.work() == "start 1")
        _ = machine.finish(0, "a")
        machine.cancel()
        #expect(machine.work() == "stop")
        #expect(machine.next() == "end")
        #expect(machine.finish(1, "b"))
        #expect(machine.finishedCount == 0)
    }

    @Test func noItemsMeansTheEnd() {
        let machine = Timeline(items: 4..<4, window: 1)
        #expect(machine.work() == "stop")
        #expect(machine.next() == "end")
    }

    /// Any interleaving delivers all items once, in order, and never holds more than the window.
    @Test func everyInterleavingIsOrdered() {
        for round in 0..<200 {
            var random = CounterRandom(seed: 1, sample: UInt64(round), purpose: RandomPurpose("interleave"))
            let window = 1 + random.index(below: 5)
            var machine = PrefetchStateMachine<Int>(items: 0..<40, window: window)
            var working: [Int] = []
            var delivered: [Int] = []
            loop: while true {
                switch random.index(below: 3) {
                case 0:
                    if case .start(let item) = machine.nextWork() { working.append(item) }
                case 1 where !working.isEmpty:
                    let item = working.remove(at: random.index(below: working.count))
                    _ = machine.finish(item, item)
                default:
                    switch machine.next() {
                    case .deliver(let item): delivered.append(item)
                    case .wait: break
                    case .end: break loop
                    }
                }
                #expect(working.count + machine.finishedCount <= window)
            }
            #expect(delivered == Array(0..<40))
        }
    }
}
