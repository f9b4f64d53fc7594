import Foundation
import SAM
import TestSupport
import Testing

/// The parity tests on models that the reference implementation makes on the spot, with other seeds and shapes.
@Suite(.enabled(if: PeerPython.path != nil, "needs SAMDATA_PEER_PYTHON with segment-anything and torch"))
struct PeerParityTests {
    /// The named shapes with other weights, and random shapes.
    @Test(arguments: [(seed: 17, randomShapes: 0), (seed: 18, randomShapes: 6), (seed: 19, randomShapes: 6)])
    func otherModelsAgree(seed: Int, randomShapes: Int) throws {
        let directory = try TemporaryDirectory()
        let run = try PeerPython.run([
            Repository.fixture("SAM/make_fixtures.py"), "--seed", "\(seed)", "--output", directory.path,
            "--random-shapes", "\(randomShapes)",
        ])
        try #require(run.status == 0, "\(run.output)")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            .filter { !$0.hasSuffix(".safetensors") }
        #expect(names.count == max(4, randomShapes))
        for name in names.sorted() {
            let reference = ReferenceModel(folder: directory.file(name))
            try ParityTests.checkForward(reference)
            try ParityTests.checkGradients(reference)
            try PredictionTests.checkPredictor(reference)
        }
        try PredictionTests.checkPreprocessing(directory.file("preprocessing.safetensors"))
    }
}
