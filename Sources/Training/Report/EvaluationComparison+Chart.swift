private import Foundation
private import Metrics

extension EvaluationComparison {
    /// IoU against the number of clicks, with bands of the intervals; nil where one click was the most.
    package var clickChart: LineChart? {
        guard after.clickCount > 1 else { return nil }
        func points(_ interval: (MetricChange) -> ConfidenceInterval?) -> [LineChart.Series.Point] {
            (1...after.clickCount).compactMap { count in
                guard let change = line(.clicks(count))?.changes[.intersectionOverUnion], let value = interval(change)
                else { return nil }
                return LineChart.Series.Point(Double(count), value.mean, band: value.bounds)
            }
        }
        let (earlier, later) = (points(\.before), points(\.after))
        let ends = [later.first, later.last].compactMap { $0.map { String(format: "%.3f", $0.y) } }
        return LineChart(
            title: "IoU by number of clicks", xTitle: "clicks", yTitle: "mean IoU",
            series: [
                LineChart.Series("before", earlier, colour: 1),
                LineChart.Series(earlier.isEmpty ? "model" : "after", later, colour: 0),
            ],
            summary: "IoU \(ends.joined(separator: " with one click, ")) with \(after.clickCount) clicks. "
                + "Bands are intervals of \(Int((bootstrap.level * 100).rounded())) %.", yIncludes: [0, 1])
    }
}
