import Foundation
import Metrics
import Runtime
import TestSupport
import Testing

@Suite struct ClusterBootstrapTests {
    /// What numpy and scipy found; see the script beside the fixture.
    private static func fixture() throws -> [String: [Double]] {
        let text = try String(contentsOfFile: Repository.fixture("Metrics/bootstrap.txt"), encoding: .utf8)
        return text.split(separator: "\n").reduce(into: [:]) { entries, line in
            let parts = line.split(separator: ":", maxSplits: 1)
            entries[String(parts[0])] = parts[1].split(separator: " ").compactMap { Double($0) }
        }
    }

    /// The same draws, written as plainly as can be.
    private static func slowly(
        _ values: [Double?], clusters: [Int], resamples: Int, level: Double, seed: UInt64
    ) -> (low: Double, high: Double) {
        var names: [Int] = []
        for cluster in clusters where !names.contains(cluster) { names.append(cluster) }
        var means: [Double] = []
        for resample in 0..<resamples {
            var random = CounterRandom(seed: seed, sample: UInt64(resample), purpose: RandomPurpose("bootstrap"))
            var drawn: [Double] = []
            for _ in names {
                let name = names[random.index(below: names.count)]
                for (value, cluster) in zip(values, clusters) where cluster == name {
                    if let value, !value.isNaN { drawn.append(value) }
                }
            }
            if !drawn.isEmpty { means.append(drawn.reduce(0, +) / Double(drawn.count)) }
        }
        means.sort()
        func percentile(_ share: Double) -> Double {
            let place = share * Double(means.count - 1)
            let below = Int(place)
            let above = min(below + 1, means.count - 1)
            return means[below] * (1 - place + Double(below)) + means[above] * (place - Double(below))
        }
        return (percentile((1 - level) / 2), percentile((1 + level) / 2))
    }

    @Test func intervalsAreThoseOfThePlainWay() throws {
        let clusters = [5, 5, 2, 9, 9, 9, 2, 7]
        let columns: [[Double?]] = [
            [0.1, 0.4, 0.9, 0.3, 0.3, 0.2, 0.8, 0.6], [nil, 0.4, .nan, 0.3, nil, nil, nil, nil],
        ]
        let bootstrap = ClusterBootstrap(resamples: 301, level: 0.9, seed: 6)
        let found = bootstrap.intervals(of: columns, clusters: clusters)
        for (column, interval) in zip(columns, found) {
            let expected = Self.slowly(column, clusters: clusters, resamples: 301, level: 0.9, seed: 6)
            let bounds = try #require(interval?.bounds)
            #expect(abs(bounds.lowerBound - expected.low) < 1e-12 && abs(bounds.upperBound - expected.high) < 1e-12)
        }
        #expect(abs(try #require(found[0]).mean - 0.45) < 1e-12 && found[0]?.count == 8)
        #expect(abs(try #require(found[1]).mean - 0.35) < 1e-12 && found[1]?.count == 2)
        #expect(bootstrap.interval(of: columns[0], clusters: clusters) == found[0])
    }

    /// Ends of intervals are random themselves; 20 000 resamples leave a few hundredths of the width.
    @Test func intervalsAgreeWithNumPyAndSciPy() throws {
        let fixture = try Self.fixture()
        func hold(_ values: [Double], clusters: [Int], level: Double, _ name: String) throws {
            let bootstrap = ClusterBootstrap(resamples: 20_000, level: level, seed: 3)
            let interval = try #require(bootstrap.interval(of: values, clusters: clusters))
            let (bounds, expected) = (try #require(interval.bounds), try #require(fixture[name + "-interval"]))
            let tolerance = 0.04 * (expected[1] - expected[0])
            #expect(abs(bounds.lowerBound - expected[0]) < tolerance, "\(name): \(bounds), expected \(expected)")
            #expect(abs(bounds.upperBound - expected[1]) < tolerance, "\(name): \(bounds), expected \(expected)")
            if let mean = fixture[name + "-mean"] { #expect(abs(interval.mean - mean[0]) < 1e-12) }
        }
        let clusters = try #require(fixture["clusters"]).map { Int($0) }
        let (before, after) = (try #require(fixture["before"]), try #require(fixture["after"]))
        try hold(before, clusters: clusters, level: 0.95, "before")
        try hold(before, clusters: clusters, level: 0.5, "narrow")
        try hold(zip(after, before).map(-), clusters: clusters, level: 0.95, "difference")
        let single = try #require(fixture["single"])
        try hold(single, clusters: Array(single.indices), level: 0.95, "single")
    }

    @Test func threadsAndNamesOfClustersChangeNothing() {
        let values = (0..<200).map { Double($0 * 37 % 101) / 101 }
        let clusters = values.indices.map { $0 / 7 }
        let results = atEveryWorkerCount {
            ClusterBootstrap().intervals(of: [values, values.map { -$0 }], clusters: clusters)
        }
        for result in results { #expect(result == results[0]) }
        let renamed = clusters.map { 1000 - 3 * $0 }
        #expect(ClusterBootstrap().interval(of: values, clusters: renamed) == results[0][0])
        #expect(ClusterBootstrap(seed: 1).interval(of: values, clusters: renamed) != results[0][0])
    }

    /// One image tells nothing of others; no value has no mean.
    @Test func tooLittleHasNoInterval() throws {
        let one = try #require(ClusterBootstrap().interval(of: [0.2, 0.4], clusters: [3, 3]))
        #expect(abs(one.mean - 0.3) < 1e-15 && one.bounds == nil && one.count == 2)
        let two = ClusterBootstrap().intervals(of: [[0.2, nil], [nil, .nan]], clusters: [3, 4])
        #expect(two[0]?.bounds == nil && two[0]?.mean == 0.2 && two[1] == nil)
        #expect(ClusterBootstrap().interval(of: [], clusters: []) == nil)
    }
}
