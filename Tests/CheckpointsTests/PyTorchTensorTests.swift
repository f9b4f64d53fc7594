import Checkpoints
import Runtime
import TestSupport
import Testing

/// Tensors as pickles describe them: what is allowed, and what a false description comes to.
@Suite struct PyTorchTensorTests {
    private static let storages: [[UInt8]] = [(0..<6).flatMap { TestZip.little(Float($0).bitPattern) }]

    private static func read(_ value: (PickleBytes) -> PickleBytes) throws -> StateTensor? {
        try PyTorchFixture.read(PickleBytes.dictionary("a", value), storages: storages).state["a"]
    }

    private static func expectFailure(
        _ words: String, _ code: CheckpointError.Code = .layout, _ value: (PickleBytes) -> PickleBytes
    ) {
        let error = #expect(throws: CheckpointError.self, "\(words)") { try read(value) }
        #expect(error?.code == code && error?.message.contains(words) == true, "\(words): \(String(describing: error))")
    }

    @Test func viewsAreGathered() throws {
        #expect(
            try Self.read { $0.tensor(count: 6, offset: 1, shape: [2, 2], strides: [1, 2]) }?.floats() == [1, 3, 2, 4])
        #expect(try Self.read { $0.tensor(count: 6, offset: 5, shape: [1, 1], strides: [9, 9]) }?.floats() == [5])
        #expect(try Self.read { $0.tensor(count: 6, offset: 5, shape: [], strides: []) }?.floats() == [5])
        #expect(try Self.read { $0.tensor(count: 6, shape: [2, 0], strides: [1, 1]) }?.floats() == [])
        #expect(try Self.read { $0.tensor(count: 6, offset: 6, shape: [0], strides: [1]) }?.floats() == [])
        let expanded = try Self.read { $0.tensor(count: 6, offset: 2, shape: [2, 3, 2], strides: [0, 0, 1]) }
        #expect(expanded?.floats() == [2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3])
        // Strides along axes of length 1 say nothing.
        for (shape, strides) in [([2, 1], [2, Int.max]), ([1, 2], [Int.max, 2]), ([1, 2, 1], [7, 2, Int.max])] {
            #expect(try Self.read { $0.tensor(count: 6, shape: shape, strides: strides) }?.floats() == [0, 2])
        }
        let old = try Self.read { $0.tensor(count: 6, shape: [3], strides: [2], function: "_rebuild_tensor") }
        #expect(old?.floats() == [0, 2, 4])
    }

    /// Views with any numbers, against a look-up of every element by its indices.
    @Test func anyViewIsGatheredOrRefused() throws {
        var accepted = 0
        let lengths = [0, 1, 1, 2, 2, 3]
        let strides = [0, 1, 1, 2, 3, 5, 1 << 40, .max]
        for round in 0..<1500 {
            var random = CounterRandom(seed: 31, sample: UInt64(round), purpose: RandomPurpose("view.fuzz"))
            let rank = random.index(below: 4)
            let shape = (0..<rank).map { _ in lengths[random.index(below: lengths.count)] }
            let steps = (0..<rank).map { _ in strides[random.index(below: strides.count)] }
            let offset = [0, 0, 1, 2, 5, 6, .max][random.index(below: 7)]
            let wanted = Self.elements(offset: offset, shape: shape, strides: steps)
            let found = try? Self.read { $0.tensor(count: 6, offset: offset, shape: shape, strides: steps) }
            #expect(found?.floats() == wanted, "offset \(offset), shape \(shape), strides \(steps)")
            if wanted != nil { accepted += 1 }
        }
        #expect((300..<1300).contains(accepted), "\(accepted) of 1500 are sound")
    }

    /// The elements of a view of 0, 1, … 5, or nil where one is not there.
    private static func elements(offset: Int, shape: [Int], strides: [Int]) -> [Float]? {
        var places: [Int] = shape.contains(0) ? [] : [offset]
        for (length, stride) in zip(shape, strides) where !places.isEmpty {
            var next: [Int] = []
            for place in places {
                for index in 0..<length {
                    let (step, isFar) = index.multipliedReportingOverflow(by: stride)
                    let (sum, isFarther) = place.addingReportingOverflow(step)
                    if isFar || isFarther { return nil }
                    next.append(sum)
                }
            }
            places = next
        }
        return places.allSatisfy { $0 < 6 } ? places.map(Float.init) : nil
    }

    @Test func whatIsNotThereIsNamed() {
        Self.expectFailure("reaches element 6") { $0.tensor(count: 6, shape: [7], strides: [1]) }
        Self.expectFailure("reaches element 7") { $0.tensor(count: 6, offset: 6, shape: [2], strides: [1]) }
        Self.expectFailure("reaches element 6") { $0.tensor(count: 6, offset: 6, shape: [], strides: []) }
        Self.expectFailure("cannot be") { $0.tensor(count: 6, offset: -1, shape: [1], strides: [1]) }
        Self.expectFailure("cannot be") { $0.tensor(count: 6, shape: [-1], strides: [1]) }
        Self.expectFailure("cannot be") { $0.tensor(count: 6, offset: 5, shape: [6], strides: [-1]) }
        Self.expectFailure("cannot be") { $0.tensor(count: 6, shape: [2, 2], strides: [1]) }
        Self.expectFailure("larger than any file") { $0.tensor(count: 6, shape: [1 << 40, 1 << 40], strides: [0, 0]) }
        Self.expectFailure("larger than any file") { $0.tensor(count: 6, shape: [3, 3], strides: [.max, 1]) }
        Self.expectFailure("larger than any file") { $0.tensor(count: 6, offset: .max, shape: [2], strides: [1]) }
        Self.expectFailure("longer than any file") {
            $0.tensor(count: 6, shape: [1 << 40, 1 << 40, 0], strides: [0, 0, 0])
        }
        Self.expectFailure("longer than any file") {
            $0.tensor(count: 6, shape: [1, .max, 0, 0], strides: [0, 0, 0, 0])
        }
        Self.expectFailure("tensor \"a\"") { $0.tensor(count: 7, shape: [1], strides: [1]) }
        Self.expectFailure("should hold 5 elements of 8 bytes, but has 24 bytes") {
            $0.tensor(type: "DoubleStorage", count: 5, shape: [1], strides: [1])
        }
        Self.expectFailure("should hold") { $0.tensor(count: .max, shape: [1], strides: [1]) }
        Self.expectFailure("is not in the file", .truncated) { $0.tensor(key: "7", count: 6, shape: [1], strides: [1]) }
        Self.expectFailure("is not in the file", .truncated) {
            $0.tensor(key: "../data.pkl", count: 6, shape: [1], strides: [1])
        }
        Self.expectFailure("no class of storages", .pickle) {
            $0.tensor(type: "Size", count: 6, shape: [1], strides: [1])
        }
    }

    /// A view that repeats one element may not ask for much more memory than the file has bytes.
    @Test func repetitionsAreBounded() throws {
        let million = 1 << 20
        #expect(try Self.read { $0.tensor(count: 6, shape: [million], strides: [0]) }?.elementCount == million)
        Self.expectFailure("far more memory") { $0.tensor(count: 6, shape: [million, million], strides: [0, 0]) }
        Self.expectFailure("far more memory") { $0.tensor(count: 6, shape: [1 << 61], strides: [0]) }
        // Many such views together are one too many.
        let many = (0..<20).reduce(PickleBytes().ops("}(")) { pickle, index in
            pickle.text("t\(index)").tensor(count: 6, shape: [million / 2], strides: [0])
        }
        let error = #expect(throws: CheckpointError.self) {
            try PyTorchFixture.read(many.ops("u.").bytes, storages: Self.storages)
        }
        #expect(error?.message.contains("tensor \"t8\"") == true, "\(String(describing: error))")
    }

    /// What stands for a storage must be just that.
    @Test func falseStoragesAreNamed() {
        func rebuilt(_ id: @escaping (PickleBytes) -> PickleBytes) -> (PickleBytes) -> PickleBytes {
            { start in
                id(start.global("torch._utils", "_rebuild_tensor_v2").ops("(")).ops("QK").raw([0]).tuple([1]).tuple([1])
                    .ops("tR")
            }
        }
        let ids: [(PickleBytes) -> PickleBytes] = [
            { $0.ops("N") }, { $0.ops(")") }, { $0.text("storage") }, { $0.ops("](Ne") },
            { $0.ops("(").text("module").global("torch", "FloatStorage").text("0").text("cpu").int(6).ops("t") },
            { $0.ops("(").text("storage").text("FloatStorage").text("0").text("cpu").int(6).ops("t") },
            { $0.ops("(").text("storage").global("torch", "FloatStorage").int(0).text("cpu").int(6).ops("t") },
            { $0.ops("(").text("storage").global("torch", "FloatStorage").text("0").text("cpu").int(-6).ops("t") },
            { $0.ops("(").text("storage").global("torch", "FloatStorage").text("0").text("cpu").ops("Nt") },
            { $0.ops("(").text("storage").global("torch", "FloatStorage").text("0").text("cpu").int(6).ops("NNt") },
        ]
        for id in ids { Self.expectFailure("not a storage", .pickle, rebuilt(id)) }
        for part in [[0, 7], [7, 0], [-1, 2], [3, 4], [.max, .max]] {
            Self.expectFailure(
                "does not lie inside", .pickle,
                rebuilt { start in
                    start.ops("(").text("storage").global("torch", "FloatStorage").text("0").text("cpu").int(6).ops("(")
                        .text("v").int(part[0]).int(part[1]).ops("tt")
                })
        }
        Self.expectFailure("not made of a storage", .pickle) {
            $0.global("torch._utils", "_rebuild_tensor_v2").ops("(NK").raw([0]).tuple([1]).tuple([1]).ops("tR")
        }
        Self.expectFailure("not made of a storage", .pickle) {
            $0.global("torch._utils", "_rebuild_tensor_v2").ops(")R")
        }
        Self.expectFailure(
            "element type is missing", .scalarType,
            rebuilt { start in
                start.ops("(").text("storage").global("torch.storage", "UntypedStorage").text("0").text("cpu").int(24)
                    .ops("t")
            })
        // A parameter of nothing is no tensor.
        Self.expectFailure("no named tensors", .content) {
            $0.global("torch._utils", "_rebuild_parameter").ops(")R")
        }
    }
}
