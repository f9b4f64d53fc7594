internal import KernelABI

// One vector register of this build's floats. SIMD types never appear in a signature that is not always inlined:
// Swift passes them in 128-bit pieces.
#if KERNEL_WIDE
    typealias Vector = SIMD16<Float>
    typealias VectorBits = SIMD16<Int32>
#elseif KERNEL_FMA
    typealias Vector = SIMD8<Float>
    typealias VectorBits = SIMD8<Int32>
#else
    typealias Vector = SIMD4<Float>
    typealias VectorBits = SIMD4<Int32>
#endif

/// Floats in a register.
@inline(always) var lanes: Int { Vector.scalarCount }

/// Loads a register from any address.
@inline(always) func load(_ source: FloatInput) -> Vector {
    UnsafeRawPointer(source).loadUnaligned(as: Vector.self)
}

/// Stores a register to any address.
@inline(always) func store(_ vector: Vector, _ target: FloatOutput) {
    UnsafeMutableRawPointer(target).storeBytes(of: vector, as: Vector.self)
}

/// All lanes equal.
@inline(always) func splat(_ value: Float) -> Vector { Vector(repeating: value) }

/// `acc + a * b`: fused where the build has FMA, two roundings in the baseline build, where `addingProduct` would
/// become a call of libm for every lane.
@inline(always) func madd(_ acc: Vector, _ a: Vector, _ b: Vector) -> Vector {
    #if KERNEL_FMA
        acc.addingProduct(a, b)
    #else
        acc + a * b
    #endif
}

/// The scalar form of ``madd(_:_:_:)-(Vector,_,_)``.
@inline(always) func madd(_ acc: Float, _ a: Float, _ b: Float) -> Float {
    #if KERNEL_FMA
        acc.addingProduct(a, b)
    #else
        acc + a * b
    #endif
}

/// The larger of each lane; `a` where `b` is not a number. (`pointwiseMax` makes weak duplicates across the builds.)
@inline(always) func larger(_ a: Vector, _ b: Vector) -> Vector { a.replacing(with: b, where: b .> a) }

/// The sum of the lanes, by halves.
@inline(always) func laneSum(_ vector: Vector) -> Float {
    #if KERNEL_WIDE
        let eight = vector.lowHalf + vector.highHalf
        let four = eight.lowHalf + eight.highHalf
    #elseif KERNEL_FMA
        let four = vector.lowHalf + vector.highHalf
    #else
        let four = vector
    #endif
    let two = four.lowHalf + four.highHalf
    return two[0] + two[1]
}

/// The largest lane, by halves.
@inline(always) func laneMaximum(_ vector: Vector) -> Float {
    #if KERNEL_WIDE
        let eight = vector.lowHalf.replacing(with: vector.highHalf, where: vector.highHalf .> vector.lowHalf)
        let four = eight.lowHalf.replacing(with: eight.highHalf, where: eight.highHalf .> eight.lowHalf)
    #elseif KERNEL_FMA
        let four = vector.lowHalf.replacing(with: vector.highHalf, where: vector.highHalf .> vector.lowHalf)
    #else
        let four = vector
    #endif
    let two = four.lowHalf.replacing(with: four.highHalf, where: four.highHalf .> four.lowHalf)
    return two[1] > two[0] ? two[1] : two[0]
}

/// Loads the `count` < `lanes` floats at `source`, the other lanes `fill`.
@inline(always) func loadPartial(_ source: FloatInput, _ count: Int, fill: Float = 0) -> Vector {
    var vector = splat(fill)
    withUnsafeMutableBytes(of: &vector) { bytes in
        let target = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
        for lane in 0..<count { target[lane] = source[lane] }
    }
    return vector
}

/// Stores the first `count` < `lanes` lanes.
@inline(always) func storePartial(_ vector: Vector, _ target: FloatOutput, _ count: Int) {
    withUnsafeBytes(of: vector) { bytes in
        let source = bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: Float.self)
        for lane in 0..<count { target[lane] = source[lane] }
    }
}

/// As ``loadPartial(_:_:fill:)``, for the ends of many short rows: half a register, as rows of whole eights end on, takes one
/// load instead of a detour through memory.
@_transparent func loadRest(_ source: FloatInput, _ count: Int, fill: Float = 0) -> Vector {
    #if KERNEL_WIDE
        if count == 8 {
            let half = UnsafeRawPointer(source).loadUnaligned(as: SIMD8<Float>.self)
            return Vector(lowHalf: half, highHalf: SIMD8(repeating: fill))
        }
    #endif
    return loadPartial(source, count, fill: fill)
}

/// As ``storePartial(_:_:_:)``, likewise.
@_transparent func storeRest(_ vector: Vector, _ target: FloatOutput, _ count: Int) {
    #if KERNEL_WIDE
        if count == 8 {
            UnsafeMutableRawPointer(target).storeBytes(of: vector.lowHalf, as: SIMD8<Float>.self)
            return
        }
    #endif
    storePartial(vector, target, count)
}
