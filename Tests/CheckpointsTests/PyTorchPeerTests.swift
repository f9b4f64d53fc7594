import Checkpoints
import Runtime
import TestSupport
import Testing

/// Our `.pth` files in the hands of PyTorch.
@Suite(.enabled(if: PeerPython.path != nil, "needs SAMDATA_PEER_PYTHON with torch"))
struct PyTorchPeerTests {
    @Test(arguments: ["False", "True"]) func torchReadsOurFiles(mapped: String) throws {
        let directory = try TemporaryDirectory()
        let state = try PyTorchWritingTests.state()
        try PyTorchArchive.write(state, to: directory.file("m.pth"))
        let script = """
            import collections, hashlib, sys, torch
            state = torch.load(sys.argv[1], weights_only=True, mmap=sys.argv[2] == "True")
            print(type(state) is collections.OrderedDict)
            for name, tensor in state.items():
                assert tensor.is_contiguous() and not tensor.requires_grad
                data = bytes(tensor.reshape(-1).view(torch.uint8).tolist()) if tensor.numel() else b""
                print(name.encode().hex(), tensor.dtype, "x".join(map(str, tensor.shape)), hashlib.sha256(data).hexdigest())
            """
        let run = try PeerPython.run(["-c", script, directory.file("m.pth"), mapped])
        #expect(run.status == 0)
        let types: [ScalarType: String] = [
            .float64: "float64", .float32: "float32", .float16: "float16", .bfloat16: "bfloat16", .int64: "int64",
            .int32: "int32", .int16: "int16", .int8: "int8", .uint64: "uint64", .uint32: "uint32", .uint16: "uint16",
            .uint8: "uint8", .bool: "bool",
        ]
        let lines = state.entries.map { entry in
            let digits = entry.name.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let shape = entry.tensor.shape.map(String.init).joined(separator: "x")
            let digest = entry.tensor.withBytes { SHA256Digest.hex($0) }
            return "\(digits) torch.\(types[entry.tensor.scalarType] ?? "") \(shape) \(digest)"
        }
        // Lines of an empty name or shape begin with or hold a blank more.
        #expect(run.output.split(separator: "\n").map(String.init) == ["True"] + lines)
    }

    /// Python's own zip reader finds nothing wrong with the archive.
    @Test func pythonChecksOurArchives() throws {
        let directory = try TemporaryDirectory()
        try PyTorchArchive.write(try PyTorchWritingTests.state(), to: directory.file("m.pth"))
        let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), len(z.namelist()))"
        let run = try PeerPython.run(["-c", script, directory.file("m.pth")])
        #expect(run.status == 0 && run.output == "None 22\n")
    }

    /// The reference implementation takes a Segment Anything model that we wrote, every name and shape.
    @Test func segmentAnythingLoadsOurModel() throws {
        let directory = try TemporaryDirectory()
        let state = try CheckpointFile.read(Repository.fixture("SAM/windowed/weights.safetensors")).state
        try PyTorchArchive.write(state, to: directory.file("sam.pth"))
        let script = """
            import json, sys, torch
            sys.dont_write_bytecode = True
            sys.path.insert(0, sys.argv[1])
            import make_fixtures
            with open(sys.argv[1] + "/windowed/configuration.json") as file:
                shape = json.load(file)
            shape["rel_pos_rows"] = dict(enumerate(shape["rel_pos_rows"]))
            model = make_fixtures.build(shape)
            result = model.load_state_dict(torch.load(sys.argv[2], weights_only=True), strict=True)
            print(result)
            print(float(sum(value.double().sum() for value in model.state_dict().values())))
            """
        let run = try PeerPython.run(["-c", script, Repository.fixture("SAM"), directory.file("sam.pth")])
        let lines = run.output.split(separator: "\n").map(String.init)
        #expect(run.status == 0 && lines.first == "<All keys matched successfully>", "\(run.output)")
        let sum = state.entries.reduce(0) { $0 + $1.tensor.floats().reduce(0) { $0 + Double($1) } }
        let found = try #require(lines.last.flatMap(Double.init))
        #expect(abs(found - sum) < 1e-6 * max(1, abs(sum)))
    }

    /// The old format, written by PyTorch on the spot, views and shared storages included.
    @Test func whatTorchWritesNowIsRead() throws {
        let directory = try TemporaryDirectory()
        let script = """
            import sys, torch
            base = torch.randn(50, 40, generator=torch.Generator().manual_seed(1))
            state = {"module.a": base, "module.b": base[3:7].t(), "module.c": base.half()}
            for name, zip in (("new", True), ("old", False)):
                torch.save({"model": state, "epoch": 3}, sys.argv[1] + name, _use_new_zipfile_serialization=zip)
            for name, value in state.items():
                print(name[7:], value.float().contiguous().view(torch.int32).sum().item())
            """
        let run = try PeerPython.run(["-c", script, directory.file("")])
        #expect(run.status == 0)
        for name in ["new", "old"] {
            let file = try CheckpointFile.read(directory.file(name), verifying: .all)
            let lines = file.state.entries.map { entry in
                "\(entry.name) \(entry.tensor.floats().reduce(0) { $0 + Int(Int32(bitPattern: $1.bitPattern)) })"
            }
            #expect(lines == run.output.split(separator: "\n").map(String.init), "\(name)")
            #expect(file.report.ignored.map(\.name) == ["epoch"])
        }
    }

    /// Files that others published, where this machine has them: the same names, shapes and bits as PyTorch reads.
    @Test(
        .enabled(if: Repository.sharedData("torch-ckpt-lpips") != nil, "needs ../shared/data"),
        arguments: [
            "torch-ckpt-lpips/weights/v0.1/vgg.pth", "torch-ckpt-lpips/weights/v0.1/squeeze.pth",
            "torch-ckpt-lpips/weights/v0.0/alex.pth", "torch-ckpt-facenet/data/pnet.pt",
            "sam-lora/lora_weights/lora_rank2.safetensors",
        ])
    func publishedFilesAreReadAlike(name: String) throws {
        let path = try #require(Repository.sharedData(name))
        let script = """
            import sys, torch
            if sys.argv[1].endswith(".safetensors"):
                from safetensors.torch import load_file
                state = load_file(sys.argv[1])
            else:
                state = torch.load(sys.argv[1], weights_only=True, map_location="cpu")
            for name in sorted(state):
                value = state[name]
                bits = value.float().contiguous().reshape(-1).view(torch.int32)
                print(name, "x".join(map(str, value.shape)), bits.sum().item())
            """
        let run = try PeerPython.run(["-c", script, path])
        #expect(run.status == 0)
        let file = try CheckpointFile.read(path, verifying: .all)
        #expect(file.report.strippedPrefixes.isEmpty && !file.state.entries.isEmpty)
        let lines = file.state.entries.map { entry in
            let shape = entry.tensor.shape.map(String.init).joined(separator: "x")
            let sum = entry.tensor.floats().reduce(0) { $0 + Int(Int32(bitPattern: $1.bitPattern)) }
            return "\(entry.name) \(shape) \(sum)"
        }
        #expect(lines.sorted() == run.output.split(separator: "\n").map(String.init).sorted())
    }
}
