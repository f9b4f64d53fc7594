private import Foundation
private import JSONText
private import Runtime

/// How a run went, step by step and epoch by epoch, as `metrics.jsonl` has it.
package struct RunCurves: Sendable {
    /// Step and loss of each step.
    package private(set) var losses: [(step: Double, value: Double)] = []
    /// Step and learning rate of each step.
    package private(set) var rates: [(step: Double, value: Double)] = []
    /// Epoch and mean IoU of each validation, that of the starting model at epoch 0.
    package private(set) var validations: [PromptKind: [(epoch: Double, value: Double)]] = [:]

    /// Reads the lines of a log; a line that is no JSON object is passed over, as the last one of a running training may be.
    ///
    /// - Throws: `FileError.read`; a file that is not there has no lines.
    package init(path: String) throws {
        guard FileSystem.exists(path) else { return }
        let file = try FileSystem.read(path)
        for line in file.split(separator: UInt8(ascii: "\n")) {
            guard let value = line.withUnsafeBytes({ try? JSONDocument.parse($0, path: path) }) else { continue }
            add(value)
        }
    }

    private mutating func add(_ line: JSONValue) {
        switch line["kind"]?.string {
        case "step":
            guard let step = line["step"]?.double else { return }
            if let loss = line["loss"]?.double { losses.append((step, loss)) }
            if let rate = line["learning_rate"]?.double { rates.append((step, rate)) }
        case "epoch", "evaluation":
            // The evaluation at the end is of a checkpoint that an epoch's line stands for already.
            guard line["moment"]?.string != "end", let epoch = line["epoch"]?.double else { return }
            for kind in PromptKind.allCases {
                if let iou = line["validation"]?[kind.rawValue]?["iou"]?.double {
                    validations[kind, default: []].append((epoch, iou))
                }
            }
        default: return
        }
    }

    // MARK: Charts

    /// The loss of every step, and a mean of it that forgets: half of its weight lies on the last twentieth of the steps.
    package var lossChart: LineChart {
        let points = losses.map { LineChart.Series.Point($0.step, $0.value) }
        var smooth: [LineChart.Series.Point] = []
        let keep = pow(0.5, 1 / max(1, Double(losses.count) / 20))
        var (sum, weight) = (0.0, 0.0)
        for (step, value) in losses where value.isFinite {
            sum = keep * sum + (1 - keep) * value
            weight = keep * weight + (1 - keep)
            // Divided by the weights so far, as the first values would count too little otherwise.
            smooth.append(LineChart.Series.Point(step, sum / weight))
        }
        let ends = [smooth.first, smooth.last].compactMap { $0.map { String(format: "%.4g", $0.y) } }
        return LineChart(
            title: "Loss", xTitle: "step", yTitle: "loss",
            series: [
                LineChart.Series("each step", points, colour: 0, isFaint: true),
                LineChart.Series("smoothed", smooth, colour: 0),
            ], summary: "Smoothed, the loss went from \(ends.joined(separator: " to ")).", yIncludes: [0])
    }

    package var rateChart: LineChart {
        LineChart(
            title: "Learning rate", xTitle: "step", yTitle: "learning rate",
            series: [
                LineChart.Series("learning rate", rates.map { LineChart.Series.Point($0.step, $0.value) }, colour: 3)
            ], summary: String(format: "At most %.3g.", rates.map(\.value).max() ?? 0), yIncludes: [0])
    }

    package var validationChart: LineChart {
        let series = PromptKind.allCases.enumerated().map { number, kind in
            LineChart.Series(
                kind.rawValue, (validations[kind] ?? []).map { LineChart.Series.Point($0.epoch, $0.value) },
                colour: number)
        }
        let words = series.compactMap { one in
            one.points.last.map { String(format: "with \(one.name) prompts %.3f in the end", $0.y) }
        }
        return LineChart(
            title: "Validation IoU", xTitle: "epoch", yTitle: "mean IoU", series: series,
            summary: words.joined(separator: ", ") + ".", yIncludes: [0, 1])
    }
}
