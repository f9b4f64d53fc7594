internal import Images
internal import Runtime

/// Contrast-limited adaptive histogram equalisation.
struct CLAHE: AugmentationOperation {
    static let specification = StepSpecification(
        "CLAHE", .pixels, "Lightness (L* of CIE L*a*b*) is equalised tile by tile, with limited contrast.",
        [
            ParameterSpecification(
                "clip_limit", .interval(1...256, .from(1)), 4, "Limit of a histogram's entries, in means of them."),
            ParameterSpecification(
                "tile_grid_size", .pair(1...64), [8, 8],
                "Columns and rows of tiles, in this order, as albumentations and OpenCV take them."),
            .probability(0.5),
        ])

    private let limit: DrawInterval
    private let tiles: (first: Int, second: Int)

    init(_ parameters: StepParameters) {
        limit = parameters.interval("clip_limit")
        tiles = parameters.pair("tile_grid_size")
    }

    func apply(to state: inout AugmentationState, random: inout CounterRandom) {
        let limit = limit.draw(&random)
        state.changeImage {
            // An image of fewer rows than tiles has tiles of one row.
            $0.contrastEqualised(
                clipLimit: limit, rows: min(tiles.second, $0.height), columns: min(tiles.first, $0.width))
        }
    }
}
