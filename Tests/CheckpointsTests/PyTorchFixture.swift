import Checkpoints
import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// Files of torch.save, committed and made by hand.
enum PyTorchFixture {
    static func path(_ name: String) -> String { Repository.fixture("Checkpoints/pytorch/\(name).pth") }

    /// What a committed file holds, as the script that wrote it says.
    static func expected(_ name: String) throws -> JSONValue {
        try JSONDocument.read(path: Repository.fixture("Checkpoints/pytorch/\(name).json"))
    }

    /// An archive around a pickle and storages, with right checksums.
    static func archive(_ pickle: [UInt8], storages: [[UInt8]] = []) -> [UInt8] {
        let data = storages.enumerated().map { TestZip.Entry(name: "x/data/\($0.offset)", content: $0.element) }
        return TestZip(
            entries: [.init(name: "x/data.pkl", content: pickle)] + data
                + [.init(name: "x/version", content: Array("3\n".utf8))]
        ).bytes
    }

    /// Writes a new file without syncing it, since thousands are written; an old one is removed, since the file system
    /// syncs what is written over.
    static func put(_ bytes: [UInt8], _ path: String) throws {
        unlink(path)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// Reads an archive around a pickle.
    static func read(_ pickle: [UInt8], storages: [[UInt8]] = []) throws -> CheckpointFile {
        let directory = try TemporaryDirectory()
        let path = directory.file("x.pth")
        try put(archive(pickle, storages: storages), path)
        return try CheckpointFile.read(path)
    }

    /// The bytes of an entry of an archive.
    static func entry(_ name: String, of path: String) throws -> [UInt8] {
        let bytes = try FileSystem.read(path)
        let archive = try bytes.withUnsafeBytes { try ZipArchive($0) }
        let entry = try #require(archive.entries.first { $0.name.hasSuffix("/" + name) })
        return Array(bytes[entry.range])
    }
}

/// A pickle put together by hand, instruction by instruction.
struct PickleBytes {
    var bytes: [UInt8] = [0x80, 2]

    static func little<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] { TestZip.little(number) }

    /// Adds letters, each of which is an instruction.
    func ops(_ letters: String) -> PickleBytes { raw(Array(letters.utf8)) }
    func raw(_ more: [UInt8]) -> PickleBytes { PickleBytes(bytes: bytes + more) }
    func global(_ module: String, _ name: String) -> PickleBytes { ops("c\(module)\n\(name)\n") }
    func text(_ text: String) -> PickleBytes {
        raw([0x58] + Self.little(UInt32(text.utf8.count)) + Array(text.utf8))
    }
    func int(_ value: Int) -> PickleBytes { raw([0x8a, 8] + Self.little(Int64(value))) }
    func put(_ index: UInt32) -> PickleBytes { raw([0x72] + Self.little(index)) }
    func get(_ index: UInt32) -> PickleBytes { raw([0x6a] + Self.little(index)) }
    func tuple(_ values: [Int]) -> PickleBytes { values.reduce(ops("(")) { $0.int($1) }.ops("t") }

    /// A tensor on the stack.
    func tensor(
        key: String = "0", type: String = "FloatStorage", count: Int, offset: Int = 0, shape: [Int], strides: [Int],
        function: String = "_rebuild_tensor_v2"
    ) -> PickleBytes {
        global("torch._utils", function).ops("((").text("storage").global("torch", type).text(key).text("cpu")
            .int(count).ops("tQ").int(offset).tuple(shape).tuple(strides).raw([0x89])
            .global("collections", "OrderedDict").ops(")RtR")
    }

    /// A whole pickle: a dictionary with one text key, whose value `value` puts on the stack.
    static func dictionary(_ key: String = "a", _ value: (PickleBytes) -> PickleBytes) -> [UInt8] {
        value(PickleBytes().ops("}").text(key)).ops("s.").bytes
    }

    /// A dictionary of one sound tensor beside what `value` puts on the stack.
    static func beside(_ value: (PickleBytes) -> PickleBytes) -> [UInt8] {
        let first = PickleBytes().ops("}(").text("w").tensor(count: 2, shape: [2], strides: [1]).text("other")
        return value(first).ops("u.").bytes
    }
}
