import Layers
import Runtime
import Tensors
import TestSupport
import Testing

@Suite struct BilinearSamplesTests {
    /// Values and gradient against PyTorch's `grid_sample`, in float64, places outside of the picture among them.
    @Test func agreesWithPyTorch() throws {
        let fixture = try NumberFixture("Layers/samples.txt")
        let pictures = fixture.tensor("pictures", [3, 6, 5]).asLeaf()
        let samples = BilinearSamples(places: fixture["places"].map { Float($0) }, rows: 3)(pictures)
        #expect(samples.shape == [3, 11])
        #expect(relativeError(samples.values, fixture["values"]) < 1e-6)
        backward((samples * fixture.tensor("weights", [3, 11])).sum())
        #expect(relativeError(pictures.gradient?.values ?? [], fixture["gradient"]) < 1e-6)
    }

    /// In the middle of a cell the value is the cell's; half-way between two it is their mean; it is the last one's beyond.
    @Test func placesAreCountedFromTheCorner() {
        let picture = Tensor([1, 3, 5, 9], shape: [1, 2, 2])
        let places: [Float] = [0.5, 0.5, 1.5, 0.5, 1, 0.5, 1, 1, -4, -4, 7, 7]
        #expect(BilinearSamples(places: places, rows: 1)(picture).values == [1, 3, 2, 4.5, 1, 9])
    }

    /// Reading is linear: the gradient is the slope itself, whatever the size of the step.
    @Test func gradientIsThatOfFiniteDifferences() throws {
        var random = CounterRandom(seed: 4, purpose: RandomPurpose("samples"))
        let values = (0..<2 * 4 * 5).map { _ in Float(random.uniform(-1..<1)) }
        let samples = BilinearSamples(places: (0..<2 * 9 * 2).map { _ in Float(random.uniform(0..<5)) }, rows: 2)
        let leaf = Tensor(values, shape: [2, 4, 5]).asLeaf()
        backward(samples(leaf).sum())
        let gradient = try #require(leaf.gradient).values
        for index in values.indices {
            var (up, down) = (values, values)
            up[index] += 0.5
            down[index] -= 0.5
            let slope = samples(Tensor(up, shape: [2, 4, 5])).total - samples(Tensor(down, shape: [2, 4, 5])).total
            #expect(abs(slope - Double(gradient[index])) < 1e-5, "element \(index)")
        }
        #expect(gradient.contains { $0 != 0 })
    }

    @Test func bytesDoNotDependOnThreads() {
        var random = CounterRandom(seed: 5, purpose: RandomPurpose("samples"))
        let pictures = Tensor((0..<7 * 300).map { _ in Float(random.normal()) }, shape: [7, 15, 20])
        let samples = BilinearSamples(places: (0..<7 * 500 * 2).map { _ in Float(random.uniform(0..<20)) }, rows: 7)
        let results = atEveryWorkerCount {
            let leaf = pictures.asLeaf()
            let values = samples(leaf)
            backward((values * values).sum())
            return [values.values, leaf.gradient?.values ?? []]
        }
        #expect(results.allSatisfy { $0 == results[0] && !$0[1].isEmpty })
    }
}
