import Checkpoints
import Runtime
import Tensors
import TestSupport
import Testing

@Suite struct PyTorchWritingTests {
    /// Every element type, empty tensors, scalars, odd names.
    static func state() throws -> StateDict {
        var state = try SafeTensors.read(SafeTensorsTests.types)
        state.append("scalar", StateTensor(shape: [], values: [2.5]))
        state.append("empty", StateTensor(shape: [0, 3], values: []))
        state.append("ü \"quoted\" \\ \n", StateTensor(shape: [1, 1, 2], values: [1, 2]))
        state.append("", StateTensor(shape: [300], values: (0..<300).map(Float.init)))
        state.append(
            "wide", StateTensor(shape: [70_000], scalarType: .int8, bytes: [UInt8](repeating: 9, count: 70_000)))
        return state
    }

    @Test func readsWhatItWrites() throws {
        let state = try Self.state()
        let directory = try TemporaryDirectory()
        let (first, second) = (directory.file("a.pth"), directory.file("other name.pth"))
        try PyTorchArchive.write(state, to: first)
        let file = try CheckpointFile.read(first, verifying: .all)
        #expect(file.state.names == state.names && file.report.ignoredCount == 0)
        #expect(file.state.metadata == state.metadata && !state.metadata.isEmpty)
        for (found, wanted) in zip(file.state.entries, state.entries) {
            #expect(found.tensor.shape == wanted.tensor.shape && found.tensor.scalarType == wanted.tensor.scalarType)
            #expect(found.tensor.withBytes { Array($0) } == wanted.tensor.withBytes { Array($0) }, "\(wanted.name)")
        }
        try PyTorchArchive.write(file.state, to: second)
        #expect(try FileSystem.read(first) == FileSystem.read(second))
    }

    /// The entry of text is somebody's word like any other.
    @Test(arguments: [
        "", "{", "[]", "3", #"{"a": 1}"#, #"{"a": null}"#, #"{"a": "1", "a": "2"}"#, "{\"a\": \"\u{0}\"}",
        #"{"a": {"b": "c"}}"#, String(repeating: "[", count: 100_000),
        #"{"a": ""# + String(repeating: "x", count: 1 << 20) + "\"}",
    ])
    func wrongMetadataIsNamed(text: String) throws {
        let directory = try TemporaryDirectory()
        var state = StateDict()
        state.append("a", StateTensor(shape: [2], values: [1, 2]))
        state.metadata = ["k": "v"]
        try PyTorchArchive.write(state, to: directory.file("a.pth"))
        let bytes = try FileSystem.read(directory.file("a.pth"))
        let entries = try bytes.withUnsafeBytes { file in
            try ZipArchive(file).entries.map { TestZip.Entry(name: $0.name, content: Array(file[$0.range])) }
        }
        func write(_ text: String) throws {
            let changed = entries.map { entry in
                entry.name.hasSuffix("metadata.json")
                    ? TestZip.Entry(name: entry.name, content: Array(text.utf8)) : entry
            }
            try AtomicFileWriter.write(TestZip(entries: changed).bytes, to: directory.file("b.pth"))
        }
        try write(#"{"k": "w"}"#)
        #expect(try CheckpointFile.read(directory.file("b.pth")).state.metadata == ["k": "w"])
        try write(text)
        let error = #expect(throws: CheckpointError.self) { try CheckpointFile.read(directory.file("b.pth")) }
        #expect(error?.code == .header && error?.message.contains("metadata.json") == true)
    }

    /// Storages start at multiples of 64 bytes, entries are stored, and the order is the state's.
    @Test func layoutIsPyTorchs() throws {
        let directory = try TemporaryDirectory()
        let state = try Self.state()
        try PyTorchArchive.write(state, to: directory.file("a.pth"))
        let bytes = try FileSystem.read(directory.file("a.pth"))
        let archive = try bytes.withUnsafeBytes { try ZipArchive($0) }
        let storages = (0..<state.count).map { "archive/data/\($0)" }
        #expect(
            archive.entries.map(\.name) == ["archive/data.pkl", "archive/byteorder"] + storages
                + ["archive/.samdata/metadata.json", "archive/version"])
        for entry in archive.entries {
            #expect(entry.method == 0 && entry.range.lowerBound % 64 == 0)
        }
        #expect(bytes[60..<63] == [0x5a, 0x5a, 0x5a] || bytes[46..<48] == [0x46, 0x42])
    }

    /// The bytes of a small file by their digest, so that a change of format cannot pass unseen.
    @Test func writesStableBytes() throws {
        var state = StateDict()
        state.append("b", StateTensor(shape: [1], scalarType: .uint16, bytes: [7, 1]))
        state.append("a", StateTensor(shape: [2], values: [1, -2]))
        let directory = try TemporaryDirectory()
        let digests = try atEveryWorkerCount {
            try PyTorchArchive.write(state, to: directory.file("a"))
            return SHA256Digest.hex(try FileSystem.read(directory.file("a")))
        }
        let wanted = "e8f155b88eb3f864ab9ad3b8fff27da8f5db7898b758a4141bd2f92b38b6b784"
        #expect(digests == [wanted, wanted, wanted, wanted])
    }

    /// More entries than 16 bits count.
    @Test func manyTensorsNeedZip64() throws {
        var state = StateDict()
        let count = 65_540
        for index in 0..<count {
            state.append("t\(index)", StateTensor(shape: [], scalarType: .uint8, bytes: [UInt8(index % 251)]))
        }
        let directory = try TemporaryDirectory()
        try PyTorchArchive.write(state, to: directory.file("a"))
        let file = try CheckpointFile.read(directory.file("a"))
        #expect(file.state.count == count)
        #expect(file.state["t65539"]?.floats() == [Float(65539 % 251)])
    }

    @Test func unwritablePathIsAFileError() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: FileError.self) { try PyTorchArchive.write(StateDict(), to: directory.file("no/such/x")) }
    }
}
