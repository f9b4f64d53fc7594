private import Kernels
private import Layers
internal import Runtime
private import SAM
internal import Tensors

/// Places at full resolution at which masks are compared with their labels, most of them where the mask is unsure.
///
/// Three times as many places as wanted are spread over the image; three quarters of those wanted are the ones among them
/// whose logits are nearest to 0, the others are further places of the same spread. Logits are bilinear between the cells of
/// the low-resolution mask, labels exact at the image's own resolution.
///
/// The spread is a lattice of two irrational steps with a random start (Roberts' R2 sequence): as uniform as independent
/// places, without their gaps and clusters, and two random numbers instead of many thousands.
/// Source: Kirillov et al., "PointRend", CVPR 2020; the constants as in SAM-HQ and EfficientViT-SAM.
struct LossPoints {
    /// Places of each mask.
    let count: Int
    private let oversampling = 3
    private let importantShare = 0.75
    /// 1 / g and 1 / g², g the root of x³ = x + 1.
    private static let steps = (x: 0.754_877_666_246_692_7, y: 0.569_840_290_998_053_2)

    private var important: Int { Int(Double(count) * importantShare) }

    /// - Parameters:
    ///   - masks: logits [P, M, L, L].
    ///   - targets: with labels, for P prompts.
    ///   - random: one stream a prompt.
    /// - Returns: the logits [P * M, 1, count], with gradients, and the labels' values there, [P * M, count].
    func compared(
        _ masks: Tensor, with targets: MaskTargets, random: [CounterRandom]
    ) -> (logits: Tensor, labels: Tensor) {
        let (prompts, perPrompt, side) = (masks.shape[0], masks.shape[1], masks.shape[2])
        precondition(
            targets.labels.count == prompts && random.count == prompts,
            "points of \(prompts) prompts with \(targets.labels.count) labels and \(random.count) streams")
        let rows = prompts * perPrompt
        if MemorySimulation.current != nil {
            // Only sizes matter: the places are not chosen, and their memory is never touched.
            let places = [Float](unsafeUninitializedCapacity: rows * count * 2) { $1 = rows * count * 2 }
            let samples = BilinearSamples(places: places, rows: rows)(masks.reshaped([rows, side, side]))
            return (samples.reshaped([rows, 1, count]), Tensor(zeros: [rows, count]))
        }
        var places = [Float](repeating: 0, count: rows * count * 2)
        var values = [Float](repeating: 0, count: rows * count)
        masks.withUnsafeBuffer { logits in
            places.withUnsafeMutableBufferPointer { places in
                values.withUnsafeMutableBufferPointer { values in
                    nonisolated(unsafe) let source = logits.baseAddress
                    nonisolated(unsafe) let (places, values) = (places.baseAddress, values.baseAddress)
                    Workers.forEachChunk(of: prompts, grain: 1) { range, _ in
                        guard let source, let places, let values else { return }
                        for prompt in range {
                            let spread = Spread(targets, prompt: prompt, side: side, random: random[prompt])
                            for row in prompt * perPrompt..<(prompt + 1) * perPrompt {
                                place(
                                    spread, logits: source + row * side * side, places: places + 2 * row * count,
                                    values: values + row * count)
                            }
                        }
                    }
                }
            }
        }
        let samples = BilinearSamples(places: places, rows: rows)(masks.reshaped([rows, side, side]))
        return (samples.reshaped([rows, 1, count]), Tensor(values, shape: [rows, count]))
    }

    /// Writes the places of one mask, x and y in cells, and the label's values there.
    private func place(
        _ spread: Spread, logits: UnsafePointer<Float>, places: UnsafeMutablePointer<Float>,
        values: UnsafeMutablePointer<Float>
    ) {
        let candidates = count * oversampling
        let chosen = withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * candidates) { scratch -> [Int] in
            guard let base = scratch.baseAddress else { return [] }
            for index in 0..<candidates { (base[2 * index], base[2 * index + 1]) = spread.cell(spread.place(index)) }
            BilinearSamples.read(
                logits, height: spread.side, width: spread.side, places: base, count: candidates,
                into: base + 2 * candidates)
            return LowestMagnitudes.indices(
                UnsafeBufferPointer(start: base + 2 * candidates, count: candidates), count: important)
        }
        for (slot, index) in (chosen + (candidates..<candidates + count - chosen.count)).enumerated() {
            let place = spread.place(index)
            (places[2 * slot], places[2 * slot + 1]) = spread.cell(place)
            values[slot] = spread.label.contains(row: Int(place.y), column: Int(place.x)) ? 1 : 0
        }
    }

    /// Places over one image.
    private struct Spread {
        let label: LabelPixels
        let side: Int
        private let start: (x: Double, y: Double)
        private let scale: (x: Double, y: Double)

        init(_ targets: MaskTargets, prompt: Int, side: Int, random: CounterRandom) {
            var random = random
            label = targets.labels[prompt]
            self.side = side
            start = (random.uniform(), random.uniform())
            let cells = Double(side) / Double(targets.frame.imageSize)
            scale = (targets.frame.scaleX * cells, targets.frame.scaleY * cells)
        }

        /// In pixels of the image, never on its right or lower edge.
        func place(_ index: Int) -> (x: Double, y: Double) {
            let x = start.x + Double(index) * LossPoints.steps.x
            let y = start.y + Double(index) * LossPoints.steps.y
            return (
                (x - x.rounded(.down)) * Double(label.width).nextDown,
                (y - y.rounded(.down)) * Double(label.height).nextDown
            )
        }

        /// A place in cells of the low-resolution mask.
        func cell(_ place: (x: Double, y: Double)) -> (Float, Float) {
            (Float(place.x * scale.x), Float(place.y * scale.y))
        }
    }
}
