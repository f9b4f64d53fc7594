internal import Masks
internal import Runtime

/// A window of a stated size that shows some of an object.
struct CropNonEmptyMaskIfExists: AugmentationOperation {
    static let specification = StepSpecification(
        "CropNonEmptyMaskIfExists", .geometry,
        "Cut to a window of a stated size that holds a pixel of an object, where there is one: an object is drawn, each "
            + "as likely as the others, then a pixel of it. Groups of many count only where there are no single objects.",
        CropWindow.sizes + [.probability(1)])

    private let window: CropWindow

    init(_ parameters: StepParameters) {
        window = CropWindow(height: parameters.integer("height"), width: parameters.integer("width"))
    }

    func plan(_ footprint: inout AugmentationFootprint) { window.plan(&footprint) }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) throws {
        try window.pad(&state, step: Self.specification.name, random: &random)
        let masks = state.currentMasks()
        let present = masks.indices.filter { !masks[$0].isEmpty }
        let single = present.filter { !state.entries[$0].object.isCrowd }
        let choice = single.isEmpty ? present : single
        let (lastRow, lastColumn) = (state.height - window.height, state.width - window.width)
        var row = random.index(below: lastRow + 1)
        var column = random.index(below: lastColumn + 1)
        if !choice.isEmpty {
            let mask = masks[choice[random.index(below: choice.count)]]
            let pixel = mask.foregroundPixel(random.index(below: mask.area))
            row = min(lastRow, max(0, pixel.row - random.index(below: window.height)))
            column = min(lastColumn, max(0, pixel.column - random.index(below: window.width)))
        }
        state.crop(row: row, column: column, height: window.height, width: window.width)
    }
}

extension RLE {
    /// The n-th pixel of the foreground, down the columns from left to right; `n` is below the area.
    fileprivate func foregroundPixel(_ n: Int) -> (row: Int, column: Int) {
        var left = n
        var position = 0
        for (index, count) in counts.enumerated() {
            let count = Int(count)
            if index & 1 == 1 {
                if left < count { return ((position + left) % height, (position + left) / height) }
                left -= count
            }
            position += count
        }
        preconditionFailure("pixel \(n) of \(area)")
    }
}
