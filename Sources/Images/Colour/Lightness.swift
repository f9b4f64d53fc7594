private import Foundation
internal import KernelABI

/// The lightness of CIE L*a*b* (D65) of sRGB colours, and colours of another lightness with the same a* and b*.
///
/// `L* = 116 f(Y / Yn) - 16`, `a* = 500 (f(X / Xn) - f(Y / Yn))`, `b* = 200 (f(Y / Yn) - f(Z / Zn))`: another L* moves the
/// three values of f by the same amount. Source: IEC 61966-2-1 (sRGB), CIE 15 (L*a*b*).
///
/// What is of one colour is the definition; what is of many uses kernels that give the same bits.
struct Lightness: Sendable {
    /// Steps of the tables over 0...1.
    private static let steps = ToneKernels.steps
    private static let threshold: Float = 6.0 / 29

    /// Linear light of each byte.
    private let linear: [Float]
    /// f at each step.
    private let roots: [Float]
    /// The byte of each step of linear light.
    private let bytes: [UInt8]

    /// Tables are made once.
    static let shared = Lightness()

    private init() {
        linear = (0..<256).map { value in
            let part = Double(value) / 255
            return Float(part <= 0.04045 ? part / 12.92 : Foundation.pow((part + 0.055) / 1.055, 2.4))
        }
        roots = (0...Self.steps + 1).map { step in
            let part = Double(step) / Double(Self.steps)
            return Float(part > 216.0 / 24_389 ? Foundation.cbrt(part) : (24_389.0 / 27 * part + 16) / 116)
        }
        bytes = (0...Self.steps).map { step in
            let part = Double(step) / Double(Self.steps)
            let encoded = part <= 0.0031308 ? 12.92 * part : 1.055 * Foundation.pow(part, 1 / 2.4) - 0.055
            return UInt8((255 * encoded).rounded())
        }
    }

    /// f of X, Y and Z, each in parts of white.
    private func roots(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> (x: Float, y: Float, z: Float) {
        let (r, g, b) = (linear[Int(red)], linear[Int(green)], linear[Int(blue)])
        func root(_ part: Float) -> Float {
            let place = min(1, max(0, part)) * Float(Self.steps)
            let step = Int(place)
            return roots[step] + (roots[step + 1] - roots[step]) * (place - Float(step))
        }
        return (
            root(0.433_953 * r + 0.376_219 * g + 0.189_828 * b), root(0.212_671 * r + 0.715_160 * g + 0.072_169 * b),
            root(0.017_758 * r + 0.109_477 * g + 0.872_766 * b)
        )
    }

    /// L* in 0...255 of `count` pixels.
    ///
    /// - Parameter scratch: `ToneKernels.scratchCount` floats.
    func values(
        of pixels: UnsafePointer<UInt8>, count: Int, _ kernels: ToneKernels, scratch: UnsafeMutablePointer<Float>,
        into output: UnsafeMutablePointer<UInt8>
    ) {
        linear.withUnsafeBufferPointer { linear in
            roots.withUnsafeBufferPointer { roots in
                kernels.lightness(
                    pixels, count, linear.baseAddress.unsafelyUnwrapped, roots.baseAddress.unsafelyUnwrapped, scratch,
                    output)
            }
        }
    }

    /// `count` pixels with their L* changed from one value to another.
    ///
    /// - Parameters:
    ///   - old: their L* in 0...255.
    ///   - new: the one that they get, cut to what bytes can hold.
    ///   - scratch: `ToneKernels.scratchCount` floats.
    func move(
        _ pixels: UnsafePointer<UInt8>, from old: UnsafePointer<UInt8>, to new: UnsafePointer<UInt8>, count: Int,
        _ kernels: ToneKernels, scratch: UnsafeMutablePointer<Float>, into output: UnsafeMutablePointer<UInt8>
    ) {
        linear.withUnsafeBufferPointer { linear in
            roots.withUnsafeBufferPointer { roots in
                bytes.withUnsafeBufferPointer { bytes in
                    kernels.relight(
                        pixels, old, new, count, linear.baseAddress.unsafelyUnwrapped,
                        roots.baseAddress.unsafelyUnwrapped, bytes.baseAddress.unsafelyUnwrapped, scratch, output)
                }
            }
        }
    }

    /// L* in 0...255.
    func value(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
        UInt8(min(255, max(0, (255.0 / 100 * (116 * roots(red, green, blue).y - 16)).rounded())))
    }

    /// The colour with its L* changed by `change` of 255 parts, cut to what bytes can hold.
    func colour(_ red: UInt8, _ green: UInt8, _ blue: UInt8, change: Int) -> (UInt8, UInt8, UInt8) {
        let old = roots(red, green, blue)
        let shift = Float(change) * 100 / 255 / 116
        func part(_ root: Float) -> Float {
            root > Self.threshold ? root * root * root : 3 * Self.threshold * Self.threshold * (root - 4.0 / 29)
        }
        let (x, y, z) = (0.950_456 * part(old.x + shift), part(old.y + shift), 1.088_754 * part(old.z + shift))
        func byte(_ light: Float) -> UInt8 { bytes[Int((min(1, max(0, light)) * Float(Self.steps)).rounded())] }
        return (
            byte(3.240_479 * x - 1.537_15 * y - 0.498_535 * z), byte(-0.969_256 * x + 1.875_991 * y + 0.041_556 * z),
            byte(0.055_648 * x - 0.204_043 * y + 1.057_311 * z)
        )
    }
}
