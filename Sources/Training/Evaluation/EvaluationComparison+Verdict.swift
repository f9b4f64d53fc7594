private import Foundation
package import Metrics

extension EvaluationComparison {
    /// How the two models compare on the whole: Dice with boxes; nil without a model to compare with, or an interval.
    package var verdict: MetricChange.Verdict? {
        line(.box)?.changes[.dice]?.verdict(prefersMore: true)
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
        let word =
            switch verdict {
            case .better: "Better: "
            case .worse: "Worse: "
            case .same: "No clear change: "
            case nil: ""
            }
        return word
            + String(format: "Dice %.3f -> %.3f (%@)", before.mean, after.mean, Self.difference(change) ?? "")
            + place
    }

    /// What tuning made worse: every figure whose interval of the difference lies on the wrong side of 0, in words.
    ///
    /// IoU and Dice count in every line; boundary IoU and HD95 where the line is of all objects.
    package var losses: [String] {
        lines.flatMap { line -> [String] in
            let metrics: [MaskMetric] = line.part == .all ? MaskMetric.allCases : [.intersectionOverUnion, .dice]
            return metrics.compactMap { metric in
                guard let change = line.changes[metric], change.verdict(prefersMore: metric.prefersMore) == .worse,
                    let before = change.before, let after = change.after, let difference = Self.difference(change, metric)
                else { return nil }
                let objects = line.part == .all ? "" : ", \(line.part.phrase)"
                return "Worse than before with \(line.form.phrase)\(objects): \(metric.title) "
                    + "\(Self.number(before.mean, metric)) -> \(Self.number(after.mean, metric)) (\(difference)), "
                    + Self.count(line.objects, "object")
            }
        }
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
            let text = number(abs(value), metric)
            let isZero = text.allSatisfy { $0 == "0" || $0 == "." }
            return (isZero ? " " : value < 0 ? "-" : "+").trimmingCharacters(in: .whitespaces) + text
        }
        guard let bounds = difference.bounds else { return signed(difference.mean) }
        return "\(signed(difference.mean)) [\(signed(bounds.lowerBound)), \(signed(bounds.upperBound))]"
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
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
