import Checkpoints
import Images
import SAM
import Tensors
import TestSupport
import Testing

/// Images and masks as other families prepare them, against what their own programs use.
@Suite struct RecipeTests {
    static let shapes = ["large", "small", "same", "wide"]

    private static func stored() throws -> StateDict {
        try SafeTensors.read(Repository.fixture("SAM/recipes.safetensors"))
    }

    private static func image(_ name: String, in stored: StateDict) throws -> RGBImage {
        let tensor = try #require(stored[name + ".pixels"])
        return RGBImage(height: tensor.shape[0], width: tensor.shape[1], pixels: tensor.withBytes { Array($0) })
    }

    private static func preprocessing(_ recipe: PreprocessingRecipe) -> SAMPreprocessing {
        var configuration = SAMConfiguration()
        configuration.vit.imageSize = 64
        configuration.vit.patchSize = 16
        configuration.preprocessing = recipe
        return SAMPreprocessing(configuration)
    }

    /// scikit-image's cubic splines: few bytes differ, and by 1, where rounding errors cross a whole number; at the same
    /// size all values are whole.
    @Test(arguments: shapes) func splinesAgree(name: String) throws {
        let stored = try Self.stored()
        let found = try Self.image(name, in: stored).splineResized(width: 64, height: 64)
        let expected = try #require(stored[name + ".medsam.bytes"]).withBytes { Array($0) }
        let differences = zip(found.pixels, expected).map { abs(Int($0) - Int($1)) }
        #expect(differences.max() ?? 0 <= 1, "\(name)")
        #expect(differences.filter { $0 > 0 }.count <= differences.count / (name == "same" ? 100 : 1000), "\(name)")
    }

    @Test func splinesDependOnNoThread() throws {
        let image = try Self.image("large", in: Self.stored())
        let results = atEveryWorkerCount { image.splineResized(width: 64, height: 64).pixels }
        #expect(Set(results).count == 1)
    }

    @Test func medSAMStretchesValues() throws {
        let stored = try Self.stored()
        let input = Self.preprocessing(.medSAM).input(try Self.image("small", in: stored))
        #expect(input.shape == [1, 64, 64, 3])
        // A byte that differs by 1 is a difference of 1 / 200.
        #expect(relativeError(input.values, try #require(stored["small.medsam"]).floats()) < 0.006)
        #expect(input.values.min() == 0 && input.values.max() == 1)
    }

    @Test(arguments: ["small", "wide"]) func efficientSAMInterpolates(name: String) throws {
        let stored = try Self.stored()
        let input = Self.preprocessing(.efficientSAM).input(try Self.image(name, in: stored))
        #expect(relativeError(input.values, try #require(stored[name + ".efficientsam"]).floats()) < 1e-5)
    }

    @Test(arguments: shapes) func masksComeBack(name: String) throws {
        let stored = try Self.stored()
        let image = try Self.image(name, in: stored)
        let low = try #require(stored[name + ".low_res"]).floats()
        let efficient = Self.preprocessing(.efficientSAM)
        let frame = efficient.frame(height: image.height, width: image.width)
        #expect(frame.scaledHeight == 64 && frame.scaledWidth == 64)
        let cubic = efficient.logits(low, frame: frame)
        #expect(relativeError(cubic, try #require(stored[name + ".efficientsam.logits"]).floats()) < 1e-5)
        let shares = Self.preprocessing(.medSAM).logits(low, frame: frame).map { $0 + 0.5 }
        #expect(relativeError(shares, try #require(stored[name + ".medsam.probabilities"]).floats()) < 1e-5)
        #expect(Set(atEveryWorkerCount { efficient.logits(low, frame: frame) }).count == 1)
    }

    /// The smallest value to 0, the largest to 255, before anything else.
    @Test func microSAMStretchesBytes() {
        let image = RGBImage(height: 1, width: 2, pixels: [10, 20, 30, 40, 50, 60])
        #expect(image.stretchedToBytes().pixels == [0, 51, 102, 153, 204, 255])
        let flat = RGBImage(height: 1, width: 1, pixels: [7, 7, 7])
        #expect(flat.stretchedToBytes().pixels == [7, 7, 7])
        let whole = RGBImage(height: 1, width: 1, pixels: [0, 9, 255])
        #expect(whole.stretchedToBytes().pixels == [0, 9, 255])
    }

    /// Grey 128 in SAM's own recipe, and in SAMed's.
    @Test func valuesAreThoseOfTheRecipe() {
        let grey = RGBImage(height: 64, width: 64, pixels: [UInt8](repeating: 128, count: 64 * 64 * 3))
        let sam = Self.preprocessing(.sam).input(grey).values
        #expect(zip(sam, [0.074, 0.205, 0.426]).allSatisfy { abs($0 - $1) < 1e-3 })
        let samed = Self.preprocessing(.samed).input(grey).values
        #expect(samed.allSatisfy { abs($0 - 128.0 / 255) < 1e-6 })
    }

    @Test func recipesSurviveTheConfiguration() throws {
        for (name, recipe) in PreprocessingRecipe.named {
            var configuration = SAMConfiguration.Preset.nano.configuration
            configuration.preprocessing = recipe
            #expect(try SAMConfiguration(json: configuration.json) == configuration, "\(name)")
            #expect(recipe.name == name)
        }
    }
}
