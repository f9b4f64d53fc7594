import Checkpoints
import JSONText
import Runtime
import Tensors
import TestSupport
import Testing

/// Files that torch.save wrote, bit for bit as torch reads them.
@Suite struct PyTorchReadingTests {
    static let names = [
        "types", "types-legacy", "views", "views-legacy", "module", "parameters", "protocol4", "protocol5", "training",
        "training-legacy", "microsam", "lightning", "nested", "compiled", "adapter", "parts", "empty", "tied",
    ]

    @Test(arguments: names) func readsWhatTorchWrote(name: String) throws {
        let expected = try PyTorchFixture.expected(name)
        let file = try CheckpointFile.read(PyTorchFixture.path(name), verifying: .all)
        let tensors = try #require(expected["tensors"]?.array)
        #expect(file.state.names == tensors.map { $0["name"]?.string })
        for (entry, wanted) in zip(file.state.entries, tensors) {
            #expect(entry.tensor.scalarType.rawValue == wanted["type"]?.string, "\(entry.name)")
            #expect(entry.tensor.shape == wanted["shape"]?.array?.compactMap(\.int), "\(entry.name)")
            let bits = wanted["bits"]?.array?.compactMap(\.int)
            #expect(entry.tensor.floats().map { Int($0.bitPattern) } == bits, "\(entry.name)")
            #expect(entry.tensor.tensor().values.map { Int($0.bitPattern) } == bits, "\(entry.name)")
        }
        func list(_ key: String) -> [String?]? { expected[key]?.array?.map(\.string) }
        #expect(file.report.unwrapped == list("unwrapped"))
        #expect(file.report.strippedPrefixes == list("stripped"))
        #expect(file.report.ignored.map(\.name).sorted() == list("ignored"))
        #expect(file.report.ignoredCount == list("ignored")?.count)
        #expect(file.report.format == (name.hasSuffix("legacy") ? .pyTorchLegacy : .pyTorchArchive))
    }

    /// The report says what was left out, in words.
    @Test func reportNamesWhatWasLeftOut() throws {
        let report = try CheckpointFile.read(PyTorchFixture.path("microsam")).report
        let text = report.description
        for words in [
            "PyTorch zip archive", "under model_state", "taken off the names: sam.",
            "decoder_state (a dictionary of 3, 3 tensors)", "epoch (a number)",
        ] {
            #expect(text.contains(words), "\(words) in \(text)")
        }
        #expect(report.ignored.first { $0.name == "decoder_state" }?.tensorCount == 3)
        let training = try CheckpointFile.read(PyTorchFixture.path("training")).report.description
        for words in ["best (an object of numpy", "args (an object of argparse.Namespace)", "and 7 more"] {
            #expect(training.contains(words), "\(words) in \(training)")
        }
    }

    /// Parts of the file are used in place: tensors of one storage are views of the same bytes.
    @Test func loadsIntoParameters() throws {
        let state = try CheckpointFile.read(PyTorchFixture.path("module")).state
        #expect(state["0.weight"]?.shape == [2, 3] && state.byteCount == 4 * state.elementCount)
    }

    @Test(arguments: [
        ("module", "torch.nn.modules.linear.Linear"), ("module-legacy", "torch.nn.modules.linear.Linear"),
        ("script", "TorchScript"), ("float8", "float8_e4m3fn"), ("complex", "ComplexFloatStorage"),
        ("sparse", "_rebuild_sparse_tensor"), ("array", "_reconstruct"),
    ])
    func refusesWhatIsMoreThanTensors(name: String, words: String) throws {
        let error = #expect(throws: CheckpointError.self) {
            try CheckpointFile.read(PyTorchFixture.path("refused-" + name))
        }
        #expect(error?.code == .global && error?.message.contains(words) == true, "\(String(describing: error))")
        #expect(error?.message.contains("torch.save") == true && error?.location?.byteOffset != nil)
    }

    @Test(arguments: [("tensor", "one tensor"), ("list", "a list of 1"), ("numbers", "only a, b")])
    func refusesWhatHasNoNamedTensors(name: String, words: String) throws {
        let error = #expect(throws: CheckpointError.self) {
            try CheckpointFile.read(PyTorchFixture.path("refused-" + name))
        }
        #expect(error?.code == .content && error?.message.contains(words) == true, "\(String(describing: error))")
    }

    /// A large tensor is copied by several workers, in every type to the same bits.
    @Test func conversionDoesNotDependOnWorkers() throws {
        let count = (1 << 18) + 77
        var random = CounterRandom(seed: 5, sample: 0, purpose: RandomPurpose("checkpoint.convert"))
        let values = (0..<count).map { _ in Float16(random.uniform() * 100 - 50) }
        let directory = try TemporaryDirectory()
        var state = StateDict()
        state.append("pad", StateTensor(shape: [1], scalarType: .uint8, bytes: [1]))
        let bytes = values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
        state.append("a", StateTensor(shape: [count], scalarType: .float16, bytes: bytes))
        try PyTorchArchive.write(state, to: directory.file("a.pth"))
        let found = try atEveryWorkerCount {
            try CheckpointFile.read(directory.file("a.pth"), verifying: .all).state["a"]?.floats()
        }
        #expect(found.allSatisfy { $0 == values.map(Float.init) })
    }
}
