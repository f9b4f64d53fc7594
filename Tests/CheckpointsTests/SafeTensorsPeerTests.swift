import Checkpoints
import Runtime
import TestSupport
import Testing

/// Our files in the hands of the reference library.
@Suite(.enabled(if: PeerPython.path != nil, "needs SAMDATA_PEER_PYTHON with safetensors and torch"))
struct SafeTensorsPeerTests {
    @Test func referenceLibraryReadsOurFiles() throws {
        let directory = try TemporaryDirectory()
        var state = try SafeTensors.read(SafeTensorsTests.types)
        state.append("added", StateTensor(shape: [2, 2], values: [1, -2, 0.5, 1e-30]))
        state.metadata["samdata.configuration"] = #"{"a": [1, "\"ü\""]}"#
        try SafeTensors.write(state, to: directory.file("m.safetensors"))
        let script = """
            import hashlib, sys
            from safetensors import safe_open
            with safe_open(sys.argv[1], "pt") as f:
                for key in sorted(f.metadata()):
                    print(key, f.metadata()[key].encode().hex())
                for name in sorted(f.keys()):
                    tensor = f.get_tensor(name).contiguous()
                    data = bytes(tensor.reshape(-1).view(__import__("torch").uint8).tolist())
                    print(name, "x".join(map(str, tensor.shape)), hashlib.sha256(data).hexdigest())
            """
        let run = try PeerPython.run(["-c", script, directory.file("m.safetensors")])
        #expect(run.status == 0)
        func byteOrder(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
        var lines = state.metadata.sorted { byteOrder($0.key, $1.key) }.map { key, value in
            let digits = value.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return "\(key) \(digits)"
        }
        for entry in state.entries.sorted(by: { byteOrder($0.name, $1.name) }) {
            let shape = entry.tensor.shape.map(String.init).joined(separator: "x")
            let digest = entry.tensor.withBytes { SHA256Digest.hex($0) }
            lines.append("\(entry.name) \(shape) \(digest)")
        }
        #expect(run.output.split(separator: "\n").map(String.init) == lines)
    }
}
