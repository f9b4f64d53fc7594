import Checkpoints
import Runtime
import TestSupport
import Testing

/// Pickles made by hand: everything that torch.save can write, and what hostile files try.
@Suite struct PickleTests {
    private static let two: [[UInt8]] = [[0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]]

    private static func error(_ pickle: [UInt8], storages: [[UInt8]] = two) -> CheckpointError? {
        do {
            _ = try PyTorchFixture.read(pickle, storages: storages)
            return nil
        } catch {
            return error as? CheckpointError
        }
    }

    @Test func handMadeTensorIsRead() throws {
        let file = try PyTorchFixture.read(PickleBytes.beside { $0.ops("N") }, storages: Self.two)
        #expect(file.state.names == ["w"] && file.state["w"]?.floats() == [1, 2])
        #expect(file.report.ignored.map(\.name) == ["other"])
    }

    /// Older ways to say the same: dictionaries as lists of pairs, texts of Python 2, protocol 0, sets and frames.
    @Test func olderAndNewerInstructionsAreRead() throws {
        let tensor = PickleBytes(bytes: []).tensor(
            count: 2, shape: [2], strides: [1], function: "_rebuild_tensor_v2")
        let asList = PickleBytes().global("collections", "OrderedDict").ops("(](").ops("](").raw([0x55, 1, 0x77])
            .raw(tensor.bytes).ops("eetR.")
        #expect(try PyTorchFixture.read(asList.bytes, storages: Self.two).state["w"]?.floats() == [1, 2])
        let protocol0 = PickleBytes(bytes: []).ops("(dp0\nVw\np1\n").raw(tensor.bytes).ops(
            "sS'x'\n(lp2\nI7\naL8L\naF2.5\naI01\nasg1\n"
        )
        .ops("00.")
        let plain = protocol0.bytes.dropLast(3) + Array("0.".utf8)
        #expect(try PyTorchFixture.read(Array(plain), storages: Self.two).state.names == ["w"])
        let newer = PickleBytes(bytes: [0x80, 5, 0x95] + PickleBytes.little(UInt64(20))).ops("}").raw([0x94])
            .raw([0x8c, 1, 0x77]).raw([0x94]).raw(tensor.bytes).ops("s")
            .raw([0x8d] + PickleBytes.little(UInt64(1)) + [0x78]).raw([0x8f]).ops("(K").raw([1, 0x90]).ops("s")
            .raw([0x8c, 1, 0x79]).raw([0x43, 2, 0, 255]).ops("s").raw([0x8c, 1, 0x7a]).ops("(K").raw([1, 0x91])
            .ops("s2(1")
        // Twice at the top (2), one taken away again (0).
        let file = try PyTorchFixture.read(newer.ops("0.").bytes, storages: Self.two)
        #expect(file.state.names == ["w"] && file.report.ignored.map(\.name) == ["x", "y", "z"])
    }

    /// Code in every spelling is named and never run.
    @Test(arguments: [
        (PickleBytes().global("os", "system").ops("(").text("touch /tmp/samdata-was-here").ops("tR."), "os.system"),
        (PickleBytes().raw([0x8c, 2]).ops("os").raw([0x8c, 6]).ops("system").raw([0x93]).ops(")R."), "os.system"),
        (PickleBytes().global("posix", "system").ops(")R."), "posix.system"),
        (PickleBytes().global("builtins", "eval").ops(")R."), "builtins.eval"),
        (PickleBytes().global("__builtin__", "exec").ops(")R."), "__builtin__.exec"),
        (PickleBytes().global("torch.storage", "_load_from_bytes").ops(")R."), "_load_from_bytes"),
        (PickleBytes().global("torch.hub", "load").ops(")R."), "torch.hub.load"),
        (PickleBytes().global("torch", "load").ops(")R."), "torch.load"),
        (PickleBytes().global("segment_anything.modeling.sam", "Sam").raw([0x29, 0x81]).ops("."), "sam.Sam"),
        (PickleBytes().global("numpy.testing._private.utils", "runstring").ops(")R."), "runstring"),
        (PickleBytes().ops("(S'ls'\nios\nsystem\n."), "INST"),
        (PickleBytes().ops("(").text("x").ops("o."), "OBJ"),
        (PickleBytes().raw([0x82, 1]).ops("."), "EXT1"),
        (PickleBytes().raw([0x83, 1, 0]).ops("."), "EXT2"),
        (PickleBytes().raw([0x84, 1, 0, 0, 0]).ops("."), "EXT4"),
        (PickleBytes().ops(")").raw([0x92]).ops("."), "NEWOBJ_EX"),
        (PickleBytes().ops("Pabc\n."), "PERSID"),
        (PickleBytes().raw([0x97]).ops("."), "NEXT_BUFFER"),
        (PickleBytes().raw([0x96] + PickleBytes.little(UInt64.max)).ops("."), "BYTEARRAY8"),
    ])
    func codeIsNamed(pickle: PickleBytes, words: String) throws {
        let error = try #require(Self.error(pickle.bytes))
        #expect(error.code == .global && error.message.contains(words), "\(error)")
        #expect(error.location?.byteOffset != nil)
        // Also where the tensors themselves are in order.
        let beside = try #require(
            Self.error(PickleBytes.beside { $0.raw(Array(pickle.bytes.dropFirst(2).dropLast())) }))
        #expect(beside.code == .global, "\(beside)")
        #expect(!FileSystem.exists("/tmp/samdata-was-here"))
    }

    /// Broken programs end with an error at their place.
    @Test(
        arguments: [
            ([0x80, 2], "needs 1 bytes"),
            ([0x80, 9, 0x2e], "protocol 9"),
            ([0xff, 0x2e], "255, which does not exist"),
            (PickleBytes().ops(".").bytes, "not there"),
            (PickleBytes().ops("NN.").bytes, "left over"),
            (PickleBytes().ops("(N.").bytes, "left over"),
            (PickleBytes().ops("t.").bytes, "no mark"),
            (PickleBytes().ops("N(0R.").bytes, "not there"),
            (PickleBytes().ops("}N(s.").bytes, "not there"),
            (PickleBytes().ops("](a.").bytes, "not there"),
            (PickleBytes().ops("Na.").bytes, "not there"),
            (PickleBytes().ops("NNa.").bytes, "not to a list"),
            (PickleBytes().ops("]NNs.").bytes, "not to a dictionary"),
            (PickleBytes().ops("}(Nu.").bytes, "key without a value"),
            (PickleBytes().ops("NNR.").bytes, "which is no function"),
            (PickleBytes().global("torch", "Size").ops("NR.").bytes, "not with a tuple"),
            (PickleBytes().global("collections", "OrderedDict").ops("(NtR.").bytes, "makes a dictionary of"),
            (PickleBytes().global("collections", "OrderedDict").ops("(](NetR.").bytes, "not pairs"),
            (PickleBytes().ops("N}b.").bytes, "attributes"),
            (PickleBytes().ops("h\u{5}.").bytes, "value 5"),
            (PickleBytes().ops("g-1\n.").bytes, "value -1"),
            (PickleBytes().ops("gx\n.").bytes, "no whole number"),
            (PickleBytes().ops("I1x\n.").bytes, "no whole number"),
            (PickleBytes().ops("L1\n.").bytes, "no whole number"),
            (PickleBytes().ops("Fx\n.").bytes, "no number"),
            (PickleBytes().ops("Sx\n.").bytes, "no quotes"),
            (PickleBytes().ops("S'\\x41'\n.").bytes, "escapes"),
            (PickleBytes().ops("I12").bytes, "no end"),
            (PickleBytes().ops("NN").raw([0x93]).ops(".").bytes, "no text"),
            (PickleBytes().ops("X").raw([1, 0, 0, 0, 0xff]).ops(".").bytes, "not UTF-8"),
            (PickleBytes().ops("X").raw([0xff, 0xff, 0xff, 0xff]).ops(".").bytes, "needs 4294967295 bytes"),
            (PickleBytes().raw([0x8d] + PickleBytes.little(UInt64.max)).ops(".").bytes, "needs 18446744073709551615"),
            (
                PickleBytes().raw([0x8e] + PickleBytes.little(UInt64(1) << 62)).ops(".").bytes,
                "needs 4611686018427387904"
            ),
            (PickleBytes().ops("B").raw([0xff, 0xff, 0xff, 0x7f]).ops(".").bytes, "needs 2147483647"),
            (PickleBytes().raw([0x8b, 0xff, 0xff, 0xff, 0xff]).ops(".").bytes, "too long"),
            (PickleBytes().raw([0x8a, 200]).ops(".").bytes, "needs 200"),
            (PickleBytes().raw([0x95] + PickleBytes.little(UInt64(1000))).ops("N.").bytes, "needs 1000"),
            (PickleBytes().ops("T").raw([0xfe, 0xff, 0xff, 0xff]).ops(".").bytes, "needs 4294967294"),
        ] as [([UInt8], String)])
    func brokenProgramsAreNamed(pickle: [UInt8], words: String) throws {
        let error = try #require(Self.error(pickle))
        #expect(error.message.contains(words), "\(error)")
        #expect([.pickle, .truncated].contains(error.code) && error.location?.byteOffset != nil)
    }

    /// Programs within the bytes of their file that would take far more memory than these.
    @Test func excessIsNamed() throws {
        let marks = [0x80, 2] + [UInt8](repeating: 0x28, count: 100_000) + [0x2e]
        #expect(Self.error(marks)?.message.contains("1000 deep") == true)
        let values = [0x80, 2] + [UInt8](repeating: 0x4e, count: 1_100_000) + [0x2e]
        #expect(Self.error(values)?.message.contains("1048576 values") == true)
        let dance = (0..<2_200_000).reduce(into: [0x80, 2] as [UInt8]) { bytes, _ in bytes += [0x4e, 0x30] } + [0x2e]
        #expect(Self.error(dance)?.message.contains("4194304 instructions") == true)
        let memo = (0..<1_050_000).reduce(into: [0x80, 2, 0x4e] as [UInt8]) { bytes, _ in bytes.append(0x94) } + [0x2e]
        #expect(Self.error(memo)?.message.contains("keeps more than 1048576") == true)
        let text = PickleBytes().text(String(repeating: "x", count: 1 << 20 | 1)).ops(".")
        #expect(Self.error(text.bytes)?.message.contains("too long") == true)
    }

    /// Values that hold themselves, or each other a billion times over, take no more room than their bytes.
    @Test func sharedValuesAreThereOnce() throws {
        // A list in itself, and a dictionary in itself.
        let cyclic = PickleBytes.beside {
            $0.ops("]").put(1).get(1).ops("a").text("d").ops("}").put(2).text("k").get(2).ops("s")
        }
        #expect(try PyTorchFixture.read(cyclic, storages: Self.two).state.names == ["w"])
        // Each list holds the one before twice: 2^200 leaves.
        let laughs = PickleBytes.beside { start in
            (0..<200).reduce(start.ops("]").put(0)) { pickle, level in
                pickle.ops("0](").get(UInt32(level)).get(UInt32(level)).ops("e").put(UInt32(level + 1))
            }
        }
        #expect(try PyTorchFixture.read(laughs, storages: Self.two).state.names == ["w"])
        // Lists a hundred thousand deep.
        let deep = PickleBytes.beside { start in
            start.raw([UInt8](repeating: 0x5d, count: 100_000)).raw([UInt8](repeating: 0x61, count: 99_999))
        }
        #expect(try PyTorchFixture.read(deep, storages: Self.two).state.names == ["w"])
        // A hundred thousand tuples, each of the one before.
        let tuples = PickleBytes.beside { $0.ops("N").raw([UInt8](repeating: 0x85, count: 100_000)) }
        #expect(try PyTorchFixture.read(tuples, storages: Self.two).state.names == ["w"])
    }

    /// Dictionaries that are copied out of dictionaries again and again.
    @Test func copiesEnd() throws {
        let pairs = (0..<1000).reduce(PickleBytes().ops("](")) { pickle, _ in pickle.ops("](NNe") }.ops("e").put(0)
        let copies = (0..<3000).reduce(pairs) { pickle, _ in
            pickle.ops("0").global("collections", "OrderedDict").ops("(").get(0).ops("tR")
        }
        #expect(Self.error(copies.ops(".").bytes)?.message.contains("without end") == true)
    }

    /// Wrappers that lie in each other, or in themselves, are followed to an end.
    @Test func wrappersInCirclesEnd() throws {
        let circle = PickleBytes().ops("}").put(0).text("model").get(0).ops("s.")
        #expect(Self.error(circle.bytes)?.code == .content)
        let two = PickleBytes().ops("}").put(0).text("model").ops("}").put(1).text("state_dict").get(0).ops("ss.")
        #expect(Self.error(two.bytes)?.code == .content)
        // Every known key leads to the same dictionary, thirty deep.
        let keys = ["model_state_dict", "model_state", "state_dict", "model", "net", "network", "weights"]
        let maze = (0..<30).reduce(PickleBytes().ops("}").put(0)) { pickle, level in
            let next = keys.reduce(pickle.ops("0}")) { $0.text($1).get(UInt32(level)).ops("s") }
            return next.put(UInt32(level + 1))
        }
        #expect(Self.error(maze.ops(".").bytes)?.code == .content)
    }

    /// A parameter around a parameter around a tensor.
    @Test func parametersInParametersAreTensors() throws {
        let pickle = PickleBytes.dictionary { start in
            let opened = (0..<2000).reduce(start) { pickle, _ in
                pickle.global("torch._utils", "_rebuild_parameter").ops("(")
            }
            let tensor = opened.tensor(count: 2, shape: [2], strides: [1])
            return tensor
        }
        // Two thousand marks are more than are allowed; a hundred are not.
        #expect(Self.error(pickle)?.message.contains("1000 deep") == true)
        let few = PickleBytes.dictionary { start in
            let opened = (0..<100).reduce(start) { pickle, _ in
                pickle.global("torch._utils", "_rebuild_parameter").ops("(")
            }
            let tensor = opened.tensor(count: 2, shape: [2], strides: [1])
            return (0..<100).reduce(tensor) { pickle, _ in pickle.ops("tR") }
        }
        #expect(try PyTorchFixture.read(few, storages: Self.two).state["a"]?.floats() == [1, 2])
    }
}
