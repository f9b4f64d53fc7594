import Foundation
import JSONText
import Layers
import Runtime
import TestSupport
import Testing
import Training

@Suite struct RunFolderTests {
    private func write(_ text: String) -> (String) throws -> Void {
        { folder in try AtomicFileWriter.write(text, to: folder + "/state.json") }
    }

    private func read(_ folder: String?) throws -> String {
        try String(decoding: FileSystem.read(try #require(folder) + "/state.json"), as: UTF8.self)
    }

    // MARK: Checkpoints

    @Test func namesFollowWhatTheyAreMovedTo() throws {
        let directory = try TemporaryDirectory()
        let store = CheckpointStore(path: directory.file("checkpoints"))
        #expect(store.folder(.last) == nil)
        try store.save(step: 1, as: [.last, .best], write("one"))
        try store.save(step: 2, as: [.last], write("two"))
        try store.save(step: 3, as: [.last], write("three"))
        #expect(try read(store.folder(.last)) == "three")
        #expect(try read(store.folder(.best)) == "one")
        #expect(try FileSystem.list(store.path) == ["best", "last", "step-00000001", "step-00000003"])
    }

    @Test func aStepMayBeWrittenTwice() throws {
        let directory = try TemporaryDirectory()
        let store = CheckpointStore(path: directory.file("checkpoints"))
        try store.save(step: 7, as: [.last], write("first"))
        try store.save(step: 7, as: [.last, .best], write("second"))
        #expect(try read(store.folder(.last)) == "second")
        #expect(try FileSystem.list(store.path) == ["best", "last", "step-00000007-2"])
    }

    /// A checkpoint whose writing fails or is cut off leaves the earlier one, and nothing of its own.
    @Test func aFailedCheckpointLeavesTheLastGoodOne() throws {
        let directory = try TemporaryDirectory()
        let store = CheckpointStore(path: directory.file("checkpoints"))
        try store.save(step: 1, as: [.last], write("good"))
        #expect(throws: FileError.self) {
            try store.save(step: 2, as: [.last]) { folder in
                try AtomicFileWriter.write("half", to: folder + "/model.safetensors")
                throw FileError(.write, path: folder, "disk full")
            }
        }
        #expect(try read(store.folder(.last)) == "good")
        try FileSystem.createDirectory(store.path + "/.checkpoint.99999")
        try store.save(step: 3, as: [.last], write("next"))
        #expect(try FileSystem.list(store.path) == ["last", "step-00000003"])
    }

    // MARK: State

    @Test func theStateRoundTrips() throws {
        var state = TrainingState(plannedEpochs: 9, data: "abc")
        state.step = 120
        state.epoch = 3
        state.imagesInEpoch = 8
        state.closedEpochs = 2
        #expect(try TrainingState(json: state.json, path: "state.json") == state)
        state.best = .init(epoch: 2, step: 90, score: 0.123_456_789_012_345_6)
        #expect(try TrainingState(json: state.json, path: "state.json") == state)
        state.staleValidations = 4
        state.plateau = Plateau()
        #expect(try TrainingState(json: state.json, path: "state.json") == state)
        state.plateau?.note(0.1, factor: 0.3, patience: 0, lowest: 0)
        state.plateau?.note(0.1, factor: 0.3, patience: 0, lowest: 0)
        state.lossScale = LossScale(scale: 4096.5)
        state.lossScale?.note(isFinite: true)
        (state.skippedSteps, state.saturatedActivations) = (3, 1 << 40)
        #expect(state.plateau?.rateFactor == 0.3)
        state.parts = DataDigests(train: "a", validation: nil, choice: "c")
        state.leftOut = [
            LeftOutRecord(
                index: 7,
                finding: Finding(
                    rule: "shard.crc", severity: .error,
                    location: DataLocation(path: "s/a.tfrecord", byteOffset: 90, record: 2, imageID: "x"),
                    message: "is damaged"))
        ]
        #expect(try TrainingState(json: state.json, path: "state.json") == state)
    }

    @Test func checkpointFilesAreKnownAgain() throws {
        let directory = try TemporaryDirectory()
        let bytes = (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try AtomicFileWriter.write(bytes, to: directory.file("a"))
        var state = TrainingState(plannedEpochs: 9, data: "abc")
        state.startDigest = "d"
        state.files = [FileSum(name: "a", bytes: 3000, checksum: bytes.withUnsafeBytes { CRC32C.checksum($0) })]
        let read = try TrainingState(json: state.json, path: "state.json")
        #expect(read == state)
        try read.files[0].check(in: directory.path)
        for place in [0, 1499, 2999] {
            var damaged = bytes
            damaged[place] ^= 1
            try AtomicFileWriter.write(damaged, to: directory.file("a"))
            let error = try #require(throws: TrainingError.self) { try read.files[0].check(in: directory.path) }
            #expect(error.code == .checkpoint && error.location?.path == directory.file("a"))
        }
        for text in [
            #"{"a":{"bytes":1}}"#, #"{"a":{"bytes":1,"crc32c":"xyz"}}"#, #"{"a":7}"#,
            #"{"../a":{"bytes":1,"crc32c":"00000000"}}"#, "[]",
        ] {
            var members = state.json.object ?? []
            members.removeAll { $0.name == "files" }
            members.append(JSONMember("files", try JSONDocument.parse(text)))
            #expect(throws: TrainingError.self) { try TrainingState(json: .object(members), path: "state.json") }
        }
    }

    /// A run that was killed while it wrote its configuration left nothing that is in the way of another.
    @Test func anUnfinishedConfigurationIsNoObstacle() throws {
        let directory = try TemporaryDirectory()
        let folder = RunFolder(path: directory.path)
        try AtomicFileWriter.write("shards: x", to: directory.file(".config.yaml.123.tmp"))
        #expect(folder.isVacant)
        try folder.begin(TrainingConfiguration(), replacing: false)
        #expect(try FileSystem.list(directory.path) == ["config.yaml"])
        let other = RunFolder(path: directory.file("other"))
        try FileSystem.createDirectory(other.path)
        try AtomicFileWriter.write("", to: directory.file("other/.notes.tmp"))
        #expect(!other.isVacant)
    }

    /// States from before there were courses and scales are read as they are meant.
    @Test func anOlderStateIsRead() throws {
        let state = TrainingState(plannedEpochs: 9, data: "abc")
        let members = (state.json.object ?? []).prefix { $0.name != "stale_validations" }
        #expect(try TrainingState(json: .object(Array(members)), path: "state.json") == state)
        var counted = state
        counted.parts = DataDigests(train: "a", validation: "b", choice: "c")
        let before = (counted.json.object ?? []).filter { $0.name != "image_choice" }
        counted.parts = DataDigests(train: "a", validation: "b", choice: nil)
        #expect(try TrainingState(json: .object(before), path: "state.json") == counted)
    }

    @Test(arguments: [
        #""plateau":{"best":1,"stale":-1,"rate_factor":1}"#, #""plateau":{"best":null,"stale":0,"rate_factor":2}"#,
        #""plateau":7"#, #""loss_scale":{"scale":0.5,"good_steps":0}"#, #""loss_scale":{"scale":8}"#,
        #""skipped_steps":"many""#,
    ])
    func anImpossiblePartIsAnError(part: String) throws {
        let text = TrainingState(plannedEpochs: 9, data: "abc").json.text()
        let name = try #require(part.split(separator: "\"").first)
        let pattern = try Regex("\"\(name)\":(null|0)")
        let changed = text.replacing(pattern, with: part)
        #expect(changed != text, "\(text)")
        let value = try JSONDocument.parse(changed, path: nil)
        let error = try #require(throws: TrainingError.self) { try TrainingState(json: value, path: "state.json") }
        #expect(error.code == .checkpoint && error.location?.keyPath?.hasPrefix(String(name)) ?? false)
    }

    @Test(arguments: [
        #""left_out":7"#, #""left_out":[{"rule":"a"}]"#, #""left_out":[{"index":-1}]"#,
        #""left_out":[{"index":1,"file":3}]"#,
    ])
    func impossibleRecordsAreAnError(part: String) throws {
        let text = TrainingState(plannedEpochs: 9, data: "abc").json.text().dropLast() + "," + part + "}"
        let value = try JSONDocument.parse(String(text), path: nil)
        let error = try #require(throws: TrainingError.self) { try TrainingState(json: value, path: "state.json") }
        #expect(error.code == .checkpoint && error.location?.keyPath?.hasPrefix("left_out") ?? false)
    }

    @Test(arguments: ["{}", "[]", #"{"schema_version":2,"step":1}"#, #"{"schema_version":1,"step":-1}"#])
    func aWrongStateIsAnError(text: String) throws {
        let value = try JSONDocument.parse(text, path: nil)
        let error = try #require(throws: TrainingError.self) { try TrainingState(json: value, path: "state.json") }
        #expect(error.code == .checkpoint)
    }

    // MARK: Metrics

    @Test func aResumedLogDropsWhatIsComputedAgain() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("metrics.jsonl")
        try AtomicFileWriter.write(
            "{\"kind\":\"run\"}\n{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n{\"step\":", to: path)
        do {
            let log = try MetricsLog(path: path, keepingThroughStep: 2, epoch: 1)
            try log.append(.object(["step": 3, "loss": 0.5]))
        }
        let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
        #expect(text == "{\"kind\":\"run\"}\n{\"step\":1}\n{\"step\":2}\n{\"step\":3,\"loss\":0.5}\n")
    }

    /// An epoch that was not closed is closed once more, so that its line must go.
    @Test func theEndOfAnUnclosedEpochIsDropped() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("metrics.jsonl")
        let kept = "{\"kind\":\"epoch\",\"step\":2,\"epoch\":1}\n{\"kind\":\"step\",\"step\":4,\"epoch\":2}\n"
        try AtomicFileWriter.write(kept + "{\"kind\":\"epoch\",\"step\":4,\"epoch\":2}\n", to: path)
        _ = try MetricsLog(path: path, keepingThroughStep: 4, epoch: 1)
        #expect(String(decoding: try FileSystem.read(path), as: UTF8.self) == kept)
    }

    // MARK: Folder

    /// `--force` replaces a run, and nothing that only looks like one.
    @Test func foldersOfOthersAreLeftAlone() throws {
        let directory = try TemporaryDirectory()
        var configuration = TrainingConfiguration()
        configuration.shards = "shards"
        for (file, text) in [("config.yaml", "name: my project\n"), ("checkpoints/sam.safetensors", "weights")] {
            let run = RunFolder(path: directory.file("of \(file.prefix(6))"))
            try FileSystem.createDirectory(run.path + "/checkpoints")
            try AtomicFileWriter.write(text, to: run.path + "/" + file)
            let error = try #require(throws: TrainingError.self) { try run.begin(configuration, replacing: true) }
            #expect(error.code == .outputExists)
            #expect(String(decoding: try FileSystem.read(run.path + "/" + file), as: UTF8.self) == text)
        }
    }

    @Test func aFolderInUseIsRefusedAndARunIsReplacedOnDemand() throws {
        let directory = try TemporaryDirectory()
        let run = RunFolder(path: directory.file("run"))
        var configuration = TrainingConfiguration()
        configuration.shards = "shards"
        try run.begin(configuration, replacing: false)
        try AtomicFileWriter.write("mine", to: run.path + "/notes.txt")
        try AtomicFileWriter.write("{}\n", to: run.metricsPath)
        #expect(try run.storedConfiguration() == configuration)
        let error = try #require(throws: TrainingError.self) { try run.begin(configuration, replacing: false) }
        #expect(error.code == .outputExists && error.message.contains("--resume"))
        configuration.epochs = 3
        try run.begin(configuration, replacing: true)
        #expect(try run.storedConfiguration().epochs == 3)
        #expect(try FileSystem.list(run.path) == ["config.yaml", "notes.txt"])
    }

    @Test func anEmptyFolderHasNothingToResume() throws {
        let directory = try TemporaryDirectory()
        let error = try #require(throws: TrainingError.self) {
            try RunFolder(path: directory.path).storedConfiguration()
        }
        #expect(error.code == .nothingToResume && error.kind == .inputMissing)
    }
}
