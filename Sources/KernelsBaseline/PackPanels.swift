internal import KernelABI

/// Copies lanes by steps into panels; see ``GEMMKernels/packPanels``.
@inline(never) func packPanels(
    _ source: FloatInput, _ laneStride: Int, _ stepStride: Int, _ laneCount: Int, _ steps: Int, _ width: Int,
    _ scale: Float, _ panels: FloatOutput
) {
    var lane = 0
    while lane < laneCount {
        let count = min(width, laneCount - lane)
        let from = source + lane * laneStride
        let panel = panels + lane * steps
        if count < width {
            for index in 0..<steps * width { panel[index] = 0 }
        }
        if laneStride == 1 {
            packAlongLanes(from, from, adds: false, stepStride, count, steps, width, scale, panel)
        } else if stepStride == 1 {
            packAlongSteps(from, from, adds: false, laneStride, count, steps, width, scale, panel)
        } else {
            for step in 0..<steps {
                for index in 0..<count {
                    panel[step * width + index] = scale * from[index * laneStride + step * stepStride]
                }
            }
        }
        lane += width
    }
}

/// The same of the sum of two matrices; see ``GEMMKernels/packPanelSums``.
@inline(never) func packPanelSums(
    _ source: FloatInput, _ addend: FloatInput, _ laneStride: Int, _ stepStride: Int, _ laneCount: Int, _ steps: Int,
    _ width: Int, _ panels: FloatOutput
) {
    var lane = 0
    while lane < laneCount {
        let count = min(width, laneCount - lane)
        let (from, other) = (source + lane * laneStride, addend + lane * laneStride)
        let panel = panels + lane * steps
        if count < width {
            for index in 0..<steps * width { panel[index] = 0 }
        }
        if laneStride == 1 {
            packAlongLanes(from, other, adds: true, stepStride, count, steps, width, 1, panel)
        } else if stepStride == 1 {
            packAlongSteps(from, other, adds: true, laneStride, count, steps, width, 1, panel)
        } else {
            for step in 0..<steps {
                for index in 0..<count {
                    let place = index * laneStride + step * stepStride
                    panel[step * width + index] = from[place] + other[place]
                }
            }
        }
        lane += width
    }
}

/// Lanes lie side by side in the source: each step is one short copy, of registers, then of eight and four floats, as A's
/// panels are narrower than a register.
///
/// `adds` is a literal: whether `addend` is added, otherwise the numbers are scaled.
@inline(always) func packAlongLanes(
    _ source: FloatInput, _ addend: FloatInput, adds: Bool, _ stepStride: Int, _ count: Int, _ steps: Int,
    _ width: Int, _ scale: Float, _ panel: FloatOutput
) {
    let factor = splat(scale)
    for step in 0..<steps {
        let from = source + step * stepStride
        let other = addend + step * stepStride
        let to = panel + step * width
        var lane = 0
        while lane + lanes <= count {
            store(adds ? load(from + lane) + load(other + lane) : load(from + lane) * factor, to + lane)
            lane += lanes
        }
        while lane + 8 <= count {
            let eight = load8(from + lane)
            store8(adds ? eight + load8(other + lane) : eight * SIMD8(repeating: scale), to + lane)
            lane += 8
        }
        while lane + 4 <= count {
            let four = load4(from + lane)
            store4(adds ? four + load4(other + lane) : four * SIMD4(repeating: scale), to + lane)
            lane += 4
        }
        while lane < count {
            to[lane] = adds ? from[lane] + other[lane] : from[lane] * scale
            lane += 1
        }
    }
}

/// Steps lie side by side in the source: a transposition, four by four in registers. `adds` as in ``packAlongLanes``.
@inline(always) func packAlongSteps(
    _ source: FloatInput, _ addend: FloatInput, adds: Bool, _ laneStride: Int, _ count: Int, _ steps: Int,
    _ width: Int, _ scale: Float, _ panel: FloatOutput
) {
    var lane = 0
    while lane + 4 <= count {
        let from = source + lane * laneStride
        let other = addend + lane * laneStride
        let to = panel + lane
        var step = 0
        while step + 4 <= steps {
            let rows = load4Rows(from + step, laneStride)
            let block = adds ? rows + load4Rows(other + step, laneStride) : rows * SIMD16<Float>(repeating: scale)
            store4(block.evenHalf.evenHalf, to + step * width)
            store4(block.oddHalf.evenHalf, to + (step + 1) * width)
            store4(block.evenHalf.oddHalf, to + (step + 2) * width)
            store4(block.oddHalf.oddHalf, to + (step + 3) * width)
            step += 4
        }
        while step < steps {
            for index in 0..<4 {
                let place = index * laneStride + step
                to[step * width + index] = adds ? from[place] + other[place] : from[place] * scale
            }
            step += 1
        }
        lane += 4
    }
    while lane < count {
        let from = source + lane * laneStride
        let other = addend + lane * laneStride
        for step in 0..<steps {
            panel[step * width + lane] = adds ? from[step] + other[step] : from[step] * scale
        }
        lane += 1
    }
}

/// Four floats of each of four rows.
@inline(always) func load4Rows(_ source: FloatInput, _ stride: Int) -> SIMD16<Float> {
    SIMD16<Float>(
        lowHalf: SIMD8(lowHalf: load4(source), highHalf: load4(source + stride)),
        highHalf: SIMD8(lowHalf: load4(source + 2 * stride), highHalf: load4(source + 3 * stride)))
}

@inline(always) func load4(_ source: FloatInput) -> SIMD4<Float> {
    UnsafeRawPointer(source).loadUnaligned(as: SIMD4<Float>.self)
}

@inline(always) func store4(_ vector: SIMD4<Float>, _ target: FloatOutput) {
    UnsafeMutableRawPointer(target).storeBytes(of: vector, as: SIMD4<Float>.self)
}

@inline(always) func load8(_ source: FloatInput) -> SIMD8<Float> {
    UnsafeRawPointer(source).loadUnaligned(as: SIMD8<Float>.self)
}

@inline(always) func store8(_ vector: SIMD8<Float>, _ target: FloatOutput) {
    UnsafeMutableRawPointer(target).storeBytes(of: vector, as: SIMD8<Float>.self)
}
