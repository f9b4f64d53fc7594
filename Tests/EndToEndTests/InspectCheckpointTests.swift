import Foundation
import JSONText
import Runtime
import TestSupport
import Testing

/// `samdata inspect` on files of weights.
@Suite struct InspectCheckpointTests {
    private static let weights = Repository.fixture("SAM/windowed/weights.safetensors")

    private static func document(_ path: String) throws -> JSONValue {
        let run = try BuiltBinary.run(["inspect", path, "--json"])
        #expect(run.status == 0, "\(run.stderr)")
        return try JSONDocument.parse(run.stdout)
    }

    @Test func modelIsDescribed() throws {
        let run = try BuiltBinary.run(["inspect", Self.weights])
        #expect(run.status == 0, "\(run.stderr)")
        for words in [
            "Segment Anything", "188 BF16", "windows of 3, global attention in blocks 1", "longest side to 64",
            "format: pt", "image_encoder.blocks.2.attn.rel_pos_w", "5 x 14",
        ] {
            #expect(run.stdout.contains(words), "\(words)")
        }
        let json = try Self.document(Self.weights)
        #expect(json["kind"] == "checkpoint" && json["tensors"] == 188 && json["dtypes"] == ["BF16": 188])
        #expect(json["model"]?["configuration"]?["embed_dim"] == 28)
        #expect(json["model"]?["buffer_elements"] == 32 && json["model"]?["surplus_tensors"] == [])
        let elements = try #require(json["model"]?["parameters"]?.int) + 32
        #expect(json["elements"]?.int == elements && json["bytes"]?.int == 2 * elements)
        let list = try #require(json["tensor_list"]?.array)
        #expect(list.count == 188)
        #expect(list.contains(["name": "image_encoder.pos_embed", "dtype": "BF16", "shape": [1, 8, 8, 28]]))
    }

    /// A checkpoint's folder and a run mean their model.
    @Test func foldersMeanTheirModel() throws {
        let directory = try TemporaryDirectory()
        let best = directory.file("run/checkpoints/best")
        try FileSystem.createDirectory(best)
        try AtomicFileWriter.write(FileSystem.read(Self.weights), to: best + "/model.safetensors")
        for path in [best, directory.file("run")] {
            #expect(try Self.document(path)["file"]?.string == best + "/model.safetensors")
        }
    }

    /// Tensors of no known model are listed all the same.
    @Test func otherTensorsAreListed() throws {
        let path = Repository.fixture("Checkpoints/types.safetensors")
        let json = try Self.document(path)
        #expect(json["model"]?.isNull == true && json["tensors"] == 13)
        #expect(json["metadata"]?["format"] == "pt")
        let run = try BuiltBinary.run(["inspect", path])
        #expect(run.status == 0 && run.stderr.contains("patch_embed.proj.weight is missing"))
    }

    @Test func damageIsNamed() throws {
        let directory = try TemporaryDirectory()
        let bytes = try FileSystem.read(Self.weights)
        try AtomicFileWriter.write(Array(bytes[..<(bytes.count - 1)]), to: directory.file("short.safetensors"))
        var flipped = bytes
        flipped[8] = UInt8(ascii: "[")
        try AtomicFileWriter.write(flipped, to: directory.file("flipped.safetensors"))
        for (name, words) in [("short", "has \(bytes.count - 1) bytes"), ("flipped", "starts with '{'")] {
            let run = try BuiltBinary.run(["inspect", directory.file(name + ".safetensors")])
            #expect(run.status == 65 && run.stderr.contains(words), "\(run.stderr)")
        }
        let run = try BuiltBinary.run(["inspect", Self.weights, "--record", "0"])
        #expect(run.status == 64)
    }
}
