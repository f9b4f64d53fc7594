import Runtime
import Testing

@Suite struct NameSuggestionTests {
    private let keys = ["learning-rate", "learning-rates", "lora", "batch-size", "box-noise", "epochs", "weight_decay"]

    @Test(arguments: [
        ("lr", "learning-rate"), ("LR", "learning-rate"), ("wd", "weight_decay"), ("bs", "batch-size"),
        ("epoch", "epochs"), ("learning_rate", "learning-rate"), ("lora", "lora"), ("Epochs", "epochs"),
    ])
    func theNearestIsMeant(written: String, meant: String) {
        #expect(NameSuggestion.nearest(to: written, among: keys) == meant)
        #expect(NameSuggestion.sentence(for: written, among: keys) == " Did you mean '\(meant)'?")
    }

    @Test func whatIsFarFromAllHasNone() {
        #expect(NameSuggestion.nearest(to: "kaleidoscope", among: keys) == nil)
        #expect(NameSuggestion.sentence(for: "kaleidoscope", among: keys) == "")
    }
}
