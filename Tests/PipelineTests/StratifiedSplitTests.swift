import Annotations
import Foundation
import Pipeline
import Runtime
import TestSupport
import Testing

@Suite struct StratifiedSplitTests {
    /// Units with labels of very different frequency.
    static func units(_ count: Int, seed: UInt64) -> [StratifiedSplit.Unit] {
        var random = CounterRandom(seed: seed, purpose: RandomPurpose("units"))
        return (0..<count).map { _ in
            var unit = StratifiedSplit.Unit(draw: random.uniform())
            unit.images = 1
            for label in 0..<12 where random.uniform() < 0.7 / Double((label + 1) * (label + 1)) {
                unit.labels[label] = 1
            }
            return unit
        }
    }

    /// Every label comes in every part in the parts' shares, to within the few that cannot be halved.
    @Test func labelsAreSharedOut() {
        let shares = [0.7, 0.2, 0.1]
        for seed in 0..<5 as Range<UInt64> {
            let units = Self.units(1000, seed: seed)
            let parts = StratifiedSplit(shares: shares).parts(of: units)
            for part in 0..<3 {
                #expect(abs(Double(parts.count { $0 == part }) - 1000 * shares[part]) <= 12)
                for label in 0..<12 {
                    let total = units.count { $0.labels[label] != nil }
                    let here = zip(units, parts).count { $0.labels[label] != nil && $1 == part }
                    #expect(abs(Double(here) - Double(total) * shares[part]) <= 2.5, "label \(label) of \(total)")
                }
            }
        }
    }

    @Test func givenPartsStay() {
        var units = Self.units(300, seed: 9)
        for index in stride(from: 0, to: 300, by: 3) { units[index].given = index % 2 }
        let parts = StratifiedSplit(shares: [0.5, 0.5]).parts(of: units)
        #expect(stride(from: 0, to: 300, by: 3).allSatisfy { parts[$0] == $0 % 2 })
        #expect(abs(parts.count { $0 == 0 } - 150) <= 6)
    }

    /// The outcome is one of the units and not of their order.
    @Test func orderDoesNotMatter() {
        let units = Self.units(200, seed: 2)
        let split = StratifiedSplit(shares: [0.8, 0.2])
        let parts = split.parts(of: units)
        #expect(split.parts(of: units.reversed()).reversed() == parts)
        #expect(split.parts(of: []).isEmpty)
    }
}
