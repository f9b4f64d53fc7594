internal import KernelABI

/// Softmax attention for one head, key tile by key tile, with a running maximum and a running sum.
///
/// Source: Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018; Dao et al., "FlashAttention", 2022.
@inline(never) func attentionForward(_ pass: AttentionForward) {
    var first = 0
    while first < pass.count {
        let count = min(2 * lanes, pass.count - first)
        if count > lanes {
            forwardBlock(pass, first, count, registers: 2)
        } else {
            forwardBlock(pass, first, count, registers: 1)
        }
        first += count
    }
}

/// One block of queries against all keys.
@inline(__always) func forwardBlock(_ pass: AttentionForward, _ first: Int, _ count: Int, registers: Int) {
    let sizes = pass.sizes
    let width = registers * lanes
    let channels = AttentionSizes.padded(sizes.headSize, to: attentionRows)
    let queries = pass.scratch
    let sums = queries + channels * width
    let scores = sums + channels * width
    let products = scores + attentionKeyTile * width
    let heightTerms =
        products + AttentionSizes.padded(max(sizes.heightRows, sizes.widthRows), to: attentionRows) * width
    let widthTerms = heightTerms + sizes.gridHeight * width

    packQueries(
        pass.query + first * pass.queryStride, stride: pass.queryStride, count: count, channels: sizes.headSize,
        scale: sizes.scale, into: queries, registers: registers)
    if sizes.hasGrid {
        // Lanes without a query stand where the last query does; what they compute is dropped.
        let start = pass.firstQuery + first
        let last = count - 1
        relativeTerms(
            pass.heightPanels, size: sizes.gridHeight, headSize: sizes.headSize, queries, products: products,
            terms: heightTerms, registers: registers
        ) { place(pass.places, start + min($0, last)) / sizes.gridWidth }
        relativeTerms(
            pass.widthPanels, size: sizes.gridWidth, headSize: sizes.headSize, queries, products: products,
            terms: widthTerms, registers: registers
        ) { place(pass.places, start + min($0, last)) % sizes.gridWidth }
    }

    var maximum = InlineArray<2, Vector>(repeating: splat(-Float.infinity))
    var total = InlineArray<2, Vector>(repeating: Vector.zero)
    var key = 0
    while key < sizes.keys {
        let keys = min(attentionKeyTile, sizes.keys - key)
        multiplyPanels(
            rows: keys, k: sizes.headSize, pass.keyPanels + key * sizes.headSize,
            panelStride: sizes.headSize * attentionRows, queries, into: scores, registers: registers, adds: false)
        let earlier = maximum
        if sizes.hasGrid {
            addTerms(
                scores, key, keys, sizes.gridWidth, heightTerms, widthTerms, &maximum, registers: registers)
        } else if let biases = pass.biases {
            addBiases(
                scores, biases + first * sizes.keys + key * width, keys, &maximum, registers: registers)
        } else {
            for row in 0..<keys {
                for register in 0..<registers {
                    maximum[register] = larger(maximum[register], load(scores + row * width + register * lanes))
                }
            }
        }
        for register in 0..<registers {
            let peak = maximum[register]
            let factor = exponential(earlier[register] - peak)
            // The tile's own sum first: thousands of keys added to one running sum would round it away.
            var sum = Vector.zero
            let column = scores + register * lanes
            for row in 0..<keys {
                let e = exponential(load(column + row * width) - peak)
                sum += e
                store(e, column + row * width)
            }
            total[register] = madd(sum, total[register], factor)
            if key > 0 {
                let target = sums + register * lanes
                for channel in 0..<channels { store(load(target + channel * width) * factor, target + channel * width) }
            }
        }
        multiplyPanels(
            rows: channels, k: keys, pass.valuePanels + key * attentionRows, panelStride: sizes.keys * attentionRows,
            scores, into: sums, registers: registers, adds: key > 0)
        key += keys
    }
    finishBlock(pass, first, count, sums, scores, maximum, total, registers: registers)
}

/// Adds the terms of relative position to a tile of scores, and takes the maximum on the way.
@inline(__always) func addTerms(
    _ scores: FloatOutput, _ firstKey: Int, _ keys: Int, _ gridWidth: Int, _ heightTerms: FloatInput,
    _ widthTerms: FloatInput, _ maximum: inout InlineArray<2, Vector>, registers: Int
) {
    let width = registers * lanes
    var line = firstKey / gridWidth
    var column = firstKey % gridWidth
    var row = 0
    while row < keys {
        let end = min(keys, row + gridWidth - column)
        let lineTerms = heightTerms + line * width
        while row < end {
            for register in 0..<registers {
                let place = scores + row * width + register * lanes
                let terms = load(lineTerms + register * lanes) + load(widthTerms + column * width + register * lanes)
                let score = load(place) + terms
                maximum[register] = larger(maximum[register], score)
                store(score, place)
            }
            row += 1
            column += 1
        }
        column = 0
        line += 1
    }
}

/// Adds a bias to each score of a tile, and takes the maximum on the way.
@inline(__always) func addBiases(
    _ scores: FloatOutput, _ biases: FloatInput, _ keys: Int, _ maximum: inout InlineArray<2, Vector>, registers: Int
) {
    let width = registers * lanes
    for row in 0..<keys {
        for register in 0..<registers {
            let place = row * width + register * lanes
            let score = load(scores + place) + load(biases + place)
            maximum[register] = larger(maximum[register], score)
            store(score, scores + place)
        }
    }
}

/// Divides by the sums of exponentials, turns the block round, and notes what backward needs.
@inline(__always) func finishBlock(
    _ pass: AttentionForward, _ first: Int, _ count: Int, _ sums: FloatInput, _ scores: FloatOutput,
    _ maximum: InlineArray<2, Vector>, _ total: InlineArray<2, Vector>, registers: Int
) {
    // The tile of scores has done its work: it holds the factors now, and the maxima behind them.
    let peaks = scores + registers * lanes
    for register in 0..<registers {
        store(splat(1) / total[register], scores + register * lanes)
        store(maximum[register], peaks + register * lanes)
    }
    unpackQueries(
        sums, factors: scores, count: count, channels: pass.sizes.headSize,
        into: pass.output + first * pass.outputStride, stride: pass.outputStride, registers: registers)
    if let maxima = pass.maxima, let reciprocals = pass.reciprocals {
        for lane in 0..<count {
            maxima[first + lane] = peaks[lane]
            reciprocals[first + lane] = scores[lane]
        }
    }
}
