internal import KernelABI

// A register tile as the matrix product's, but with its left operand read where it lies: neighbouring output pixels are
// rows a fixed distance apart, so nothing is packed and nothing nine times the picture's size exists. Eight pixels in the
// widest build: lines are a power of two long more often than a multiple of twelve.
#if KERNEL_WIDE
    @inline(__always) var convolutionPixels: Int { 8 }
    typealias ConvolutionSums = InlineArray<16, Vector>
#else
    @inline(__always) var convolutionPixels: Int { 6 }
    typealias ConvolutionSums = InlineArray<12, Vector>
#endif

/// One line of output pixels for one panel of output channels; see ``ConvolutionLine``.
@inline(never) func convolutionLine(_ call: ConvolutionLine) {
    var pixel = 0
    while pixel < call.pixels {
        convolutionTile(call, pixel, min(convolutionPixels, call.pixels - pixel))
        pixel += convolutionPixels
    }
}

/// One tile, of which `pixels` count.
@inline(__always) func convolutionTile(_ call: ConvolutionLine, _ pixel: Int, _ pixels: Int) {
    let source = call.source + pixel * call.pixelStride
    let end = call.runs + call.runCount
    var run = call.runs
    var panel = call.panel
    var hasSums = false
    while true {
        let tile = chainProduct(&run, end, source, call.pixelStride, &panel)
        if run == end {
            switch call.activation {
            case .identity where pixels == convolutionPixels && call.columns == 2 * lanes:
                storeWhole(tile, call, pixel, hasSums)
            default:
                putAside(tile, call.sums, adds: hasSums)
                storeSums(call, pixel, pixels)
            }
            return
        }
        putAside(tile, call.sums, adds: hasSums)
        hasSums = true
    }
}

/// The sums over the runs of one chain; moves on to the next one.
@inline(__always) func chainProduct(
    _ run: inout UnsafePointer<ConvolutionRun>, _ end: UnsafePointer<ConvolutionRun>, _ source: FloatInput,
    _ pixelStride: Int, _ panel: inout FloatInput
) -> ConvolutionSums {
    var tile = ConvolutionSums(repeating: .zero)
    var isInside = true
    while isInside {
        var pixel = source + run.pointee.offset
        for _ in 0..<run.pointee.length {
            let left = load(panel)
            let right = load(panel + lanes)
            for row in 0..<convolutionPixels {
                let factor = splat(pixel[row * pixelStride])
                tile[2 * row] = madd(tile[2 * row], factor, left)
                tile[2 * row + 1] = madd(tile[2 * row + 1], factor, right)
            }
            pixel += 1
            panel += 2 * lanes
        }
        isInside = !run.pointee.endsChain
        run += 1
        if run == end { isInside = false }
    }
    return tile
}

/// `sums = tile`, or adds the tile to them.
@inline(__always) func putAside(_ tile: ConvolutionSums, _ sums: FloatOutput, adds: Bool) {
    // By rows: a loop over all registers is too long to be unrolled, and then the tile lives on the stack.
    if adds {
        for row in 0..<convolutionPixels {
            let target = sums + 2 * row * lanes
            store(tile[2 * row] + load(target), target)
            store(tile[2 * row + 1] + load(target + lanes), target + lanes)
        }
    } else {
        for row in 0..<convolutionPixels {
            let target = sums + 2 * row * lanes
            store(tile[2 * row], target)
            store(tile[2 * row + 1], target + lanes)
        }
    }
}

/// A whole tile without an activation, straight from the registers.
@inline(__always) func storeWhole(_ tile: ConvolutionSums, _ call: ConvolutionLine, _ pixel: Int, _ hasSums: Bool) {
    var (left, right) = (Vector.zero, Vector.zero)
    if let bias = call.bias { (left, right) = (load(bias), load(bias + lanes)) }
    let output = call.output + pixel * call.outputStride
    if hasSums {
        for row in 0..<convolutionPixels {
            let sums = call.sums + 2 * row * lanes
            let target = output + row * call.outputStride
            store(tile[2 * row] + load(sums) + left, target)
            store(tile[2 * row + 1] + load(sums + lanes) + right, target + lanes)
        }
    } else {
        for row in 0..<convolutionPixels {
            let target = output + row * call.outputStride
            store(tile[2 * row] + left, target)
            store(tile[2 * row + 1] + right, target + lanes)
        }
    }
}

/// Any part of a tile, from its sums.
@inline(__always) func storeSums(_ call: ConvolutionLine, _ pixel: Int, _ pixels: Int) {
    if let bias = call.bias {
        var part = 0
        while part < call.columns {
            let vector = loadSome(bias + part, min(lanes, call.columns - part))
            for row in 0..<pixels {
                let sums = call.sums + 2 * row * lanes + part
                store(load(sums) + vector, sums)
            }
            part += lanes
        }
    }
    activate(call.sums, 2 * pixels * lanes, call.activation)
    for row in 0..<pixels {
        let target = call.output + (pixel + row) * call.outputStride
        let sums = FloatInput(call.sums + 2 * row * lanes)
        var part = 0
        while part < call.columns {
            storeSome(load(sums + part), target + part, min(lanes, call.columns - part))
            part += lanes
        }
    }
}
