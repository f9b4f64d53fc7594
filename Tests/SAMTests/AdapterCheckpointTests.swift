import Checkpoints
import JSONText
import Layers
import Runtime
import SAM
import Tensors
import TestSupport
import Testing

/// Checkpoints of what was trained beside a base, good and bad.
@Suite struct AdapterCheckpointTests {
    private static let weights = Repository.fixture("SAM/windowed/weights.safetensors")

    /// A base in a directory, and an adapter beside it with a B that is not zero.
    private static func written(
        in directory: TemporaryDirectory, parts: [AdapterSite.Part] = [.q, .v], alpha: Double = 2
    ) throws -> (model: SAMModel, path: String) {
        try AtomicFileWriter.write(FileSystem.read(weights), to: directory.file("base.safetensors"))
        let model = try SAMCheckpoint.read(weights)
        let updates = try model.matrices.filter { AdapterSite.isJoint($0.name) }.flatMap { weight in
            try parts.map { part in
                let site = AdapterSite(weight: weight.name, part: part)
                let update = AdapterUpdate(
                    site, rank: 2, alpha: alpha,
                    rows: try #require(site.rows(of: weight.shape[0], in: model.configuration)),
                    inputs: weight.shape[1], from: WeightInitializer(seed: 1))
                let b = update.update.b
                b.value = WeightInitializer(seed: 2).normal(b.name, shape: b.shape, deviation: 0.1).value
                return update
            }
        }
        let description = AdapterDescription(
            base: "base.safetensors", baseAdapter: nil, baseDigest: model.weightsDigest,
            modelName: model.configuration.modelName, targets: ["q=2", "v=2"],
            updates: updates.map { AdapterDescription.Update(site: $0.site, rank: 2, alpha: alpha) })
        let path = directory.file("adapter.safetensors")
        let token = try #require(model.parameters.first { $0.name == "mask_decoder.iou_token.weight" })
        token.withMutableElements { $0[0] = 7 }
        try SafeTensors.write(
            AdapterCheckpoint.state(description, updates: updates, replacements: [token]), to: path)
        model.attach(updates)
        return (model, path)
    }

    private static func image(_ model: SAMModel) -> [Float] {
        let side = model.configuration.imageSize
        let pixels = WeightInitializer(seed: 3).normal("x", shape: [1, side, side, 3]).value
        return GradientRecording.off { model.imageEncoder(pixels).embedding.values }
    }

    @Test func whatWasWrittenIsRead() throws {
        let directory = try TemporaryDirectory()
        let (model, path) = try Self.written(in: directory)
        let expected = Self.image(model)
        let adapter = try AdapterCheckpoint(try CheckpointFile.read(path))
        #expect(adapter.replacements.map(\.name) == ["mask_decoder.iou_token.weight"])
        #expect(Self.image(try adapter.attached()) == expected)
        let merged = try SAMCheckpoint.open(path)
        #expect(merged.remarks.contains { $0.contains("rank 2") && $0.contains("base.safetensors") })
        let found = try merged.model()
        #expect(zip(Self.image(found), expected).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(found.parameters.first { $0.name == "mask_decoder.iou_token.weight" }?.value.values[0] == 7)
        #expect(Self.image(try SAMCheckpoint.read(Self.weights)) != Self.image(found))
        #expect(throws: CheckpointError.self) {
            try SAMCheckpoint.read(Self.weights, options: CheckpointOptions(adapter: path))
        }
    }

    /// Sam_LoRA's and SAMed's own readers take what is written: so does samdata's, and the model is the same.
    @Test(arguments: [LoRAAdapter.Form.samLoRA, .samed])
    func othersFormsAreWritten(form: LoRAAdapter.Form) throws {
        let directory = try TemporaryDirectory()
        // What an update counts is part of B there.
        let (_, path) = try Self.written(in: directory, alpha: 3)
        let file = try CheckpointFile.read(path)
        let adapter = try AdapterCheckpoint(file)
        if form == .samLoRA {
            let error = #expect(throws: CheckpointError.self) { try LoRAAdapter.state(of: adapter, as: form) }
            #expect(error?.message.contains("iou_token") == true && error?.message.contains(".pth") == true)
        }
        var updates = StateDict()
        updates.metadata = file.state.metadata
        for entry in file.state.entries where form == .samed || entry.name.contains("lora_") {
            updates.append(entry.name, entry.tensor)
        }
        let own = try AdapterCheckpoint(updates, path: path)
        let state = try LoRAAdapter.state(of: own, as: form)
        let other = directory.file("other.safetensors")
        try SafeTensors.write(state, to: other)
        let depth = try SAMCheckpoint.open(Self.weights).configuration.vit.depth
        #expect(state.names.filter { $0.hasPrefix("w_") }.count == 4 * depth)
        #expect(state.names.contains("mask_decoder.iou_token.weight") == (form == .samed))
        let read = try SAMCheckpoint.read(Self.weights, options: CheckpointOptions(adapter: other))
        for (found, expected) in zip(read.parameters, try own.merged().parameters) {
            #expect(zip(found.value.values, expected.value.values).allSatisfy { abs($0 - $1) < 1e-6 }, "\(found.name)")
        }
    }

    @Test func othersFormsWantQueriesAndValues() throws {
        for parts in [[AdapterSite.Part.q], [.q, .k, .v]] {
            let directory = try TemporaryDirectory()
            let adapter = try AdapterCheckpoint(
                try CheckpointFile.read(try Self.written(in: directory, parts: parts).path))
            let error = #expect(throws: CheckpointError.self) { try LoRAAdapter.state(of: adapter, as: .samed) }
            #expect(error?.message.contains(parts.count == 1 ? "none of rank 2 for v" : "no place for") == true)
        }
    }

    // MARK: What is wrong

    /// Each description with one thing changed, and words of the error.
    @Test(arguments: [
        (#""schema_version":1"#, #""schema_version":2"#, "schema version"), (#""part":"q""#, #""part":"w""#, "part"),
        (#""rank":2"#, #""rank":0"#, "rank"), (#""rank":2"#, #""rank":3"#, "rank 3"),
        (#""alpha":2.0"#, #""alpha":-1"#, "alpha"),
        (#""part":"v""#, #""part":"q""#, "twice"), (#""base":"#, #""bas":"#, "'base'"), ("{", "[", "JSON"),
        (#""updates":["#, #""others":["#, "no updates"),
        (#""base_adapter":null"#, #""base_adapter":1"#, "base_adapter"),
        ("blocks.0.attn", "blocks.7.attn", "lora_"), ("base.safetensors", "nowhere.safetensors", "nowhere.safetensors"),
        ("base.safetensors", "adapter.safetensors", "stand on each other"),
        (#""base_digest":""#, #""base_digest":"0"#, "other weights"),
    ])
    func wrongDescriptionsAreErrors(old: String, new: String, words: String) throws {
        let directory = try TemporaryDirectory()
        let (_, path) = try Self.written(in: directory)
        var state = try SafeTensors.read(path)
        let text = try #require(state.metadata[AdapterDescription.metadataKey])
        state.metadata[AdapterDescription.metadataKey] = text.replacing(old, with: new)
        #expect(text.contains(old))
        try SafeTensors.write(state, to: path)
        let error = try #require(throws: (any Error).self) { try SAMCheckpoint.read(path) }
        let message = (error as? any OperationError)?.message ?? ""
        #expect(message.contains(words), "\(message)")
        #expect((error as? any OperationError)?.location?.path == path)
    }

    @Test func wrongTensorsAreErrors() throws {
        let directory = try TemporaryDirectory()
        let (_, path) = try Self.written(in: directory)
        let state = try SafeTensors.read(path)
        let name = "image_encoder.blocks.0.attn.qkv.q.lora_B.weight"
        func attempt(_ words: String, _ change: (String, StateTensor) -> (String, StateTensor)?) throws {
            var changed = StateDict()
            changed.metadata = state.metadata
            for entry in state.entries {
                if let (name, tensor) = change(entry.name, entry.tensor) { changed.append(name, tensor) }
            }
            try SafeTensors.write(changed, to: path)
            let error = try #require(throws: CheckpointError.self) { try SAMCheckpoint.read(path) }
            #expect(error.message.contains(words), "\(error.message)")
        }
        try attempt("lora_B.weight of rank 2 are wanted") { $0 == name ? nil : ($0, $1) }
        try attempt("does not fit the base") { found, tensor in
            (found, found == name ? StateTensor(Tensor(zeros: [tensor.shape[0] + 1, 2])) : tensor)
        }
        try attempt("has no place for") { found, tensor in
            (found, found == "mask_decoder.iou_token.weight" ? StateTensor(Tensor(zeros: [3])) : tensor)
        }
        try attempt("has no place for") { found, tensor in
            (found == "mask_decoder.iou_token.weight" ? "mask_decoder.strange" : found, tensor)
        }
    }

    /// Bytes that were changed at random give an adapter or an error, and nothing else.
    @Test func mutatedFilesAreErrorsOrAdapters() throws {
        let directory = try TemporaryDirectory()
        let (_, path) = try Self.written(in: directory)
        let whole = try FileSystem.read(path)
        var random = CounterRandom(seed: 5, purpose: RandomPurpose("mutation"))
        var errors = 0
        for _ in 0..<300 {
            var bytes = whole
            for _ in 0...random.index(below: 3) {
                // Most of it in the header, where the description is.
                bytes[random.index(below: min(bytes.count, 4096))] = UInt8(random.index(below: 256))
            }
            try AtomicFileWriter.write(bytes, to: path)
            do { _ = try SAMCheckpoint.open(path) } catch { errors += 1 }
        }
        #expect(errors > 100)
    }
}
