internal import KernelABI

/// A query's place in the grid.
@inline(__always) func place(_ places: UnsafePointer<Int32>?, _ query: Int) -> Int {
    if let places { Int(places[query]) } else { query }
}

/// Where the lanes of a block of queries stand in the grid, and what their relative position adds to the scores.
///
/// Along each axis a product of the table with the queries gives `products[row][lane]`; the term of key line `other` for a
/// query in line `own` is row `own - other + size - 1`.
@inline(__always) func relativeTerms(
    _ panels: FloatInput, size: Int, headSize: Int, _ queries: FloatInput, products: FloatOutput, terms: FloatOutput,
    registers: Int, place: (_ lane: Int) -> Int
) {
    let width = registers * lanes
    multiplyPanels(
        rows: 2 * size - 1, k: headSize, panels, panelStride: headSize * attentionRows, queries, into: products,
        registers: registers, adds: false)
    for lane in 0..<width {
        let first = products + (place(lane) + size - 1) * width + lane
        for other in 0..<size { terms[other * width + lane] = first[-other * width] }
    }
}

/// The backward of the gathering in ``relativeTerms``: `products` gets the gradient of each row, zero where no term came
/// from it.
@inline(__always) func scatterTerms(
    _ terms: FloatInput, size: Int, count: Int, products: FloatOutput, registers: Int, place: (_ lane: Int) -> Int
) {
    let width = registers * lanes
    let rows = AttentionSizes.padded(2 * size - 1, to: attentionRows)
    for index in 0..<rows * width { products[index] = 0 }
    for lane in 0..<count {
        let first = products + (place(lane) + size - 1) * width + lane
        for other in 0..<size { first[-other * width] = terms[other * width + lane] }
    }
}
