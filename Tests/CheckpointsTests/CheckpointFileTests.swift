import Checkpoints
import JSONText
import Runtime
import TestSupport
import Testing

/// One entry point for files of every kind, whatever they are called.
@Suite struct CheckpointFileTests {
    let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static func state(_ names: [String]) -> StateDict {
        var state = StateDict()
        for (index, name) in names.enumerated() {
            state.append(name, StateTensor(shape: [2], values: [Float(index), -1]))
        }
        return state
    }

    private func write(_ name: String, _ content: String) throws -> String {
        try AtomicFileWriter.write(content, to: directory.file(name))
        return directory.file(name)
    }

    /// By content, not by name.
    @Test func kindsAreToldByContent() throws {
        let path = directory.file("model.bin")
        var state = Self.state(["a", "b"])
        state.metadata = ["k": "v"]
        try SafeTensors.write(state, to: path)
        let safe = try CheckpointFile.read(path)
        #expect(
            safe.report.format == .safeTensors && safe.state.metadata == ["k": "v"] && safe.folder == directory.path)
        #expect(safe.report.files == [path] && safe.report.description == "safetensors")
        try PyTorchArchive.write(state, to: directory.file("x.safetensors"))
        #expect(try CheckpointFile.read(directory.file("x.safetensors")).report.format == .pyTorchArchive)
        // A header of 640 bytes begins like a pickle, and one of 0x4b50 bytes like a zip archive.
        for length in [0x280, 0x4b50] {
            let header = #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#
            let padded = header + String(repeating: " ", count: length - header.utf8.count)
            try AtomicFileWriter.write(SafeTensorsTests.file(header: padded, dataCount: 1), to: path)
            #expect(try CheckpointFile.read(path).report.format == .safeTensors)
        }
    }

    @Test(arguments: [
        ("GGUF and more bytes", "GGUF"), ("version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        ("<!DOCTYPE html><html>", "HTML"), ("some plain text", "no checkpoint of a known format"),
        ("{\"a\": 1}", "weight_map"), ("{\"a\": ", "JSON"), ("", "too few"), ("PK\u{5}\u{6}aaaaaaaaaaaa", "empty zip"),
        ("PK\u{3}\u{4}aaaaaaaaaaaa", "cut off"),
    ])
    func otherFilesAreNamed(content: String, words: String) throws {
        let path = try write("x.pth", content)
        let error = #expect(throws: CheckpointError.self) { try CheckpointFile.read(path) }
        #expect(error?.message.contains(words) == true && error?.location?.path == path, "\(String(describing: error))")
    }

    @Test func tarsOfTheOldestPyTorchAreNamed() throws {
        var bytes = Array("sys_info".utf8) + [UInt8](repeating: 0, count: 1024)
        bytes.replaceSubrange(257..<262, with: Array("ustar".utf8))
        for first: UInt8 in [UInt8(ascii: "s"), 0x80, 1] {
            bytes[0] = first
            bytes[5] = UInt8(ascii: "n")
            try AtomicFileWriter.write(bytes, to: directory.file("x"))
            let error = #expect(throws: CheckpointError.self) { try CheckpointFile.read(directory.file("x")) }
            #expect(error?.message.contains("tar archive") == true && error?.message.contains("torch.save") == true)
        }
    }

    @Test func missingFilesAndFoldersAreFileErrors() throws {
        #expect(throws: FileError.self) { try CheckpointFile.read(directory.file("none")) }
        let error = #expect(throws: FileError.self) { try CheckpointFile.read(directory.path) }
        #expect(error?.message.contains("pytorch_model.bin") == true)
    }

    // MARK: Folders and shards

    @Test func foldersOfHuggingFaceAreRead() throws {
        try PyTorchArchive.write(Self.state(["old"]), to: directory.file("pytorch_model.bin"))
        let old = try CheckpointFile.read(directory.path)
        #expect(old.state.names == ["old"] && old.folder == directory.path)
        try writeShards()
        #expect(try CheckpointFile.read(directory.path).report.format == .shardedSafeTensors)
        try SafeTensors.write(Self.state(["new"]), to: directory.file("model.safetensors"))
        let new = try CheckpointFile.read(directory.path)
        #expect(new.state.names == ["new"] && new.report.files == [directory.file("model.safetensors")])
    }

    private func writeShards(_ map: String? = nil) throws {
        try SafeTensors.write(Self.state(["module.b", "module.c"]), to: directory.file("m-1.safetensors"))
        try SafeTensors.write(Self.state(["module.a"]), to: directory.file("m-2.safetensors"))
        let sound = #""module.a": "m-2.safetensors", "module.b": "m-1.safetensors", "module.c": "m-1.safetensors""#
        _ = try write(
            "model.safetensors.index.json", "  {\"metadata\": {\"total_size\": 24}, \"weight_map\": {\(map ?? sound)}}")
    }

    @Test func shardsAreJoined() throws {
        try writeShards()
        let file = try CheckpointFile.read(directory.file("model.safetensors.index.json"))
        #expect(file.state.names == ["b", "c", "a"] && file.report.strippedPrefixes == ["module."])
        #expect(file.state["c"]?.floats() == [1, -1])
        #expect(
            file.report.files.map(FileSystem.lastComponent) == [
                "model.safetensors.index.json", "m-1.safetensors", "m-2.safetensors",
            ])
    }

    @Test(arguments: [
        (
            #""module.a": "m-2.safetensors", "module.b": "m-1.safetensors""#,
            "\"module.c\", but the index does not name it"
        ),
        (
            #""module.a": "m-1.safetensors", "module.b": "m-1.safetensors", "module.c": "m-1.safetensors""#,
            "places tensor \"module.a\" in m-1.safetensors, which does not hold it"
        ),
        (#""module.a": "../m-2.safetensors""#, "not the name"), (#""module.a": "/etc/passwd""#, "not the name"),
        (#""module.a": "a\\b.safetensors""#, "not the name"), (#""module.a": 3"#, "not the name"),
        (#""module.a": "m-2.safetensors\u0000x.safetensors""#, "not the name"), (#""module.a": "..""#, "not the name"),
        (#""module.a": "m-2.safetensors", "module.a": "m-1.safetensors""#, "not a JSON document"),
    ])
    func shardsThatDisagreeAreNamed(map: String, words: String) throws {
        try writeShards(map)
        let error = #expect(throws: CheckpointError.self) { try CheckpointFile.read(directory.path) }
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }

    @Test func missingAndDamagedShardsAreNamed() throws {
        try writeShards(#""a": "gone.safetensors""#)
        let missing = #expect(throws: FileError.self) { try CheckpointFile.read(directory.path) }
        #expect(missing?.location?.path == directory.file("gone.safetensors"))
        try writeShards()
        _ = try write("m-2.safetensors", "PK\u{3}\u{4}abcdefgh")
        let error = #expect(throws: CheckpointError.self) { try CheckpointFile.read(directory.path) }
        #expect(error?.location?.path == directory.file("m-2.safetensors"))
    }

    // MARK: Prefixes

    @Test(arguments: [
        (["module.a", "module.b"], ["a", "b"], ["module."]),
        (["sam.module.a", "sam.module.b"], ["a", "b"], ["sam.", "module."]),
        (["module.sam.a._orig_mod.b", "module.sam.c"], ["a.b", "c"], ["_orig_mod.", "module.", "sam."]),
        (["module.module.a"], ["a"], ["module.", "module."]),
        (["a.b", "c"], ["a.b", "c"], []),
        // Not more than half of the names; a name that is there already; an empty name; a longer word.
        (["module.a", "b"], ["module.a", "b"], []),
        (["module.a", "module.b", "a"], ["module.a", "module.b", "a"], []),
        (["module."], ["module."], []),
        (["modules.a", "sampler.b"], ["modules.a", "sampler.b"], []),
        (["encoder.module.a"], ["encoder.module.a"], []),
        (["a_orig_mod.b"], ["a_orig_mod.b"], []),
        (["a._orig_mod.b", "a.b"], ["a._orig_mod.b", "a.b"], []),
        ([], [], []),
    ])
    func prefixesOfWrappersAreTakenOff(names: [String], wanted: [String], stripped: [String]) throws {
        let state = Self.state(names)
        let result = state.strippingPrefixes()
        #expect(result.state.names == wanted && result.stripped == stripped)
        for (before, after) in zip(state.entries, result.state.entries) {
            #expect(before.tensor.floats() == after.tensor.floats())
        }
        try SafeTensors.write(state, to: directory.file("x"))
        let file = try CheckpointFile.read(directory.file("x"))
        #expect(file.report.strippedPrefixes == stripped && Set(file.state.names) == Set(wanted))
    }
}
