private import Foundation
package import Metrics

extension EvaluationComparison {
    /// How the two models compare on the whole: Dice with boxes, where it changed by what is worth a word; nil without a model
    /// to compare with, or an interval.
    package var verdict: MetricChange.Verdict? {
        guard let change = line(.box)?.changes[.dice], let difference = change.difference else { return nil }
        let verdict = change.verdict(prefersMore: true)
        return verdict != nil && abs(difference.mean) < Self.leastShare ? .same : verdict
    }

    /// What the tables mark a figure as: what the interval of its difference says, unless it is of so few images that one of
    /// noise says as much.
    func mark(_ metric: MaskMetric, in line: Line) -> MetricChange.Verdict? {
        guard let change = line.changes[metric] else { return nil }
        if worseMetrics(of: line).contains(metric) { return .worse }
        return line.images < Self.fewestImages && !isDeep(change, metric)
            ? nil : change.verdict(prefersMore: metric.prefersMore)
    }

    private func isDeep(_ change: MetricChange, _ metric: MaskMetric) -> Bool {
        metric != .hausdorff95 && abs(change.difference?.mean ?? 0) >= Self.deepShare
    }

    /// The comparison in one sentence, such as "Dice 0.712 -> 0.853 (+0.141 [+0.102, +0.180]) with boxes, on 118 objects in
    /// 5 images."
    package var sentence: String {
        guard let line = line(.box), let change = line.changes[.dice], let after = change.after else { return "" }
        let place =
            " with boxes, on \(Self.count(line.objects, "object")) in \(Self.count(line.images, "image"))."
        guard let before = change.before, change.difference != nil else {
            return "Dice " + Self.text(after) + place
        }
        // What so few images say may be chance, and is not told as if it were certain.
        let reserve = line.images < Self.fewestImages ? ", as far as \(Self.count(line.images, "image")) tell: " : ": "
        let word =
            switch verdict {
            case .better: "Better" + reserve
            case .worse: "Worse" + reserve
            case .same: "No clear change: "
            case nil: ""
            }
        return word
            + String(format: "Dice %.3f -> %.3f (%@)", before.mean, after.mean, Self.difference(change) ?? "")
            + place
    }

    /// What tuning made worse, in words: all lines with a figure whose interval of the difference lies on the wrong side of 0,
    /// unless it is too small to matter; of a class or size of few images, and where a single image gives no interval, deep
    /// drops alone.
    ///
    /// IoU and Dice count in every line; boundary IoU and HD95 where the line is of all objects. What was asked for with
    /// several clicks is told once, by the number of clicks that lost most.
    package var losses: [String] {
        let worse = lines.filter { !worseMetrics(of: $0).isEmpty }
        var told: [Line] = []
        for line in worse {
            // Of several numbers of clicks on the same objects the one that lost most stands for all.
            if case .clicks(2...) = line.form,
                let other = told.firstIndex(where: { $0.isOfClicks && $0.part == line.part })
            {
                if lostDice(line) > lostDice(told[other]) { told[other] = line }
            } else {
                told.append(line)
            }
        }
        return told.map { line in
            let others = worse.count { $0.isOfClicks && $0.part == line.part } - 1
            return "Worse than before with \(line.form.phrase)"
                + (line.isOfClicks && others > 0 ? " (and with \(others) other numbers of clicks)" : "")
                + (line.part == .all ? "" : ", \(line.part.phrase)") + ": "
                + worseMetrics(of: line).compactMap { text(of: $0, in: line) }.joined(separator: "; ")
                + "; \(Self.count(line.objects, "object"))"
                + (line.images < Self.fewestImages ? " in \(Self.count(line.images, "image"))" : "")
        }
    }

    /// What else has an interval on the wrong side of 0 and ``losses`` leave out: by little, of classes and sizes of few images,
    /// and their boundaries; those that lost most Dice first.
    package var lesserLosses: [String] {
        lines.sorted { lostDice($0) > lostDice($1) }.compactMap { line in
            let told = worseMetrics(of: line)
            let metrics = MaskMetric.allCases.filter { metric in
                !told.contains(metric) && line.changes[metric]?.verdict(prefersMore: metric.prefersMore) == .worse
            }
            if metrics.isEmpty { return nil }
            let changes = metrics.compactMap { metric in
                line.changes[metric].flatMap { Self.difference($0, metric) }.map { "\(metric.title) \($0)" }
            }
            return "\(line.part.phrase) with \(line.form.phrase): \(changes.joined(separator: ", ")) ("
                + "\(Self.count(line.objects, "object")) in \(Self.count(line.images, "image")))"
        }
    }

    private func worseMetrics(of line: Line) -> [MaskMetric] {
        let metrics: [MaskMetric] =
            line.part == .all
            ? [.dice, .intersectionOverUnion, .boundaryIntersectionOverUnion, .hausdorff95]
            : [.dice, .intersectionOverUnion]
        // With two images every other line of noise alone has an interval on one side of 0: of so few a drop has to be deep.
        let share = line.part != .all && line.images < Self.fewestImages ? Self.deepShare : Self.leastShare
        return metrics.filter { metric in
            guard let change = line.changes[metric], let difference = change.difference else { return false }
            // One image has no interval: a deep drop needs none.
            if difference.bounds == nil { return metric.prefersMore && difference.mean <= -Self.deepShare }
            return change.verdict(prefersMore: metric.prefersMore) == .worse
                && abs(difference.mean) >= (metric == .hausdorff95 ? Self.leastPixels : share)
        }
    }

    /// With fewer images of a class or a size only a deep drop is told, and nothing else is marked.
    static let fewestImages = 5
    /// A drop that is no noise, whatever the number of images, of measures between 0 and 1.
    private static let deepShare = 0.2
    /// What is worth a warning: of measures between 0 and 1, and of distances in pixels.
    private static let (leastShare, leastPixels) = (0.005, 0.1)

    private func lostDice(_ line: Line) -> Double { -(line.changes[.dice]?.difference?.mean ?? 0) }

    private func text(of metric: MaskMetric, in line: Line) -> String? {
        guard let change = line.changes[metric], let before = change.before, let after = change.after,
            let difference = Self.difference(change, metric)
        else { return nil }
        return
            "\(metric.title) \(Self.number(before.mean, metric)) -> \(Self.number(after.mean, metric)) (\(difference))"
    }

    // MARK: Numbers as text

    /// A value with as many digits as its measure has: three decimals, of pixels two.
    package static func number(_ value: Double, _ metric: MaskMetric = .dice) -> String {
        String(format: metric == .hausdorff95 ? "%.2f" : "%.3f", value)
    }

    /// A mean and its interval: "0.853 [0.812, 0.894]".
    package static func text(_ interval: ConfidenceInterval, _ metric: MaskMetric = .dice) -> String {
        guard let bounds = interval.bounds else { return number(interval.mean, metric) }
        return "\(number(interval.mean, metric)) [\(number(bounds.lowerBound, metric)), "
            + "\(number(bounds.upperBound, metric))]"
    }

    /// A difference and its interval with signs: "+0.141 [+0.102, +0.180]"; nil without one.
    package static func difference(_ change: MetricChange, _ metric: MaskMetric = .dice) -> String? {
        guard let difference = change.difference else { return nil }
        func signed(_ value: Double) -> String {
            // The sign stays where the digits are all 0: by it one sees on which side of 0 an end lies.
            (value < 0 ? "-" : value > 0 ? "+" : "") + number(abs(value), metric)
        }
        guard let bounds = difference.bounds else { return signed(difference.mean) }
        return "\(signed(difference.mean)) [\(signed(bounds.lowerBound)), \(signed(bounds.upperBound))]"
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

extension EvaluationComparison.Line {
    /// Whether the objects were asked for with more than a point.
    fileprivate var isOfClicks: Bool { if case .clicks(2...) = form { true } else { false } }
}

extension EvaluationPart {
    /// What it is called in a sentence.
    fileprivate var phrase: String {
        switch self {
        case .all: "all objects"
        case .size(let size): "\(size.rawValue) objects"
        case .category(_, let name): "class \(name)"
        }
    }
}
