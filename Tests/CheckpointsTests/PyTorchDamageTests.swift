import Checkpoints
import Runtime
import TestSupport
import Testing

/// Files of torch.save that were cut, changed or mixed up: an error or a checkpoint that can be read, never a crash.
@Suite struct PyTorchDamageTests {
    /// Reads bytes as a file, every tensor of it.
    ///
    /// - Returns: whether they were accepted.
    private static func accepts(_ bytes: [UInt8], _ path: String) throws -> Bool {
        try PyTorchFixture.put(bytes, path)
        do {
            let file = try CheckpointFile.read(path)
            for entry in file.state.entries { #expect(entry.tensor.floats().count == entry.tensor.elementCount) }
            _ = file.report.description
            return true
        } catch is CheckpointError {
            return false
        }
    }

    @Test(arguments: ["tied", "module"]) func everyTruncationOfAnArchiveIsRefused(name: String) throws {
        let original = try FileSystem.read(PyTorchFixture.path(name))
        let directory = try TemporaryDirectory()
        for count in 0..<original.count {
            let isAccepted = try Self.accepts(Array(original[..<count]), directory.file("x"))
            #expect(!isAccepted, "\(count) bytes")
        }
    }

    @Test(arguments: ["types-legacy", "views-legacy"]) func everyTruncationOfAnOldFileIsRefused(name: String) throws {
        let original = try FileSystem.read(PyTorchFixture.path(name))
        let directory = try TemporaryDirectory()
        for count in 0..<original.count {
            let isAccepted = try Self.accepts(Array(original[..<count]), directory.file("x"))
            #expect(!isAccepted, "\(count) bytes")
        }
        let isAccepted = try Self.accepts(original + [0], directory.file("x"))
        #expect(!isAccepted)
    }

    /// Instructions of pickles.
    private static let letters = Array("()]}.0123QRXbecuthjs".utf8)

    private static func mutated(_ original: [UInt8], _ random: inout CounterRandom) -> [UInt8] {
        var bytes = original
        for _ in 0...random.index(below: 3) where !bytes.isEmpty {
            let place = random.index(below: bytes.count)
            switch random.index(below: 5) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes[place] ^= 1 << UInt8(random.index(below: 8))
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.index(below: 9)))
            // Instructions rather than any bytes.
            case 3: bytes[place] = letters[random.index(below: letters.count)]
            default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 9)], at: place)
            }
        }
        return bytes
    }

    /// Pickles changed under a checksum that is right.
    @Test(arguments: ["views", "training", "protocol5", "microsam"]) func changedPicklesNeverCrash(name: String) throws
    {
        let path = PyTorchFixture.path(name)
        let archive = try FileSystem.read(path).withUnsafeBytes { try ZipArchive($0) }
        let pickle = try PyTorchFixture.entry("data.pkl", of: path)
        let count = archive.entries.count { $0.name.contains("/data/") }
        let storages = try (0..<count).map { try PyTorchFixture.entry("data/\($0)", of: path) }
        let directory = try TemporaryDirectory()
        var accepted = 0
        for round in 0..<1500 {
            var random = CounterRandom(seed: 21, sample: UInt64(round), purpose: RandomPurpose("pickle.fuzz"))
            let changed = Self.mutated(pickle, &random)
            let bytes = PyTorchFixture.archive(changed, storages: storages)
            if try Self.accepts(bytes, directory.file("x")) { accepted += 1 }
        }
        #expect((20..<1480).contains(accepted), "\(accepted) of 1500 accepted")
    }

    @Test(arguments: ["views-legacy", "training-legacy", "types"]) func changedFilesNeverCrash(name: String) throws {
        let original = try FileSystem.read(PyTorchFixture.path(name))
        let directory = try TemporaryDirectory()
        var accepted = 0
        for round in 0..<2000 {
            var random = CounterRandom(seed: 22, sample: UInt64(round), purpose: RandomPurpose("pth.fuzz"))
            if try Self.accepts(Self.mutated(original, &random), directory.file("x")) { accepted += 1 }
        }
        #expect((20..<1980).contains(accepted), "\(accepted) of 2000 accepted")
    }

    /// A flipped bit of a small entry is always found, of a large one when all checksums are asked for.
    @Test func flippedBitsAreFound() throws {
        let directory = try TemporaryDirectory()
        var state = StateDict()
        state.append("small", StateTensor(shape: [2], values: [1, 2]))
        state.append("large", StateTensor(shape: [30_000], values: [Float](repeating: 3, count: 30_000)))
        let path = directory.file("x.pth")
        try PyTorchArchive.write(state, to: path)
        let bytes = try FileSystem.read(path)
        let archive = try bytes.withUnsafeBytes { try ZipArchive($0) }
        for name in ["data.pkl", "byteorder", "data/0", "data/1", "version"] {
            let entry = try #require(archive["archive/" + name])
            var changed = bytes
            changed[entry.range.upperBound - 1] ^= 1
            try AtomicFileWriter.write(changed, to: path)
            let error = #expect(throws: CheckpointError.self, "\(name)") {
                try CheckpointFile.read(path, verifying: .all)
            }
            #expect(error?.code == .checksum && error?.message.contains(name) == true)
            if name == "data/1" {
                #expect(try CheckpointFile.read(path).state.count == 2)
            } else {
                #expect(throws: CheckpointError.self, "\(name)") { try CheckpointFile.read(path) }
            }
        }
    }

    @Test func archivesOfOtherThingsAreNamed() throws {
        let directory = try TemporaryDirectory()
        func expectFailure(_ zip: TestZip, _ words: String, _ code: CheckpointError.Code) throws {
            try AtomicFileWriter.write(zip.bytes, to: directory.file("x"))
            let error = #expect(throws: CheckpointError.self) { try CheckpointFile.read(directory.file("x")) }
            #expect(error?.code == code && error?.message.contains(words) == true, "\(String(describing: error))")
        }
        let pickle = PickleBytes().ops("}.").bytes
        try expectFailure(TestZip(entries: [.init(name: "word/document.xml", content: [1])]), "no data.pkl", .format)
        try expectFailure(
            TestZip(entries: [.init(name: "a/data.pkl", content: pickle), .init(name: "b/data.pkl", content: pickle)]),
            "more than one", .format)
        try expectFailure(
            TestZip(entries: [.init(name: "a/data.pkl", content: pickle, method: 8)]), "deflated", .archive)
        try expectFailure(
            TestZip(entries: [
                .init(name: "a/data.pkl", content: pickle), .init(name: "a/byteorder", content: Array("big".utf8)),
            ]), "byte order", .scalarType)
        // Without a top folder, which PyTorch itself does not read.
        try AtomicFileWriter.write(
            TestZip(entries: [.init(name: "data.pkl", content: pickle)]).bytes, to: directory.file("x"))
        #expect(try CheckpointFile.read(directory.file("x")).state.count == 0)
    }

    /// The five pickles of an old file, each wrong in turn.
    @Test func oldFilesOutOfOrderAreNamed() throws {
        let directory = try TemporaryDirectory()
        let magic = PickleBytes().raw([0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]).ops(".")
        let version = PickleBytes().int(1001).ops(".")
        let system = PickleBytes().ops("}").text("little_endian").raw([0x88]).ops("s.")
        let object = PickleBytes().ops("}").text("w").tensor(count: 2, shape: [2], strides: [1]).ops("s.")
        let keys = PickleBytes().ops("](").text("0").ops("e.")
        let storage = PickleBytes.little(Int64(2)) + [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]
        func read(_ parts: [[UInt8]]) throws -> CheckpointFile {
            try AtomicFileWriter.write(parts.flatMap { $0 }, to: directory.file("x"))
            return try CheckpointFile.read(directory.file("x"))
        }
        let sound = [magic.bytes, version.bytes, system.bytes, object.bytes, keys.bytes, storage]
        #expect(try read(sound).state["w"]?.floats() == [1, 2])
        let wrong: [(Int, [UInt8], String)] = [
            (0, PickleBytes().int(5).ops(".").bytes, "not one of torch.save"),
            (1, PickleBytes().int(1002).ops(".").bytes, "1001"),
            (2, PickleBytes().ops("}").text("little_endian").raw([0x89]).ops("s.").bytes, "big-endian"),
            (4, PickleBytes().ops("N.").bytes, "list of storages is missing"),
            (4, PickleBytes().ops("](").text("1").ops("e.").bytes, "no tensor uses"),
            (4, PickleBytes().ops("](").text("0").text("0").ops("e.").bytes, "file is cut off"),
            (4, PickleBytes().ops("].").bytes, "follow the last storage"),
            (5, PickleBytes.little(Int64(-1)) + [0, 0], "-1 elements"),
            (5, PickleBytes.little(Int64.max) + [0, 0], "9223372036854775807 elements"),
            (5, PickleBytes.little(Int64(1)) + [0, 0, 0, 0], "should hold 2 elements"),
            (5, storage + [0], "1 bytes follow"),
        ]
        for (index, bytes, words) in wrong {
            var parts = sound
            parts[index] = bytes
            let error = #expect(throws: CheckpointError.self, "\(words)") { try read(parts) }
            #expect(error?.message.contains(words) == true, "\(words): \(String(describing: error))")
        }
    }
}
