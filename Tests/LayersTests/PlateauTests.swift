import Layers
import Testing

@Suite struct PlateauTests {
    /// PyTorch's ReduceLROnPlateau with its lowest rate.
    @Test func agreesWithPyTorch() throws {
        let fixture = try NumberFixture("Layers/courses.txt")
        var plateau = Plateau()
        let factors = fixture["scores"].map { score -> Double in
            plateau.note(score, factor: 0.5, patience: 2, lowest: 0.1)
            return plateau.rateFactor
        }
        #expect(factors == fixture["plateau"])
    }
}
