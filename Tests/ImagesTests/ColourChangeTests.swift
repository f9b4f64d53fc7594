import Foundation
import Images
import Kernels
import Runtime
import TestSupport
import Testing

@Suite struct ColourChangeTests {
    /// Colours of all kinds: noise, greys, pure and dark ones.
    static let image: RGBImage = {
        var random = CounterRandom(seed: 1, purpose: RandomPurpose("colour test"))
        var pixels = (0..<61 * 47 * 3).map { _ in UInt8(random.index(below: 256)) }
        let special: [UInt8] = [
            0, 0, 0, 255, 255, 255, 128, 128, 128, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0, 1, 0, 0, 254, 255, 255,
        ]
        pixels.replaceSubrange(0..<special.count, with: special)
        return RGBImage(height: 61, width: 47, pixels: pixels)
    }()

    /// One pixel, samples in 0...1.
    typealias Colour = SIMD3<Double>

    static func luma(_ c: Colour) -> Double { 0.299 * c.x + 0.587 * c.y + 0.114 * c.z }

    /// Hue in sixths, saturation, value.
    static func hsv(_ c: Colour) -> (h: Double, s: Double, v: Double) {
        let (top, low) = (c.max(), c.min())
        let chroma = top - low
        if chroma == 0 { return (0, 0, top) }
        let hue =
            top == c.x
            ? (c.y - c.z) / chroma : top == c.y ? 2 + (c.z - c.x) / chroma : 4 + (c.x - c.y) / chroma
        return (hue < 0 ? hue + 6 : hue, chroma / top, top)
    }

    static func colour(h: Double, s: Double, v: Double) -> Colour {
        let hue = h - 6 * (h / 6).rounded(.down)
        func channel(_ n: Double) -> Double {
            let k = (n + hue).truncatingRemainder(dividingBy: 6)
            return v - v * s * max(0, min(k, 4 - k, 1))
        }
        return Colour(channel(5), channel(3), channel(1))
    }

    static func changed(_ colours: [Colour], by change: ColourChange) -> [Colour] {
        let mean = colours.map(luma).reduce(0, +) / Double(colours.count)
        return colours.map { c in
            let result: Colour =
                switch change {
                case .scale(let factor, let offset): c * factor + offset
                case .contrast(let factor): c * factor + (1 - factor) * mean
                case .saturation(let factor): c * factor + (1 - factor) * luma(c)
                case .hue(let turn):
                    colour(h: hsv(c).h + 6 * turn, s: hsv(c).s, v: hsv(c).v)
                case .hsv(let hue, let saturation, let value):
                    colour(
                        h: hsv(c).h + 6 * hue, s: hsv(c).s == 0 ? 0 : min(1, max(0, hsv(c).s + saturation)),
                        v: min(1, max(0, hsv(c).v + value)))
                }
            return result.clamped(lowerBound: .zero, upperBound: .one)
        }
    }

    static let changes: [[ColourChange]] = [
        [.scale(factor: 1.3, offset: -0.1)], [.scale(factor: 0, offset: 0.5)], [.contrast(1.7)], [.contrast(0)],
        [.saturation(0)], [.saturation(2.5)], [.hue(0.1)], [.hue(-0.4)], [.hue(0.5)], [.hue(0.999)],
        [.hsv(hue: 0.3, saturation: 0.2, value: -0.1)], [.hsv(hue: 0, saturation: -0.6, value: 0.3)],
        [.scale(factor: 1.2, offset: 0), .contrast(0.7), .saturation(1.4), .hue(0.2)],
        [.hue(-0.3), .saturation(0.4), .contrast(1.6), .scale(factor: 0.8, offset: 0)],
    ]

    /// Against double precision. A sample has three bits behind the point: an eighth of a level a change, and the last
    /// rounding; a factor above 1 makes what came before larger.
    @Test(arguments: changes)
    func agreesWithDoublePrecision(changes: [ColourChange]) {
        let image = Self.image
        var colours = (0..<image.height * image.width).map { pixel in
            Colour(
                Double(image.pixels[3 * pixel]), Double(image.pixels[3 * pixel + 1]),
                Double(image.pixels[3 * pixel + 2]))
                / 255
        }
        for change in changes { colours = Self.changed(colours, by: change) }
        let found = image.changed(by: changes)
        var worst = 0.0
        for (pixel, colour) in colours.enumerated() {
            for channel in 0..<3 {
                worst = max(worst, abs(Double(found.pixels[3 * pixel + channel]) - 255 * colour[channel]))
            }
        }
        #expect(worst <= 0.5 + 0.6 * Double(changes.count), "\(worst) levels")
    }

    @Test(arguments: changes)
    func workersAndLevelsDoNotMatter(changes: [ColourChange]) {
        // Several chunks, and a last tile that is not full.
        let image = Self.image.resized(width: 300, height: 250)
        let results = atEveryWorkerCount { image.changed(by: changes) }
        #expect(results.allSatisfy { $0 == results[0] })
        for level in Kernels.available {
            #expect(Kernels.with(level) { image.changed(by: changes) } == results[0])
        }
    }

    @Test func nothingChangesNothing() {
        #expect(Self.image.changed(by: []) == Self.image)
        #expect(Self.image.changed(by: [.scale(factor: 1, offset: 0), .hue(0), .contrast(1)]) == Self.image)
        #expect(
            Self.image.changed(by: [.saturation(0)]).pixels.enumerated().allSatisfy { index, value in
                value == Self.image.changed(by: [.saturation(0)]).pixels[index / 3 * 3]
            })
    }

    @Test func meanLumaIsTheMean() {
        let image = Self.image
        var sum = 0.0
        for pixel in 0..<image.height * image.width {
            sum +=
                0.299 * Double(image.pixels[3 * pixel]) + 0.587 * Double(image.pixels[3 * pixel + 1])
                + 0.114 * Double(image.pixels[3 * pixel + 2])
        }
        #expect(abs(image.meanLuma - sum / 255 / Double(image.height * image.width)) < 1e-12)
    }

    @Test func tablesMapEachSample() {
        let table = (0..<256).map { UInt8(255 - $0) }
        #expect(Self.image.mapped(through: table).pixels == Self.image.pixels.map { 255 - $0 })
    }
}
