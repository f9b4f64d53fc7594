internal import Images
internal import Masks
internal import Runtime

/// Several samples in a grid, of which a window is seen.
struct Mosaic: AugmentationOperation {
    static let specification = StepSpecification(
        "Mosaic", .mixing,
        "This sample and others fill the cells of a grid, of which a window around a drawn centre is seen. The sample "
            + "itself is in the cell of the centre.",
        [
            ParameterSpecification("grid_yx", .pair(1...8), [2, 2], "Rows and columns of cells."),
            ParameterSpecification("target_size", .pair(1...16_384), [512, 512], "Height and width of the result."),
            ParameterSpecification("cell_shape", .pair(1...16_384), [512, 512], "Height and width of a cell."),
            ParameterSpecification(
                "center_range", .interval(0...1, .fixed), [0.3, 0.7], "Centre of the window, in parts of the grid."),
            ParameterSpecification(
                "fit_mode", .choice(["cover", "contain"]), "cover",
                "Whether a sample is cut to fill its cell, or padded to fit into it."),
            .fill, .probability(0.5),
        ])

    private let grid: (first: Int, second: Int)
    private let target: (first: Int, second: Int)
    private let cell: (first: Int, second: Int)
    private let center: DrawInterval
    private let covers: Bool
    private let fill: RGBColour

    var needsPartners: Bool { true }

    init(_ parameters: StepParameters) {
        grid = parameters.pair("grid_yx")
        target = parameters.pair("target_size")
        cell = parameters.pair("cell_shape")
        center = parameters.interval("center_range")
        covers = parameters.word("fit_mode") == "cover"
        fill = parameters.rgb("fill")
    }

    func plan(_ footprint: inout AugmentationFootprint) {
        footprint.mosaic(
            cells: grid.first * grid.second, cellPixels: cell.first * cell.second, height: target.first,
            width: target.second)
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) throws {
        let rows = window(cells: grid.first, cell: cell.first, target: target.first, random: &random)
        let columns = window(cells: grid.second, cell: cell.second, target: target.second, random: &random)
        let home = (
            row: min(grid.first - 1, max(0, (rows.lowerBound + rows.upperBound) / 2 / cell.first)),
            column: min(grid.second - 1, max(0, (columns.lowerBound + columns.upperBound) / 2 / cell.second))
        )
        var image = RGBImage(height: target.first, width: target.second, filling: fill)
        var own: [AugmentationState.Entry] = []
        var others: [AugmentationState.Entry] = []
        for row in 0..<grid.first {
            for column in 0..<grid.second {
                // Drawn for every cell, seen or not, so that the draws do not depend on the window.
                let number = random.index(below: state.partners.count)
                var nested = random.nested()
                let tall = (row * cell.first..<(row + 1) * cell.first).clamped(to: rows)
                let wide = (column * cell.second..<(column + 1) * cell.second).clamped(to: columns)
                if tall.isEmpty || wide.isEmpty { continue }
                let isHome = row == home.row && column == home.column
                var piece =
                    isHome ? state : AugmentationState(try state.partners.sample(number), dropRule: state.dropRule)
                try fit(&piece, random: &nested)
                piece.crop(
                    row: tall.lowerBound - row * cell.first, column: wide.lowerBound - column * cell.second,
                    height: tall.count, width: wide.count)
                piece.settle()
                let (top, left) = (tall.lowerBound - rows.lowerBound, wide.lowerBound - columns.lowerBound)
                image.replace(row: top, column: left, with: piece.image)
                let placed = piece.entries.map { entry -> AugmentationState.Entry in
                    var entry = entry
                    // What lies outside of the cell must not come up in the next one.
                    entry.object.points.removeAll { !$0.isInside(height: tall.count, width: wide.count) }
                    return self.placed(entry, top: top, left: left, partner: isHome ? nil : number)
                }
                if isHome { own = placed } else { others += placed }
            }
        }
        // Partners' objects that are not in the picture were never part of it.
        state.replace(image: image, entries: own + others.filter { !$0.object.mask.isEmpty })
    }

    /// The part of the grid that is seen along an axis; it reaches beyond the grid only where that is smaller.
    private func window(cells: Int, cell: Int, target: Int, random: inout CounterRandom) -> Range<Int> {
        let length = cells * cell
        let start = Int((center.draw(&random) * Double(length)).rounded()) - target / 2
        let first = length >= target ? min(length - target, max(0, start)) : (length - target) / 2
        return first..<first + target
    }

    /// Brings a sample to the size of a cell.
    private func fit(_ piece: inout AugmentationState, random: inout CounterRandom) throws {
        let (tall, wide) = (Double(cell.first) / Double(piece.height), Double(cell.second) / Double(piece.width))
        let factor = covers ? max(tall, wide) : min(tall, wide)
        let height = length(piece.height, factor, cell.first)
        let width = length(piece.width, factor, cell.second)
        piece.resize(height: height, width: width)
        if covers {
            piece.crop(
                row: random.index(below: height - cell.first + 1), column: random.index(below: width - cell.second + 1),
                height: cell.first, width: cell.second)
        } else {
            try PadPosition.center.pad(
                &piece, height: cell.first, width: cell.second, fill: fill, border: .constant,
                random: &random)
        }
    }

    /// A side after scaling: at least the cell's when it is to be covered, at most when it is to be contained.
    private func length(_ side: Int, _ factor: Double, _ cell: Int) -> Int {
        let scaled = Int((Double(side) * factor).rounded())
        return covers ? max(cell, scaled) : min(cell, max(1, scaled))
    }

    private func placed(
        _ entry: AugmentationState.Entry, top: Int, left: Int, partner: Int?
    ) -> AugmentationState.Entry {
        var entry = entry
        entry.object.mask = entry.object.mask.placed(
            height: target.first, width: target.second, top: top, left: left)
        for index in entry.object.points.indices {
            entry.object.points[index].x += Double(left)
            entry.object.points[index].y += Double(top)
        }
        entry.object.partner = partner ?? entry.object.partner
        return entry
    }
}
