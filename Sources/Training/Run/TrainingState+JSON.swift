package import JSONText
internal import Layers
internal import Runtime

extension TrainingState {
    /// The state as JSON, members in a fixed order.
    package var json: JSONValue {
        var members: [JSONMember] = numbers
        if let parts {
            members.append(JSONMember("train_data", .string(parts.train)))
            members.append(JSONMember("val_data", parts.validation.map { .string($0) } ?? .null))
            if let choice = parts.choice { members.append(JSONMember("image_choice", .string(choice))) }
        }
        if let startDigest { members.append(JSONMember("start_weights", .string(startDigest))) }
        if !files.isEmpty { members.append(JSONMember("files", .object(files.map(\.json)))) }
        if !leftOut.isEmpty {
            members.append(
                JSONMember(
                    "left_out",
                    .array(
                        leftOut.map { record in
                            .object(
                                [JSONMember("index", .integer(Int64(record.index)))] + (record.json.object ?? []))
                        })))
        }
        return .object(members)
    }

    private var numbers: [JSONMember] {
        JSONValue.object([
            "schema_version": .integer(Int64(Self.schemaVersion)), "data": .string(data), "step": .integer(Int64(step)),
            "epoch": .integer(Int64(epoch)), "images_in_epoch": .integer(Int64(imagesInEpoch)),
            "loss_sum": .number(lossSum), "loss_objects": .integer(Int64(lossObjects)),
            "closed_epochs": .integer(Int64(closedEpochs)),
            "planned_epochs": .integer(Int64(plannedEpochs)),
            "best": best.map { best in
                .object([
                    "epoch": .integer(Int64(best.epoch)), "step": .integer(Int64(best.step)),
                    "score": .number(best.score),
                ])
            } ?? .null,
            "stale_validations": .integer(Int64(staleValidations)),
            "plateau": plateau.map { plateau in
                .object([
                    "best": plateau.best.map { .number($0) } ?? .null, "stale": .integer(Int64(plateau.stale)),
                    "rate_factor": .number(plateau.rateFactor),
                ])
            } ?? .null,
            "loss_scale": lossScale.map { scale in
                .object(["scale": .number(scale.scale), "good_steps": .integer(Int64(scale.goodSteps))])
            } ?? .null,
            "skipped_steps": .integer(Int64(skippedSteps)),
            "empty_steps": .integer(Int64(emptySteps)),
            "saturated_activations": .integer(Int64(saturatedActivations)),
        ]).object ?? []
    }

    /// Reads what ``json`` wrote.
    ///
    /// - Throws: `TrainingError.checkpoint` for a missing or impossible member.
    package init(json: JSONValue, path: String) throws(TrainingError) {
        let members = StateMembers(json, path: path)
        let version = try members.whole("schema_version")
        guard version == Self.schemaVersion else {
            throw TrainingError(
                .checkpoint, "has schema version \(version); this samdata reads version \(Self.schemaVersion)",
                at: DataLocation(path: path))
        }
        guard let data = json["data"]?.string else {
            throw members.error("'data' must be a text", at: "data")
        }
        self.data = data
        plannedEpochs = try members.whole("planned_epochs")
        step = try members.whole("step")
        epoch = try members.whole("epoch")
        imagesInEpoch = try members.whole("images_in_epoch")
        closedEpochs = try members.whole("closed_epochs")
        lossSum = try members.number("loss_sum")
        // An earlier version counted images.
        lossObjects = try members.whole(json["loss_objects"] == nil ? "loss_images" : "loss_objects")
        if let best = members.part("best") {
            self.best = Best(
                epoch: try best.whole("epoch"), step: try best.whole("step"), score: try best.number("score"))
        }
        staleValidations = try members.whole("stale_validations", orElse: 0)
        if let plateau = members.part("plateau") { self.plateau = try Self.plateau(plateau) }
        if let scale = members.part("loss_scale") { lossScale = try Self.lossScale(scale) }
        skippedSteps = try members.whole("skipped_steps", orElse: 0)
        emptySteps = try members.whole("empty_steps", orElse: 0)
        saturatedActivations = try members.whole("saturated_activations", orElse: 0)
        if let train = json["train_data"]?.string {
            parts = DataDigests(
                train: train, validation: json["val_data"]?.string, choice: json["image_choice"]?.string)
        }
        startDigest = json["start_weights"]?.string
        if let files = json["files"], files.object == nil {
            throw members.error("'files' must be an object", at: "files")
        }
        for file in json["files"]?.object ?? [] {
            guard let sum = FileSum(file) else {
                throw members.error("'files' must give each file's bytes and crc32c", at: "files")
            }
            files.append(sum)
        }
        guard let records = json["left_out"] else { return }
        guard let list = records.array else { throw members.error("'left_out' must be a list", at: "left_out") }
        for (number, record) in list.enumerated() {
            leftOut.append(try Self.leftOut(StateMembers(record, path: path, prefix: "left_out[\(number)].")))
        }
    }

    private static func leftOut(_ members: StateMembers) throws(TrainingError) -> LeftOutRecord {
        let location = DataLocation(
            path: try members.text("file"), byteOffset: members.isNull("offset") ? nil : try members.whole("offset"),
            record: members.isNull("record") ? nil : try members.whole("record"),
            imageID: try members.text("image_id"))
        return LeftOutRecord(
            index: try members.whole("index"),
            finding: Finding(
                rule: try members.text("rule") ?? "", severity: .error, location: location,
                message: try members.text("message") ?? ""))
    }

    private static func plateau(_ members: StateMembers) throws(TrainingError) -> Plateau {
        var plateau = Plateau()
        plateau.best = members.isNull("best") ? nil : try members.number("best")
        plateau.stale = try members.whole("stale")
        plateau.rateFactor = try members.number("rate_factor")
        guard (0...1).contains(plateau.rateFactor) else {
            throw members.error("'rate_factor' must be from 0 to 1", at: "rate_factor")
        }
        return plateau
    }

    private static func lossScale(_ members: StateMembers) throws(TrainingError) -> LossScale {
        var scale = LossScale(scale: try members.number("scale"))
        scale.goodSteps = try members.whole("good_steps")
        guard scale.scale >= 1 else { throw members.error("'scale' must be at least 1", at: "scale") }
        return scale
    }
}

/// The members of an object in a state file, each of the type that it must have.
private struct StateMembers {
    private let value: JSONValue
    private let path: String
    private let prefix: String

    init(_ value: JSONValue, path: String, prefix: String = "") {
        self.value = value
        self.path = path
        self.prefix = prefix
    }

    /// - Parameter fallback: what a missing member stands for; nil where it must be there.
    func whole(_ name: String, orElse fallback: Int? = nil) throws(TrainingError) -> Int {
        if value[name] == nil, let fallback { return fallback }
        guard let number = value[name]?.int, number >= 0 else {
            throw error("'\(name)' must be a whole number of at least 0", at: name)
        }
        return number
    }

    func number(_ name: String) throws(TrainingError) -> Double {
        guard let number = value[name]?.double, number.isFinite else {
            throw error("'\(name)' must be a number", at: name)
        }
        return number
    }

    /// A text, or nil where it is missing or null.
    func text(_ name: String) throws(TrainingError) -> String? {
        if isNull(name) { return nil }
        guard let text = value[name]?.string else { throw error("'\(name)' must be a text", at: name) }
        return text
    }

    /// Whether a member is missing or null.
    func isNull(_ name: String) -> Bool { value[name]?.isNull ?? true }

    /// An object within this one, or nil where it is missing or null.
    func part(_ name: String) -> StateMembers? {
        isNull(name) ? nil : value[name].map { StateMembers($0, path: path, prefix: prefix + name + ".") }
    }

    func error(_ message: String, at name: String) -> TrainingError {
        TrainingError(.checkpoint, message, at: DataLocation(path: path, keyPath: prefix + name))
    }
}
