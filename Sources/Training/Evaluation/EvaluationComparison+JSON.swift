package import JSONText
private import Metrics

extension EvaluationComparison {
    /// All figures with their intervals.
    package var json: JSONValue {
        .object([
            "resamples": .integer(Int64(bootstrap.resamples)), "level": .number(bootstrap.level),
            "verdict": verdict.map { .string($0.rawValue) } ?? .null, "sentence": .string(sentence),
            "lines": .array(lines.map(Self.json)), "clicks_to_reach": .array(clickLines.map(Self.json)),
            "losses": .array(losses.map { .string($0) }),
        ])
    }

    private static func json(_ line: Line) -> JSONValue {
        var members = line.form.json + line.part.json
        members += [
            JSONMember("objects", .integer(Int64(line.objects))), JSONMember("images", .integer(Int64(line.images))),
        ]
        for metric in MaskMetric.allCases {
            members.append(JSONMember(metric.rawValue, line.changes[metric]?.json ?? .null))
        }
        members.append(
            JSONMember("empty_before", line.emptyBefore.map { .integer(Int64($0)) } ?? .null))
        members.append(JSONMember("empty_after", .integer(Int64(line.emptyAfter))))
        return .object(members)
    }

    private static func json(_ line: ClickLine) -> JSONValue {
        .object([
            "iou": .number(line.threshold), "clicks": line.clicks.json,
            "failures_before": line.failuresBefore.map { .integer(Int64($0)) } ?? .null,
            "failures_after": .integer(Int64(line.failuresAfter)),
        ])
    }
}

extension PromptForm {
    /// `prompt`: box or clicks, and `clicks`: their number, 0 for a box.
    fileprivate var json: [JSONMember] {
        switch self {
        case .box: [JSONMember("prompt", "box"), JSONMember("clicks", 0)]
        case .clicks(let count): [JSONMember("prompt", "clicks"), JSONMember("clicks", .integer(Int64(count)))]
        }
    }
}

extension EvaluationPart {
    /// `part`: all, size or class, `size` or `class`: which.
    fileprivate var json: [JSONMember] {
        switch self {
        case .all: [JSONMember("part", "all")]
        case .size(let size): [JSONMember("part", "size"), JSONMember("size", .string(size.rawValue))]
        case .category(let id, let name):
            [
                JSONMember("part", "class"),
                JSONMember("class", .object(["id": .integer(id), "name": .string(name)])),
            ]
        }
    }
}

extension MetricChange {
    /// `before`, `after`, `difference`, each a mean and its interval, or null.
    package var json: JSONValue {
        func value(_ interval: ConfidenceInterval?) -> JSONValue {
            guard let interval else { return .null }
            return .object([
                "mean": .number(interval.mean),
                "interval": interval.bounds.map { .array([.number($0.lowerBound), .number($0.upperBound)]) } ?? .null,
            ])
        }
        return .object(["before": value(before), "after": value(after), "difference": value(difference)])
    }
}
