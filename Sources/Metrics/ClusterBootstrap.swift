private import Runtime

/// Confidence intervals of means by the percentile bootstrap over clusters.
///
/// Objects of one image are alike, so that images are drawn, with replacement and as many as there are, each with all its
/// objects: `mean = sum of the drawn images' values / number of them`. The ends of the interval are percentiles of the means
/// of all resamples, linearly interpolated. For a paired difference the values are the objects' differences.
/// The draws of a resample are a pure function of the seed and its number, whatever the number of threads.
///
/// Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 8 and 13.
package struct ClusterBootstrap: Sendable, Hashable {
    /// Number of resamples, at least 1.
    package var resamples = 2000
    /// Share of the resamples that lies within the interval, 0..<1.
    package var level = 0.95
    package var seed: UInt64 = 0

    package init(resamples: Int = 2000, level: Double = 0.95, seed: UInt64 = 0) {
        precondition(resamples >= 1 && (0..<1).contains(level), "\(resamples) resamples, level \(level)")
        self.resamples = resamples
        self.level = level
        self.seed = seed
    }

    /// The interval of one column of values.
    ///
    /// - Parameters:
    ///   - values: nil and NaN are no part of the mean.
    ///   - clusters: for each value what it was drawn with, such as its image.
    package func interval(of values: [Double?], clusters: [Int]) -> ConfidenceInterval? {
        intervals(of: [values], clusters: clusters)[0]
    }

    /// The intervals of several columns over the same objects, from the same draws.
    ///
    /// - Returns: one interval a column; nil for a column without a value.
    package func intervals(of columns: [[Double?]], clusters: [Int]) -> [ConfidenceInterval?] {
        let table = ClusterSums(columns, clusters: clusters)
        guard table.clusterCount > 1 else {
            return table.totals.map { total in
                total.count == 0
                    ? nil : ConfidenceInterval(mean: total.sum / Double(total.count), bounds: nil, count: total.count)
            }
        }
        let means = resampledMeans(of: table)
        return columns.indices.map { column in
            let total = table.totals[column]
            guard total.count > 0 else { return nil }
            // A resample may hold no image with a value of this column; it tells nothing of the mean.
            let sorted = (0..<resamples).map { means[$0 * columns.count + column] }.filter { !$0.isNaN }.sorted()
            let tail = (1 - level) / 2
            return ConfidenceInterval(
                mean: total.sum / Double(total.count),
                bounds: table.filledClusters[column] < 2 || sorted.isEmpty
                    ? nil
                    : MaskMetrics.percentile(
                        tail, ofSorted: sorted)...MaskMetrics.percentile(
                            1 - tail, ofSorted: sorted), count: total.count)
        }
    }

    private static let purpose = RandomPurpose("bootstrap")

    /// The means of all resamples, [resamples, columns]; NaN where a resample has no value.
    private func resampledMeans(of table: ClusterSums) -> [Double] {
        let columns = table.totals.count
        return [Double](unsafeUninitializedCapacity: resamples * columns) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            let means = SharedBuffer(base, count: resamples * columns)
            Workers.forEachChunk(of: resamples, grain: 32) { items, _ in
                for item in items {
                    var random = CounterRandom(seed: seed, sample: UInt64(item), purpose: Self.purpose)
                    var drawn = [ClusterSums.Total](repeating: ClusterSums.Total(), count: columns)
                    for _ in 0..<table.clusterCount {
                        let cluster = random.index(below: table.clusterCount)
                        for column in 0..<columns { drawn[column].add(table[cluster, column]) }
                    }
                    for (column, total) in drawn.enumerated() {
                        means.base[item * columns + column] = total.sum / Double(total.count)
                    }
                }
            }
            count = resamples * columns
        }
    }
}

/// Sums and counts of columns of values by cluster.
private struct ClusterSums: Sendable {
    struct Total: Sendable {
        var sum = 0.0
        var count = 0

        mutating func add(_ other: Total) {
            sum += other.sum
            count += other.count
        }
    }

    let clusterCount: Int
    private(set) var totals: [Total]
    /// For each column the number of clusters with a value.
    let filledClusters: [Int]
    private let sums: [Total]

    init(_ columns: [[Double?]], clusters: [Int]) {
        var numbers: [Int: Int] = [:]
        // Numbered by first appearance, so that names of clusters decide nothing.
        let dense = clusters.map { cluster -> Int in
            if let known = numbers[cluster] { return known }
            let next = numbers.count
            numbers[cluster] = next
            return next
        }
        clusterCount = numbers.count
        var sums = [Total](repeating: Total(), count: numbers.count * columns.count)
        totals = [Total](repeating: Total(), count: columns.count)
        for (column, values) in columns.enumerated() {
            precondition(values.count == clusters.count, "\(values.count) values of \(clusters.count) clusters")
            for (value, cluster) in zip(values, dense) {
                guard let value, !value.isNaN else { continue }
                let one = Total(sum: value, count: 1)
                sums[cluster * columns.count + column].add(one)
                totals[column].add(one)
            }
        }
        self.sums = sums
        filledClusters = columns.indices.map { column in
            stride(from: column, to: sums.count, by: columns.count).count { sums[$0].count > 0 }
        }
    }

    subscript(cluster: Int, column: Int) -> Total { sums[cluster * totals.count + column] }
}
