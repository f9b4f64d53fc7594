extension TrainingConfiguration {
    /// Sets back what options on the command line stand in place of: choices of a file that exclude theirs.
    ///
    /// `train-only` says all of what is trained, so that the file's `preset` and `freeze` are no more; beside `preset` the
    /// file's `train-only` is none. Families of augmentation take the place of `augment-steps`, and trackers without mlflow
    /// that of its server.
    ///
    /// - Parameters:
    ///   - given: keys of the command line, which are set already.
    ///   - file: the configuration before that.
    /// - Returns: a sentence for each key that was set back.
    package mutating func giveWay(
        to given: Set<String>, from file: TrainingConfiguration
    ) throws(TrainingError) -> [String] {
        var rules = [
            (option: "train-only", keys: ["preset", "freeze"]), (option: "preset", keys: ["train-only"]),
            (option: "augment", keys: ["augment-steps"]),
        ]
        if !track.contains(.mlflow) { rules.append((option: "track", keys: ["mlflow-url"])) }
        var remarks: [String] = []
        let defaults = TrainingConfiguration()
        for (option, keys) in rules where given.contains(option) {
            for key in Self.keys where keys.contains(key.name) && !given.contains(key.name) {
                let standard = key.get(defaults)
                if key.get(file) == standard { continue }
                try key.set(standard, &self)
                remarks.append("\(key.name) of the configuration file gives way to --\(option)")
            }
        }
        return remarks
    }
}
