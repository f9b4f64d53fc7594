package import JSONText

extension LearningRateSearch {
    /// The test as `find-lr.json`; `schemas/find-lr.schema.json` describes it.
    package var json: JSONValue {
        func rate(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
        return .object([
            "schema_version": 1, "command": "train --find-lr", "suggestion": rate(suggestion),
            "steepest": rate(steepest), "tenth_of_minimum": rate(tenthOfMinimum),
            "ending": .string(ending.rawValue), "planned_steps": .integer(Int64(plannedSteps)),
            "skipped_steps": .integer(Int64(skippedSteps)),
            "points": .array(
                zip(points, smoothed).map { point, smoothed in
                    .object([
                        "learning_rate": .number(point.learningRate), "loss": .number(point.loss),
                        "start_loss": .number(point.startLoss), "smoothed": .number(smoothed),
                    ])
                }),
        ])
    }
}
