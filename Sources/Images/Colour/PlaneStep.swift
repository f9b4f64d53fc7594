internal import KernelABI

/// A colour change with its numbers as the kernels take them: planes of samples of 0...2040, factors in parts of 4096.
struct PlaneStep: Sendable {
    private enum Kind: Sendable {
        case scale(factor: Int16, offset: Int16)
        case saturation(factor: Int16)
        case hue(shift: Int16)
        case hsv(hue: Float, saturation: Float, value: Float)
    }

    /// One after the other.
    private let kinds: [Kind]

    /// `factor sample + offset`, samples and offset in parts of full scale.
    init(factor: Double, offset: Double) {
        kinds = [.scale(factor: Self.factor(factor), offset: Int16((max(-8, min(8, offset)) * 2040).rounded()))]
    }

    /// Any change but one that needs the image's mean.
    init(_ change: ColourChange) {
        kinds =
            switch change {
            case .scale(let factor, let offset): PlaneStep(factor: factor, offset: offset).kinds
            case .contrast: preconditionFailure("contrast needs the mean of the image")
            case .saturation(let factor): [.saturation(factor: Self.factor(factor))]
            case .hue(let turn): [.hue(shift: Self.shift(turn))]
            case .hsv(let hue, let saturation, let value):
                [.hsv(hue: Float(6 * (hue - hue.rounded(.down))), saturation: Float(saturation), value: Float(value))]
            }
    }

    private static func factor(_ value: Double) -> Int16 {
        precondition(value >= 0 && value < 8, "a factor of \(value) is not in 0 ..< 8")
        return Int16(min(32_767, (value * 4096).rounded()))
    }

    /// Parts of the circle as sixths of it, 0 ..< 6, in parts of 4096.
    private static func shift(_ turn: Double) -> Int16 {
        let part = turn - turn.rounded(.down)
        return Int16(Int((part * 6 * 4096).rounded()) % (6 * 4096))
    }

    /// Changes `count` pixels of three planes, `stride` samples apart.
    func run(_ planes: UnsafeMutablePointer<Int16>, stride: Int, count: Int, _ table: PixelKernels) {
        for kind in kinds {
            switch kind {
            case .scale(let factor, let offset):
                for channel in 0..<3 { table.scale(planes + channel * stride, count, factor, offset) }
            case .saturation(let factor): table.saturate(planes, stride, count, factor)
            case .hue(let shift): if shift != 0 { table.turnHue(planes, stride, count, shift) }
            case .hsv(let hue, let saturation, let value):
                table.shiftHSV(planes, stride, count, hue, saturation, value)
            }
        }
    }
}
