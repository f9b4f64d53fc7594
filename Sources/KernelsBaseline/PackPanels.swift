internal import KernelABI

#if KERNEL_WIDE
    private import CAVX512
#endif

/// Copies lanes by steps into panels; see ``GEMMKernels/packPanels``.
@inline(never) func packPanels(
    _ source: FloatInput, _ laneStride: Int, _ stepStride: Int, _ laneCount: Int, _ steps: Int, _ width: Int,
    _ scale: Float, _ panels: FloatOutput
) {
    #if KERNEL_WIDE
        // Shuffles of whole registers take half the time of those that Swift has.
        if laneStride == 1 || stepStride == 1 {
            return sd_wide_pack(source, laneStride, stepStride, laneCount, steps, width, scale, panels)
        }
    #endif
    var lane = 0
    while lane < laneCount {
        let count = min(width, laneCount - lane)
        let from = source + lane * laneStride
        let panel = panels + lane * steps
        if count < width {
            for index in 0..<steps * width { panel[index] = 0 }
        }
        if laneStride == 1 {
            packAlongLanes(from, stepStride, count, steps, width, scale, panel)
        } else if stepStride == 1 {
            packAlongSteps(from, laneStride, count, steps, width, scale, panel)
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

/// Lanes lie side by side in the source: each step is one short copy, of registers, then of eight and four floats, as A's
/// panels are narrower than a register.
@inline(always) func packAlongLanes(
    _ source: FloatInput, _ stepStride: Int, _ count: Int, _ steps: Int, _ width: Int, _ scale: Float,
    _ panel: FloatOutput
) {
    let factor = splat(scale)
    for step in 0..<steps {
        let from = source + step * stepStride
        let to = panel + step * width
        var lane = 0
        while lane + lanes <= count {
            store(load(from + lane) * factor, to + lane)
            lane += lanes
        }
        while lane + 8 <= count {
            store8(load8(from + lane) * SIMD8(repeating: scale), to + lane)
            lane += 8
        }
        while lane + 4 <= count {
            store4(load4(from + lane) * SIMD4(repeating: scale), to + lane)
            lane += 4
        }
        while lane < count {
            to[lane] = from[lane] * scale
            lane += 1
        }
    }
}

/// Steps lie side by side in the source: a transposition, four by four in registers; as many steps at a time as leave the
/// panel's part in the first-level cache.
@inline(always) func packAlongSteps(
    _ source: FloatInput, _ laneStride: Int, _ count: Int, _ steps: Int, _ width: Int, _ scale: Float,
    _ panel: FloatOutput
) {
    let stepsAtOnce = max(16, 2048 / width / 4 * 4)
    var first = 0
    while first < steps {
        let some = min(stepsAtOnce, steps - first)
        packSomeSteps(source + first, laneStride, count, some, width, scale, panel + first * width)
        first += stepsAtOnce
    }
}

@inline(always) func packSomeSteps(
    _ source: FloatInput, _ laneStride: Int, _ count: Int, _ steps: Int, _ width: Int, _ scale: Float,
    _ panel: FloatOutput
) {
    var lane = 0
    while lane + 4 <= count {
        let r0 = source + lane * laneStride
        let r1 = r0 + laneStride
        let r2 = r1 + laneStride
        let r3 = r2 + laneStride
        let to = panel + lane
        var step = 0
        while step + 4 <= steps {
            let rows = SIMD16<Float>(
                lowHalf: SIMD8(lowHalf: load4(r0 + step), highHalf: load4(r1 + step)),
                highHalf: SIMD8(lowHalf: load4(r2 + step), highHalf: load4(r3 + step)))
            let block = rows * SIMD16<Float>(repeating: scale)
            store4(block.evenHalf.evenHalf, to + step * width)
            store4(block.oddHalf.evenHalf, to + (step + 1) * width)
            store4(block.evenHalf.oddHalf, to + (step + 2) * width)
            store4(block.oddHalf.oddHalf, to + (step + 3) * width)
            step += 4
        }
        while step < steps {
            to[step * width] = r0[step] * scale
            to[step * width + 1] = r1[step] * scale
            to[step * width + 2] = r2[step] * scale
            to[step * width + 3] = r3[step] * scale
            step += 1
        }
        lane += 4
    }
    while lane < count {
        let from = source + lane * laneStride
        for step in 0..<steps { panel[step * width + lane] = from[step] * scale }
        lane += 1
    }
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
