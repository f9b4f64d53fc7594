package import JSONText
private import Metrics
private import Runtime

extension EvaluationRecord {
    /// Reads a file that a run has written.
    ///
    /// - Throws: `FileError`, `JSONError`; `TrainingError.checkpoint` that names what is wrong with it.
    package static func read(_ path: String) throws -> EvaluationRecord {
        try EvaluationRecord(json: try JSONDocument.read(path: path, maximumBytes: maximumBytes), path: path)
    }

    /// Larger than any that is written with the largest limits that make sense.
    private static let maximumBytes = 256 << 20

    /// - Throws: `TrainingError.checkpoint` that names what is wrong.
    package init(json: JSONValue, path: String) throws(TrainingError) {
        let reader = EvaluationReader(path: path)
        guard json["schema_version"]?.int == Self.schemaVersion else {
            throw reader.error("schema_version", "must be \(Self.schemaVersion)")
        }
        var evaluation = Evaluation(name: try reader.text("name", of: json))
        evaluation.imageCount = try reader.whole("images", of: json)
        evaluation.answerSeconds = try reader.number("answer_seconds", of: json)
        evaluation.remarks = try reader.array("remarks", of: json).compactMap(\.string)
        for value in try reader.array("rows", of: json) { evaluation.rows.append(try reader.row(value)) }
        let clicks = evaluation.clickCount
        guard evaluation.rows.allSatisfy({ $0.clicks.count == clicks }) else {
            throw reader.error("rows", "must have scores of equally many clicks each")
        }
        self.init(
            step: try reader.whole("step", of: json), epoch: try reader.whole("epoch", of: json),
            evaluation: evaluation, automatic: try reader.automatic(json["automatic_masks"]),
            latency: try reader.latency(json["latency"]), seconds: try reader.number("seconds", of: json),
            peakMemoryBytes: try reader.whole("peak_memory_bytes", of: json), limits: try reader.limits(json))
    }
}

/// Reads the parts of an evaluation's file, naming what is wrong.
private struct EvaluationReader {
    let path: String

    func error(_ key: String, _ wanted: String) -> TrainingError {
        TrainingError(.checkpoint, "'\(key)' \(wanted)", at: DataLocation(path: path, keyPath: key))
    }

    func text(_ key: String, of json: JSONValue) throws(TrainingError) -> String {
        guard let text = json[key]?.string else { throw error(key, "must be a text") }
        return text
    }

    func whole(_ key: String, of json: JSONValue) throws(TrainingError) -> Int {
        guard let number = json[key]?.int, number >= 0 else { throw error(key, "must be a whole number from 0") }
        return number
    }

    func number(_ key: String, of json: JSONValue, in range: ClosedRange<Double> = 0...1e12) throws(TrainingError)
        -> Double
    {
        guard let number = json[key]?.double, range.contains(number) else {
            throw error(key, "must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func array(_ key: String, of json: JSONValue) throws(TrainingError) -> [JSONValue] {
        guard let array = json[key]?.array else { throw error(key, "must be a list") }
        return array
    }

    func limits(_ json: JSONValue) throws(TrainingError) -> EvaluationRecord.Limits? {
        guard json["most_images"] != nil || json["most_objects"] != nil else { return nil }
        return EvaluationRecord.Limits(
            images: try whole("most_images", of: json), objects: try whole("most_objects", of: json))
    }

    func row(_ json: JSONValue) throws(TrainingError) -> ObjectRow {
        var clicks: [ObjectScores] = []
        for value in try array("clicks", of: json) { clicks.append(try scores(value)) }
        guard !clicks.isEmpty, let box = json["box"] else { throw error("rows", "must have a box and clicks each") }
        guard let category = json["category_id"]?.int64 else { throw error("category_id", "must be a whole number") }
        return ObjectRow(
            record: try whole("record", of: json), imageID: try text("image_id", of: json),
            annotationID: try text("annotation_id", of: json), categoryID: category,
            area: try whole("area", of: json), box: try scores(box), clicks: clicks,
            boxMask: json["box_mask"]?.string, pointMask: json["point_mask"]?.string)
    }

    private func scores(_ json: JSONValue) throws(TrainingError) -> ObjectScores {
        let values = json.array ?? []
        guard values.count == MaskMetric.allCases.count, let iou = values[0].double, let dice = values[1].double,
            values[2...].allSatisfy({ $0.isNull || $0.double != nil })
        else { throw error("rows", "must have IoU, Dice, boundary IoU and HD95 for every way of asking") }
        guard [iou, dice, values[2].double ?? 0].allSatisfy({ (0...1).contains($0) }),
            (0...1e9).contains(values[3].double ?? 0)
        else { throw error("rows", "must have shares from 0 to 1, and distances from 0") }
        return ObjectScores(
            intersectionOverUnion: iou, dice: dice, boundaryIntersectionOverUnion: values[2].double,
            hausdorff95: values[3].double)
    }

    func automatic(_ json: JSONValue?) throws(TrainingError) -> AutomaticMaskCheck? {
        guard let json, !json.isNull else { return nil }
        return AutomaticMaskCheck(
            images: try whole("images", of: json), objects: try whole("objects", of: json),
            masks: try whole("masks", of: json), meanBestIoU: try number("mean_best_iou", of: json, in: 0...1),
            recall: try number("recall", of: json, in: 0...1), skipped: json["skipped"]?.string)
    }

    func latency(_ json: JSONValue?) throws(TrainingError) -> LatencyProbe? {
        guard let json, !json.isNull else { return nil }
        func times(_ key: String) throws(TrainingError) -> LatencyProbe.Times {
            guard let value = json[key] else { throw error(key, "must be there") }
            return LatencyProbe.Times(
                median: try number("p50", of: value), percentile95: try number("p95", of: value),
                imagesPerSecond: try number("images_per_second", of: value), runs: try whole("runs", of: value))
        }
        return LatencyProbe(
            encoder: try times("encoder"), decoder1: try times("decoder_1"), decoder8: try times("decoder_8"),
            endToEnd: try times("end_to_end"), threads: try whole("threads", of: json))
    }
}
