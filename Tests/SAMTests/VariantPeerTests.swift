import Checkpoints
import Layers
import SAM
import Tensors
import TestSupport
import Testing

/// Models of real size with random weights, made and computed by PyTorch on the spot.
@Suite(.serialized, .enabled(if: PeerPython.path != nil, "needs SAMDATA_PEER_PYTHON with segment-anything and torch"))
struct VariantPeerTests {
    @Test(arguments: ["sam", "slim", "hq", "efficient"])
    func modelsOfRealSizeAgree(name: String) throws {
        let directory = try TemporaryDirectory()
        let run = try PeerPython.run([
            Repository.fixture("SAM/make_variant_fixtures.py"), "--full", name, "--output", directory.path,
        ])
        try #require(run.status == 0, "\(run.output)")
        let reference = ReferenceModel(folder: directory.file(name))
        let stored = try reference.file("cases")
        let model = try reference.model()
        var largest: [String: Float] = [:]
        try GradientRecording.off {
            let features = model.detailed(model.imageEncoder(try #require(stored["image"]).tensor()))
            largest["embedding"] = relativeError(features.embedding, try #require(stored["image_embeddings"]))
            let position = model.promptEncoder.densePositionalEncoding()
            for item in try reference.cases() {
                let (masks, ious) = ParityTests.answers(
                    model, image: features, position: position, prompts: try reference.prompts(item.name, in: stored))
                let errors = [
                    ("masks", relativeError(masks, try #require(stored[item.name + ".low_res_masks"]))),
                    ("IoU", relativeError(ious, try #require(stored[item.name + ".iou_predictions"]))),
                ]
                for (name, error) in errors { largest[name] = max(largest[name] ?? 0, error) }
            }
        }
        print("\(model.configuration.modelName) against PyTorch, largest relative errors:", largest)
        #expect(largest.count == 3 && largest.values.allSatisfy { $0 < ParityTests.forwardTolerance }, "\(largest)")
    }
}
