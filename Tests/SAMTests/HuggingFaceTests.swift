import Checkpoints
import Foundation
import JSONText
import Layers
import Runtime
import SAM
import Tensors
import TestSupport
import Testing

/// `SamModel` of Hugging Face transformers, in and out.
@Suite struct HuggingFaceTests {
    static let folder = Repository.fixture("SAM/huggingface")

    @Test func aFolderGivesTheSameMasks() throws {
        let opened = try SAMCheckpoint.open(Self.folder)
        #expect(opened.teller == .configurationFile)
        #expect(opened.configuration.transformerNumHeads == 4 && opened.configuration.iouHeadDepth == 4)
        #expect(opened.configuration.vit.windowSize == 3 && opened.configuration.vit.globalAttentionIndexes == [1])
        #expect(opened.configuration.preprocessing.mean.map { Int($0 * 1000) } == [123_675, 116_280, 103_530])
        try Self.check(try opened.model(), tolerance: 1e-4)
    }

    static func check(_ model: SAMModel, tolerance: Float) throws {
        let expected = try SafeTensors.read(folder + "/expected.safetensors")
        func values(_ name: String) throws -> StateTensor { try #require(expected[name], "\(name)") }
        try GradientRecording.off {
            let features = model.imageEncoder(try values("image").tensor())
            #expect(relativeError(features.embedding, try values("embedding")) < tolerance)
            let position = model.promptEncoder.densePositionalEncoding()
            let places = try values("points").floats()
            let labels = try values("labels").floats()
            let points = zip(stride(from: 0, to: places.count, by: 2), labels).map { index, label in
                PromptBatch.Point(
                    x: places[index], y: places[index + 1], label: label == 1 ? .foreground : .background)
            }
            let byPoints = model.masks(
                image: features, imagePosition: position, prompts: PromptBatch(points: [points]), multimaskOutput: true)
            #expect(relativeError(byPoints.lowResMasks, try values("points.masks")) < tolerance)
            #expect(relativeError(byPoints.iouPredictions, try values("points.iou")) < tolerance)
            let box = try values("boxes").floats()
            let byBox = model.masks(
                image: features, imagePosition: position,
                prompts: PromptBatch(boxes: [.init(x0: box[0], y0: box[1], x1: box[2], y1: box[3])]),
                multimaskOutput: false)
            #expect(relativeError(byBox.lowResMasks, try values("box.masks")) < tolerance)
            #expect(relativeError(byBox.iouPredictions, try values("box.iou")) < tolerance)
        }
    }

    /// Written and read again, every tensor and dimension is there; the second writing gives the same bytes.
    @Test func writingAndReadingAgree() throws {
        let directory = try TemporaryDirectory()
        let model = try SAMCheckpoint.read(Self.folder)
        try HuggingFaceFolder.write(model, to: directory.file("a"))
        let again = try SAMCheckpoint.open(directory.file("a"))
        #expect(again.configuration == model.configuration)
        for (found, wanted) in zip(try again.model().parameters, model.parameters) {
            #expect(found.name == wanted.name && found.value.values == wanted.value.values)
        }
        try HuggingFaceFolder.write(try again.model(), to: directory.file("b"))
        for name in ["config.json", "preprocessor_config.json", "model.safetensors"] {
            let (first, second) = (directory.file("a/" + name), directory.file("b/" + name))
            #expect(try FileSystem.read(first) == FileSystem.read(second))
        }
        let names = Set(try SafeTensors.read(Self.folder + "/model.safetensors").names)
        #expect(Set(try SafeTensors.read(directory.file("a/model.safetensors")).names) == names)
    }

    /// All names of the official models go there and back.
    @Test(arguments: [SAMConfiguration.Preset.vitB, .vitH]) func namesGoBothWays(preset: SAMConfiguration.Preset) {
        var state = StateDict()
        for tensor in preset.configuration.tensorShapes {
            state.append(tensor.name, StateTensor(shape: [0], scalarType: .uint8, bytes: []))
        }
        let there = state.withHuggingFaceNames
        #expect(there.hasHuggingFaceNames && !state.hasHuggingFaceNames)
        #expect(there.withReferenceNames.names == state.names)
        #expect(there.names.allSatisfy { !$0.contains("image_encoder") && !$0.contains(".norm") })
    }

    /// Older files hold the matrix of positions twice, or under its other name alone.
    @Test func bothNamesOfThePositionsAreKnown() throws {
        let state = try SafeTensors.read(Self.folder + "/model.safetensors")
        let old = "prompt_encoder.shared_embedding.positional_embedding"
        let new = "shared_image_embedding.positional_embedding"
        let matrix = try #require(state[new])
        var both = state
        both.append(old, matrix)
        var alone = StateDict()
        for entry in state.entries { alone.append(entry.name == new ? old : entry.name, entry.tensor) }
        for other in [both, alone] {
            #expect(Set(other.withReferenceNames.names) == Set(state.withReferenceNames.names))
        }
    }

    /// transformers 5 keeps mean and deviation one level deeper, in another file.
    @Test func theNewProcessorIsRead() throws {
        let directory = try TemporaryDirectory()
        for name in ["config.json", "model.safetensors"] {
            try AtomicFileWriter.write(FileSystem.read(Self.folder + "/" + name), to: directory.file(name))
        }
        try AtomicFileWriter.write(
            #"{"image_processor": {"image_mean": [0.5, 0.25, 0.0], "image_std": [1.0, 0.5, 0.25]}, "x": 1}"#,
            to: directory.file("processor_config.json"))
        let recipe = try SAMCheckpoint.open(directory.path).configuration.preprocessing
        #expect(recipe.mean == [127.5, 63.75, 0] && recipe.std == [255, 127.5, 63.75])
    }

    @Test(arguments: [
        ("config.json", "{", "cannot be read"), ("config.json", #"{"model_type": "sam2"}"#, "sam2"),
        ("config.json", #"{"mask_decoder_config": {"num_attention_heads": 5}}"#, "multiple"),
        ("config.json", #"{"vision_config": {"window_size": -3}}"#, "window_size"),
        ("config.json", #"{"vision_config": {"global_attn_indexes": [99]}}"#, "99"),
        ("config.json", #"{"vision_config": {"window_size": 9223372036854775807}}"#, "window_size"),
        ("config.json", #"{"vision_config": {"window_size": 1000}}"#, "windows of 1000"),
        ("config.json", #"{"vision_config": {"num_attention_heads": 0}}"#, "num_attention_heads"),
        ("config.json", #"{"vision_config": {"use_rel_pos": false}}"#, "use_rel_pos is false"),
        ("config.json", #"{"mask_decoder_config": {"hidden_act": "gelu"}}"#, "hidden_act"),
        ("config.json", #"{"mask_decoder_config": {"layer_norm_eps": 1.0}}"#, "layer_norm_eps"),
        ("preprocessor_config.json", #"{"do_normalize": false}"#, "do_normalize"),
        ("preprocessor_config.json", #"{"image_mean": 0.5}"#, "image_mean is 0.5"),
        ("preprocessor_config.json", #"{"image_std": [1, 1]}"#, "three numbers"),
        ("preprocessor_config.json", #"{"image_std": [0, 1, 1]}"#, "pixel_std"),
    ])
    func wrongConfigurationsAreNamed(file: String, text: String, words: String) throws {
        let directory = try TemporaryDirectory()
        for name in ["config.json", "preprocessor_config.json", "model.safetensors"] {
            try AtomicFileWriter.write(FileSystem.read(Self.folder + "/" + name), to: directory.file(name))
        }
        try AtomicFileWriter.write(text, to: directory.file(file))
        let error = #expect(throws: SAMError.self) { try SAMCheckpoint.open(directory.path) }
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
        #expect(error?.location?.path != nil)
    }
}
