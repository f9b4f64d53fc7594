internal import KernelABI

// Loops over tiles of pixels. Where a table is read, a loop of its own does nothing else; the loops between them become
// vectors. All memory of a tile is one buffer, so that the compiler knows that its planes do not overlap.

private let tile = ToneKernels.tile

/// f is a straight line up to here, and a root beyond.
private let threshold: Float = 6.0 / 29

@inline(always) private func within(_ value: Float) -> Float {
    let positive = value > 0 ? value : 0
    return positive < 1 ? positive : 1
}

/// A number of at least 0 as the nearest whole one, halves upwards.
@inline(always) private func nearest(_ value: Float) -> Int32 {
    let whole = Int32(value)
    return value - Float(whole) >= 0.5 ? whole &+ 1 : whole
}

/// The light of `count` pixels in three planes.
@inline(always) private func light(_ pixels: ByteInput, _ count: Int, _ linear: FloatInput, _ planes: FloatOutput) {
    for index in 0..<count {
        planes[index] = linear[Int(pixels[3 &* index])]
        planes[tile &+ index] = linear[Int(pixels[3 &* index &+ 1])]
        planes[2 &* tile &+ index] = linear[Int(pixels[3 &* index &+ 2])]
    }
}

/// The two entries of the table between which each step lies.
@inline(always) private func entries(
    _ steps: UnsafePointer<Int32>, _ count: Int, _ roots: FloatInput, _ pairs: FloatOutput
) {
    let target = UnsafeMutableRawPointer(pairs)
    for index in 0..<count {
        let pair = UnsafeRawPointer(roots + Int(steps[index])).loadUnaligned(as: UInt64.self)
        target.storeBytes(of: pair, toByteOffset: 8 &* index, as: UInt64.self)
    }
}

@inline(never) func pixelLightness(
    _ pixels: ByteInput, _ count: Int, _ linear: FloatInput, _ roots: FloatInput, _ scratch: FloatOutput,
    _ output: ByteOutput
) {
    let places = Float(ToneKernels.steps)
    let shares = scratch + 3 &* tile
    let steps = UnsafeMutableRawPointer(scratch + 4 &* tile).assumingMemoryBound(to: Int32.self)
    let pairs = scratch + 6 &* tile
    var start = 0
    while start < count {
        let part = count &- start < tile ? count &- start : tile
        light(pixels + 3 &* start, part, linear, scratch)
        for index in 0..<part {
            let (r, g, b) = (scratch[index], scratch[tile &+ index], scratch[2 &* tile &+ index])
            let place = within(0.212_671 * r + 0.715_160 * g + 0.072_169 * b) * places
            let step = Int32(place)
            steps[index] = step
            shares[index] = place - Float(step)
        }
        entries(steps, part, roots, pairs)
        let target = output + start
        for index in 0..<part {
            let (low, high) = (pairs[2 &* index], pairs[2 &* index &+ 1])
            let value = (255.0 / 100) * (116 * (low + (high - low) * shares[index]) - 16)
            let positive = value > 0 ? value : 0
            target[index] = UInt8(truncatingIfNeeded: nearest(positive < 255 ? positive : 255))
        }
        start &+= tile
    }
}

/// Light of a value of f.
@inline(always) private func part(_ root: Float) -> Float {
    root > threshold ? root * root * root : 3 * threshold * threshold * (root - 4.0 / 29)
}

@inline(never) func relightPixels(
    _ pixels: ByteInput, _ old: ByteInput, _ new: ByteInput, _ count: Int, _ linear: FloatInput, _ roots: FloatInput,
    _ bytes: ByteInput, _ scratch: FloatOutput, _ output: ByteOutput
) {
    let steps = UnsafeMutableRawPointer(scratch + 3 &* tile).assumingMemoryBound(to: Int32.self)
    let pairs = scratch + 6 &* tile
    var start = 0
    while start < count {
        let part = count &- start < tile ? count &- start : tile
        light(pixels + 3 &* start, part, linear, scratch)
        placeLight(scratch, steps, part)
        for plane in 0..<3 {
            entries(steps + plane &* tile, part, roots, pairs + 2 &* plane &* tile)
        }
        moveLight(scratch, steps, pairs, old + start, new + start, part)
        let target = output + 3 &* start
        for index in 0..<part {
            target[3 &* index] = bytes[Int(steps[index])]
            target[3 &* index &+ 1] = bytes[Int(steps[tile &+ index])]
            target[3 &* index &+ 2] = bytes[Int(steps[2 &* tile &+ index])]
        }
        start &+= tile
    }
}

/// X, Y and Z of red, green and blue light, in parts of white, as steps of the table of roots and shares between them.
@inline(always) private func placeLight(_ planes: FloatOutput, _ steps: UnsafeMutablePointer<Int32>, _ count: Int) {
    let places = Float(ToneKernels.steps)
    for index in 0..<count {
        let (r, g, b) = (planes[index], planes[tile &+ index], planes[2 &* tile &+ index])
        let x = within(0.433_953 * r + 0.376_219 * g + 0.189_828 * b) * places
        let y = within(0.212_671 * r + 0.715_160 * g + 0.072_169 * b) * places
        let z = within(0.017_758 * r + 0.109_477 * g + 0.872_766 * b) * places
        let (stepX, stepY, stepZ) = (Int32(x), Int32(y), Int32(z))
        steps[index] = stepX
        steps[tile &+ index] = stepY
        steps[2 &* tile &+ index] = stepZ
        planes[index] = x - Float(stepX)
        planes[tile &+ index] = y - Float(stepY)
        planes[2 &* tile &+ index] = z - Float(stepZ)
    }
}

/// Moves the three values of f by the change of lightness, and puts the steps of the table of bytes in place of the others.
@inline(always) private func moveLight(
    _ shares: FloatInput, _ steps: UnsafeMutablePointer<Int32>, _ pairs: FloatInput, _ old: ByteInput, _ new: ByteInput,
    _ count: Int
) {
    let places = Float(ToneKernels.steps)
    for index in 0..<count {
        let shift = Float(Int32(new[index]) &- Int32(old[index])) * 100 / 255 / 116
        let (lowX, highX) = (pairs[2 &* index], pairs[2 &* index &+ 1])
        let (lowY, highY) = (pairs[2 &* tile &+ 2 &* index], pairs[2 &* tile &+ 2 &* index &+ 1])
        let (lowZ, highZ) = (pairs[4 &* tile &+ 2 &* index], pairs[4 &* tile &+ 2 &* index &+ 1])
        let x = 0.950_456 * part(lowX + (highX - lowX) * shares[index] + shift)
        let y = part(lowY + (highY - lowY) * shares[tile &+ index] + shift)
        let z = 1.088_754 * part(lowZ + (highZ - lowZ) * shares[2 &* tile &+ index] + shift)
        steps[index] = nearest(within(3.240_479 * x - 1.537_15 * y - 0.498_535 * z) * places)
        steps[tile &+ index] = nearest(within(-0.969_256 * x + 1.875_991 * y + 0.041_556 * z) * places)
        steps[2 &* tile &+ index] = nearest(within(0.055_648 * x - 0.204_043 * y + 1.057_311 * z) * places)
    }
}

@inline(never) func blendTables(
    _ values: ByteInput, _ count: Int, _ quads: UnsafePointer<UInt32>, _ sharesX: FloatInput, _ shareY: Float,
    _ scratch: FloatOutput, _ output: ByteOutput
) {
    let found = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt32.self)
    // Added, it leaves a number below 2^22 rounded to even in the lowest bits.
    let magic: Float = 12_582_912
    var start = 0
    while start < count {
        let part = count &- start < tile ? count &- start : tile
        for index in 0..<part { found[index] = quads[Int(values[start &+ index])] }
        for index in 0..<part {
            let quad = Int32(bitPattern: found[index])
            let share = sharesX[start &+ index]
            let (upperLeft, upperRight) = (Float(quad & 255), Float((quad &>> 8) & 255))
            let (lowerLeft, lowerRight) = (Float((quad &>> 16) & 255), Float((quad &>> 24) & 255))
            let upper = upperLeft * (1 - share) + upperRight * share
            let lower = lowerLeft * (1 - share) + lowerRight * share
            let value = upper * (1 - shareY) + lower * shareY
            let positive = value > 0 ? value : 0
            let rounded = (positive < 255 ? positive : 255) + magic
            output[start &+ index] = UInt8(truncatingIfNeeded: rounded.bitPattern)
        }
        start &+= tile
    }
}
