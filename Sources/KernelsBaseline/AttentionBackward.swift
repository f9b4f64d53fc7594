internal import KernelABI

/// With P the softmax of the scores S = scale q kᵀ + terms, and O = P v:
/// dv = Pᵀ dO, dP = dO vᵀ, dS = P (dP - D) with D = rowsum(dO O), dq = scale dS k, dk = scale dSᵀ q.
@inline(never) func attentionBackward(_ pass: AttentionBackward) {
    var first = 0
    while first < pass.sizes.queries {
        let count = min(2 * lanes, pass.sizes.queries - first)
        if count > lanes {
            backwardBlock(pass, first, count, registers: 2)
        } else {
            backwardBlock(pass, first, count, registers: 1)
        }
        first += count
    }
}

/// The scratch memory of one block of queries; every array is a row of lanes for each of its lines.
struct AttentionBackwardScratch {
    let queries: FloatOutput
    let outputGradients: FloatOutput
    let queryGradients: FloatOutput
    let scores: FloatOutput
    let slopes: FloatOutput
    let products: FloatOutput
    let heightTerms: FloatOutput
    let widthTerms: FloatOutput
    let heightSlopes: FloatOutput
    let widthSlopes: FloatOutput
    /// Maximum, reciprocal of the sum, and D of each query.
    let statistics: FloatOutput
    /// A row a query, in panels two registers wide.
    let queryRows: FloatOutput
    let outputGradientRows: FloatOutput

    @inline(__always) init(_ pass: AttentionBackward, registers: Int) {
        let sizes = pass.sizes
        let width = registers * lanes
        let channels = AttentionSizes.padded(sizes.headSize, to: attentionRows)
        queries = pass.scratch
        outputGradients = queries + channels * width
        queryGradients = outputGradients + channels * width
        scores = queryGradients + channels * width
        slopes = scores + attentionKeyTile * width
        products = slopes + attentionKeyTile * width
        heightTerms =
            products + AttentionSizes.padded(max(sizes.heightRows, sizes.widthRows), to: attentionRows) * width
        widthTerms = heightTerms + sizes.gridHeight * width
        heightSlopes = widthTerms + sizes.gridWidth * width
        widthSlopes = heightSlopes + sizes.gridHeight * width
        statistics = widthSlopes + sizes.gridWidth * width
        queryRows = statistics + 3 * width
        outputGradientRows = queryRows + width * AttentionSizes.padded(sizes.headSize, to: 2 * lanes)
    }
}

/// One block of queries against all keys.
@inline(__always) func backwardBlock(_ pass: AttentionBackward, _ first: Int, _ count: Int, registers: Int) {
    let sizes = pass.sizes
    let width = registers * lanes
    let channels = AttentionSizes.padded(sizes.headSize, to: attentionRows)
    let columns = AttentionSizes.padded(sizes.headSize, to: 2 * lanes)
    let scratch = AttentionBackwardScratch(pass, registers: registers)
    prepareBlock(pass, scratch, first, count, registers: registers)
    for index in 0..<channels * width { scratch.queryGradients[index] = 0 }
    for index in 0..<(sizes.gridHeight + sizes.gridWidth) * width { scratch.heightSlopes[index] = 0 }

    var key = 0
    while key < sizes.keys {
        let keys = min(attentionKeyTile, sizes.keys - key)
        multiplyPanels(
            rows: keys, k: sizes.headSize, pass.keyPanels + key * sizes.headSize,
            panelStride: sizes.headSize * attentionRows, scratch.queries, into: scratch.scores, registers: registers,
            adds: false)
        multiplyPanels(
            rows: keys, k: sizes.headSize, pass.valuePanels + key * sizes.headSize,
            panelStride: sizes.headSize * attentionRows, scratch.outputGradients, into: scratch.slopes,
            registers: registers, adds: false)
        let biasPlace = first * sizes.keys + key * width
        if let biases = pass.biases { addRows(biases + biasPlace, to: scratch.scores, keys * width) }
        scoreSlopes(pass, scratch, key, keys, registers: registers)
        if let gradient = pass.biasGradient { copyRows(scratch.slopes, to: gradient + biasPlace, keys * width) }
        addRowProducts(
            rows: keys, scratch.scores, scratch.outputGradientRows, columns: columns,
            into: pass.valueGradient + key * columns, registers: registers)
        addRowProducts(
            rows: keys, scratch.slopes, scratch.queryRows, columns: columns, into: pass.keyGradient + key * columns,
            registers: registers)
        multiplyPanels(
            rows: channels, k: keys, pass.keyColumnPanels + key * attentionRows,
            panelStride: sizes.keys * attentionRows, scratch.slopes, into: scratch.queryGradients,
            registers: registers, adds: true)
        key += keys
    }
    if sizes.hasGrid { tableGradients(pass, scratch, first, count, registers: registers) }
    for lane in 0..<width { scratch.statistics[lane] = sizes.scale }
    unpackQueries(
        scratch.queryGradients, factors: scratch.statistics, count: count, channels: sizes.headSize,
        into: pass.queryGradient + first * pass.queryStride, stride: pass.queryStride, registers: registers)
}

/// Adds `count` floats, a whole number of registers.
@inline(__always) func addRows(_ source: FloatInput, to target: FloatOutput, _ count: Int) {
    var index = 0
    while index < count {
        store(load(target + index) + load(source + index), target + index)
        index += lanes
    }
}

/// Copies `count` floats, a whole number of registers.
@inline(__always) func copyRows(_ source: FloatInput, to target: FloatOutput, _ count: Int) {
    var index = 0
    while index < count {
        store(load(source + index), target + index)
        index += lanes
    }
}

/// Packs a block's queries and output gradients both ways round, and gathers its statistics. Lanes without a query get
/// a reciprocal of 0, so that their probabilities are 0.
@inline(__always) func prepareBlock(
    _ pass: AttentionBackward, _ scratch: AttentionBackwardScratch, _ first: Int, _ count: Int, registers: Int
) {
    let sizes = pass.sizes
    let width = registers * lanes
    let query = pass.query + first * pass.queryStride
    let gradient = pass.outputGradient + first * pass.outputStride
    let output = pass.output + first * pass.outputStride
    packQueries(
        query, stride: pass.queryStride, count: count, channels: sizes.headSize, scale: sizes.scale,
        into: scratch.queries, registers: registers)
    packQueries(
        gradient, stride: pass.outputStride, count: count, channels: sizes.headSize, scale: 1,
        into: scratch.outputGradients, registers: registers)
    packRows(query, pass.queryStride, count, sizes.headSize, sizes.scale, scratch.queryRows, registers: registers)
    packRows(gradient, pass.outputStride, count, sizes.headSize, 1, scratch.outputGradientRows, registers: registers)
    let reciprocals = scratch.statistics + width
    let dots = reciprocals + width
    for lane in 0..<width {
        guard lane < count else {
            scratch.statistics[lane] = 0
            reciprocals[lane] = 0
            dots[lane] = 0
            continue
        }
        let (o, g) = (output + lane * pass.outputStride, gradient + lane * pass.outputStride)
        scratch.statistics[lane] = pass.maxima[first + lane]
        reciprocals[lane] = pass.reciprocals[first + lane]
        dots[lane] = rowDot(o, g, sizes.headSize)
    }
    guard sizes.hasGrid else { return }
    let last = count - 1
    relativeTerms(
        pass.heightPanels, size: sizes.gridHeight, headSize: sizes.headSize, scratch.queries,
        products: scratch.products, terms: scratch.heightTerms, registers: registers
    ) { place(pass.places, first + min($0, last)) / sizes.gridWidth }
    relativeTerms(
        pass.widthPanels, size: sizes.gridWidth, headSize: sizes.headSize, scratch.queries,
        products: scratch.products, terms: scratch.widthTerms, registers: registers
    ) { place(pass.places, first + min($0, last)) % sizes.gridWidth }
}

/// Packs rows as B of ``addRowProducts``: panels two registers wide, a row a query, zero where there is none.
@inline(__always) func packRows(
    _ source: FloatInput, _ stride: Int, _ count: Int, _ channels: Int, _ scale: Float, _ target: FloatOutput,
    registers: Int
) {
    let width = registers * lanes
    var column = 0
    while column < channels {
        let here = min(2 * lanes, channels - column)
        let panel = target + column * width
        packPanels(source + column, 1, stride, here, count, 2 * lanes, scale, panel)
        for index in count * 2 * lanes..<width * 2 * lanes { panel[index] = 0 }
        column += 2 * lanes
    }
}

/// Turns a tile of scores into probabilities and a tile of their gradients into those of the scores, in place; sums the
/// latter over lines and columns of the grid. Rows that round the tile up become 0.
@inline(__always) func scoreSlopes(
    _ pass: AttentionBackward, _ scratch: AttentionBackwardScratch, _ firstKey: Int, _ keys: Int, registers: Int
) {
    let sizes = pass.sizes
    let width = registers * lanes
    for register in 0..<registers {
        let offset = register * lanes
        let maximum = load(scratch.statistics + offset)
        let reciprocal = load(scratch.statistics + width + offset)
        let dot = load(scratch.statistics + 2 * width + offset)
        let scores = scratch.scores + offset
        let slopes = scratch.slopes + offset
        var line = 0
        var column = 0
        if sizes.hasGrid { (line, column) = (firstKey / sizes.gridWidth, firstKey % sizes.gridWidth) }
        for row in 0..<keys {
            var score = load(scores + row * width)
            if sizes.hasGrid {
                score +=
                    load(scratch.heightTerms + line * width + offset)
                    + load(scratch.widthTerms + column * width + offset)
            }
            let probability = exponential(score - maximum) * reciprocal
            let slope = probability * (load(slopes + row * width) - dot)
            store(probability, scores + row * width)
            store(slope, slopes + row * width)
            if sizes.hasGrid {
                let height = scratch.heightSlopes + line * width + offset
                let width = scratch.widthSlopes + column * width + offset
                store(load(height) + slope, height)
                store(load(width) + slope, width)
                column += 1
                if column == sizes.gridWidth {
                    column = 0
                    line += 1
                }
            }
        }
        for row in keys..<AttentionSizes.padded(keys, to: attentionRows) {
            store(Vector.zero, scores + row * width)
            store(Vector.zero, slopes + row * width)
        }
    }
}

/// What flows through the terms of relative position: to the tables, and to the queries.
@inline(__always) func tableGradients(
    _ pass: AttentionBackward, _ scratch: AttentionBackwardScratch, _ first: Int, _ count: Int, registers: Int
) {
    let sizes = pass.sizes
    let columns = AttentionSizes.padded(sizes.headSize, to: 2 * lanes)
    let channels = AttentionSizes.padded(sizes.headSize, to: attentionRows)
    scatterTerms(
        scratch.heightSlopes, size: sizes.gridHeight, count: count, products: scratch.products, registers: registers
    ) { place(pass.places, first + $0) / sizes.gridWidth }
    addRowProducts(
        rows: sizes.heightRows, scratch.products, scratch.queryRows, columns: columns, into: pass.heightGradient,
        registers: registers)
    multiplyPanels(
        rows: channels, k: sizes.heightRows, pass.heightColumnPanels, panelStride: sizes.heightRows * attentionRows,
        scratch.products, into: scratch.queryGradients, registers: registers, adds: true)
    scatterTerms(
        scratch.widthSlopes, size: sizes.gridWidth, count: count, products: scratch.products, registers: registers
    ) { place(pass.places, first + $0) % sizes.gridWidth }
    addRowProducts(
        rows: sizes.widthRows, scratch.products, scratch.queryRows, columns: columns, into: pass.widthGradient,
        registers: registers)
    multiplyPanels(
        rows: channels, k: sizes.widthRows, pass.widthColumnPanels, panelStride: sizes.widthRows * attentionRows,
        scratch.products, into: scratch.queryGradients, registers: registers, adds: true)
}
