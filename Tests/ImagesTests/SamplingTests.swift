import Foundation
import Images
import Kernels
import Runtime
import TestSupport
import Testing

/// Interpolations and borders against slow references, and against OpenCV.
@Suite struct SamplingTests {
    static let fill = RGBColour(200, 10, 90)

    static func noise(height: Int, width: Int) -> RGBImage {
        var random = CounterRandom(seed: 5, purpose: RandomPurpose("sampling"))
        return RGBImage(
            height: height, width: width,
            pixels: (0..<height * width * 3).map { _ in UInt8(truncatingIfNeeded: random.index(below: 256)) })
    }

    // MARK: References

    /// The weight of a pixel at a distance from a place.
    static func weight(_ interpolation: Interpolation, _ distance: Double) -> Double {
        let d = abs(distance)
        switch interpolation {
        case .nearest: return distance >= -0.5 && distance < 0.5 ? 1 : 0
        case .linear, .area: return max(0, 1 - d)
        case .cubic:
            if d < 1 { return 1.25 * d * d * d - 2.25 * d * d + 1 }
            return d < 2 ? -0.75 * d * d * d + 3.75 * d * d - 6 * d + 3 : 0
        case .lanczos:
            if d == 0 { return 1 }
            return d < 4 ? 4 * sin(.pi * d) * sin(.pi * d / 4) / (.pi * .pi * d * d) : 0
        }
    }

    /// The value of a channel at a place outside or inside; lines are walked pixel by pixel.
    static func value(_ image: RGBImage, _ row: Int, _ column: Int, _ channel: Int, _ border: BorderMode) -> Double {
        func walked(_ position: Int, _ length: Int) -> Int? {
            if border == .constant { return (0..<length).contains(position) ? position : nil }
            // Patterns spelled out over many copies of the line.
            let line = Array(0..<length)
            let copies: [Int]
            switch border {
            case .constant, .wrap: copies = line
            case .reflect: copies = line + line.reversed()
            case .reflect101: copies = length == 1 ? line : line + line.dropFirst().dropLast().reversed()
            case .replicate: return min(length - 1, max(0, position))
            }
            var index = 0
            let step = position < 0 ? -1 : 1
            for _ in 0..<abs(position) { index = (index + step + copies.count) % copies.count }
            return copies[index]
        }
        guard let r = walked(row, image.height), let c = walked(column, image.width) else {
            return Double([fill.red, fill.green, fill.blue][channel])
        }
        return Double(image.pixels[(r * image.width + c) * 3 + channel])
    }

    /// What a place is worth: the sum over all pixels near it, by weights that add up to 1.
    static func reference(
        _ image: RGBImage, x: Double, y: Double, _ interpolation: Interpolation, _ border: BorderMode
    ) -> [Double] {
        let reach = 4
        let (row, column) = (Int(y.rounded(.down)), Int(x.rounded(.down)))
        var (sums, total) = ([0.0, 0, 0], 0.0)
        for r in row - reach...row + reach + 1 {
            let down = weight(interpolation, y - Double(r))
            if down == 0 { continue }
            for c in column - reach...column + reach + 1 {
                let weight = down * weight(interpolation, x - Double(c))
                if weight == 0 { continue }
                total += weight
                for channel in 0..<3 { sums[channel] += weight * value(image, r, c, channel, border) }
            }
        }
        return sums.map { min(255, max(0, $0 / total)) }
    }

    /// How far a colour is from the reference. Of the nearest pixels of a place that is between two but for rounding, either
    /// will do.
    static func difference(
        of made: [Double], from image: RGBImage, x: Double, y: Double, _ interpolation: Interpolation,
        _ border: BorderMode
    ) -> Double {
        let steps = interpolation == .nearest ? [-1e-6, 1e-6] : [0]
        let differences = steps.flatMap { down in
            steps.map { across in
                zip(made, reference(image, x: x + across, y: y + down, interpolation, border))
                    .reduce(0) { max($0, abs($1.0 - $1.1)) }
            }
        }
        return differences.min() ?? .infinity
    }

    // MARK: Borders

    @Test func bordersAreOpenCVsWords() {
        func line(_ border: BorderMode) -> String {
            (-6..<10).map { position in
                border.position(position, length: 4).map { String(Array("abcd")[$0]) } ?? "."
            }.joined()
        }
        #expect(line(.constant) == "......abcd......")
        #expect(line(.replicate) == "aaaaaaabcddddddd")
        #expect(line(.reflect) == "cddcbaabcddcbaab")
        #expect(line(.reflect101) == "abcdcbabcdcbabcd")
        #expect(line(.wrap) == "cdabcdabcdabcdab")
        for border in BorderMode.allCases where border != .constant {
            #expect((-7..<7).allSatisfy { border.position($0, length: 1) == 0 })
        }
    }

    // MARK: Any warp

    private static let warps = [
        WarpTests.Straight(height: 19, width: 23, x: -4.3, y: -3.25, dx: 0.9, dy: 0.4, ex: -0.35, ey: 0.85),
        WarpTests.Straight(height: 9, width: 31, x: 20.2, y: 15, dx: -1.7, dy: 0.3, ex: 0.1, ey: -2.1),
        WarpTests.Straight(height: 12, width: 12, x: -30, y: 41, dx: 2, dy: -1, ex: 3, ey: -4),
    ]

    @Test(arguments: Interpolation.allCases, BorderMode.allCases)
    func placesAreTheReferences(interpolation: Interpolation, border: BorderMode) {
        let image = Self.noise(height: 13, width: 17)
        for warp in Self.warps {
            let results = atEveryWorkerCount {
                image.sampled(
                    by: warp, rows: 0..<13, columns: 0..<17, interpolation: interpolation, border: border,
                    fill: Self.fill)
            }
            for result in results { #expect(result == results[0]) }
            var worst = 0.0
            for row in 0..<warp.height {
                for column in 0..<warp.width {
                    let x = warp.x + Double(column) * warp.dx + Double(row) * warp.ex
                    let y = warp.y + Double(column) * warp.dy + Double(row) * warp.ey
                    let made = (0..<3).map { Double(results[0].pixels[(row * warp.width + column) * 3 + $0]) }
                    worst = max(worst, Self.difference(of: made, from: image, x: x, y: y, interpolation, border))
                }
            }
            // Half a level of rounding, and 1/2048 of a pixel of a picture as steep as can be.
            #expect(worst <= (interpolation == .nearest ? 0 : 0.9), "\(worst)")
        }
    }

    /// A window of the source has the border at its own edges.
    @Test(arguments: BorderMode.allCases) func windowsHaveTheirOwnBorder(border: BorderMode) {
        let image = Self.noise(height: 20, width: 22)
        let warp = WarpTests.Straight(height: 18, width: 18, x: 1, y: 1, dx: 1, dy: 0.2, ex: -0.2, ey: 1)
        let window = image.cropped(row: 4, column: 6, height: 9, width: 8)
        let moved = WarpTests.Straight(
            height: 18, width: 18, x: 1 - 6, y: 1 - 4, dx: 1, dy: 0.2, ex: -0.2, ey: 1)
        let a = image.sampled(
            by: warp, rows: 4..<13, columns: 6..<14, interpolation: .cubic, border: border, fill: Self.fill)
        let b = window.sampled(
            by: moved, rows: 0..<9, columns: 0..<8, interpolation: .cubic, border: border, fill: Self.fill)
        #expect(a == b)
    }

    @Test func whatIsNoPlaceIsTheFill() {
        let image = Self.noise(height: 5, width: 5)
        for warp in [WarpTests.warps[6], WarpTests.warps[7]] {
            let result = image.sampled(
                by: warp, rows: 0..<5, columns: 0..<5, interpolation: .lanczos, border: .wrap, fill: Self.fill)
            #expect(result == RGBImage(height: warp.height, width: warp.width, filling: Self.fill))
        }
    }

    // MARK: Along the axes

    /// The mean of what lies between two edges, in steps of a thousandth of it.
    private static func mean(
        _ image: RGBImage, rows: (Double, Double), columns: (Double, Double), _ channel: Int, _ border: BorderMode
    ) -> Double {
        func cells(_ range: (Double, Double)) -> [(Int, Double)] {
            (Int(range.0.rounded(.down))...Int(range.1.rounded(.up))).compactMap { cell in
                let part = min(range.1, Double(cell + 1)) - max(range.0, Double(cell))
                return part > 0 ? (cell, part / (range.1 - range.0)) : nil
            }
        }
        return cells(rows).reduce(0) { sum, row in
            sum
                + cells(columns).reduce(0) {
                    $0 + row.1 * $1.1 * value(image, row.0, $1.0, channel, border)
                }
        }
    }

    @Test(arguments: Interpolation.allCases, BorderMode.allCases)
    func axesAreTheReferences(interpolation: Interpolation, border: BorderMode) {
        let image = Self.noise(height: 11, width: 14)
        for (height, width, scaleY, scaleX, originY, originX) in [
            (5, 6, 11.0 / 5, 14.0 / 6, 0.0, 0.0), (24, 33, 11.0 / 24, 14.0 / 33, 0, 0),
            (9, 9, 3.1, 2.7, -8.4, -5.2), (20, 18, 0.8, 1.4, -2.3, -6.7),
        ] {
            func axis(_ count: Int, _ scale: Double, _ origin: Double, _ length: Int) -> AxisSamples {
                AxisSamples(
                    count: count, scale: scale, origin: origin, length: length, interpolation: interpolation,
                    border: border)
            }
            let results = atEveryWorkerCount {
                image.sampled(
                    rows: axis(height, scaleY, originY, 11), columns: axis(width, scaleX, originX, 14),
                    fill: Self.fill)
            }
            for result in results { #expect(result == results[0]) }
            var worst = 0.0
            for row in 0..<height {
                for column in 0..<width {
                    let made = (0..<3).map { Double(results[0].pixels[(row * width + column) * 3 + $0]) }
                    guard interpolation == .area else {
                        let x = originX + (Double(column) + 0.5) * scaleX - 0.5
                        let y = originY + (Double(row) + 0.5) * scaleY - 0.5
                        worst = max(
                            worst, Self.difference(of: made, from: image, x: x, y: y, interpolation, border))
                        continue
                    }
                    let (top, left) = (originY + Double(row) * scaleY, originX + Double(column) * scaleX)
                    for channel in 0..<3 {
                        let mean = Self.mean(
                            image, rows: (top, top + scaleY), columns: (left, left + scaleX), channel, border)
                        worst = max(worst, abs(made[channel] - mean))
                    }
                }
            }
            #expect(worst <= (interpolation == .nearest ? 0 : 0.501), "\(height) x \(width): \(worst)")
        }
    }

    /// Stretches that reach far beyond the source, or of nothing, take no memory for it.
    @Test(arguments: BorderMode.allCases) func farPlacesAreBounded(border: BorderMode) {
        for (scale, origin) in [(1e9, -1e12), (1e-9, 3), (5e7, 0), (2, 1e15), (1, .infinity), (1, .nan)] {
            for interpolation in Interpolation.allCases where origin.isFinite || interpolation != .area {
                let samples = AxisSamples(
                    count: 50, scale: scale, origin: origin, length: 9, interpolation: interpolation, border: border)
                #expect(samples.count == 50 && samples.sampleCount <= 50 * 28)
            }
        }
    }

    // MARK: Peer

    /// OpenCV's resize, its borders, and its warps, whose places are rounded to 1/32 of a pixel.
    @Test(.enabled(if: PeerPython.path != nil, "needs SAMDATA_PEER_PYTHON"))
    func openCVMakesTheSame() throws {
        let directory = try TemporaryDirectory()
        let (noise, smooth) = (
            Self.noise(height: 41, width: 57), Self.noise(height: 41, width: 57).gaussianBlurred(sigma: 3)
        )
        try AtomicFileWriter.write(ImageCodec.encodePNG(noise), to: directory.file("noise.png"))
        try AtomicFileWriter.write(ImageCodec.encodePNG(smooth), to: directory.file("smooth.png"))
        let script = """
            import sys, os, cv2, numpy
            os.chdir(sys.argv[1])
            read = lambda name: cv2.imread(name + ".png")
            kinds = {"nearest": cv2.INTER_NEAREST_EXACT, "linear": cv2.INTER_LINEAR, "cubic": cv2.INTER_CUBIC,
                     "area": cv2.INTER_AREA, "lanczos": cv2.INTER_LANCZOS4}
            borders = {"constant": cv2.BORDER_CONSTANT, "reflect": cv2.BORDER_REFLECT, "reflect_101": cv2.BORDER_REFLECT_101,
                       "replicate": cv2.BORDER_REPLICATE, "wrap": cv2.BORDER_WRAP}
            fill = (90, 10, 200)
            for name, kind in kinds.items():
                for height, width in ((20, 31), (97, 130), (41, 80)):
                    cv2.imwrite(f"resize-{name}-{height}-{width}.png", cv2.resize(read("noise"), (width, height), interpolation=kind))
                if name == "nearest": kind = cv2.INTER_NEAREST
                matrix = numpy.float64([[0.9, 0.3, -9.5], [-0.25, 1.1, -3.25]])
                for border, mode in borders.items():
                    cv2.imwrite(f"warp-{name}-{border}.png", cv2.warpAffine(read("smooth"), matrix, (60, 50),
                        flags=kind | cv2.WARP_INVERSE_MAP, borderMode=mode, borderValue=fill))
            for border, mode in borders.items():
                cv2.imwrite(f"pad-{border}.png", cv2.copyMakeBorder(read("noise"), 60, 9, 70, 11, mode, value=fill))
            """
        try #require(try PeerPython.run(["-c", script, directory.path]).status == 0)
        func peer(_ name: String) throws -> RGBImage {
            try ImageCodec.decodeRGB(FileSystem.read(directory.file(name + ".png")))
        }
        func difference(_ a: RGBImage, _ b: RGBImage) -> Int {
            a.height == b.height && a.width == b.width
                ? zip(a.pixels, b.pixels).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) } : 999
        }
        for interpolation in Interpolation.allCases {
            for (height, width) in [(20, 31), (97, 130), (41, 80)] {
                func axis(_ count: Int, _ length: Int) -> AxisSamples {
                    AxisSamples(
                        count: count, scale: Double(length) / Double(count), origin: 0, length: length,
                        interpolation: interpolation, border: .replicate)
                }
                let made = noise.sampled(rows: axis(height, 41), columns: axis(width, 57), fill: Self.fill)
                let name = "resize-\(interpolation.rawValue)-\(height)-\(width)"
                #expect(difference(made, try peer(name)) <= (interpolation == .nearest ? 0 : 2), "\(name)")
            }
            for border in BorderMode.allCases {
                let warp = WarpTests.Straight(
                    height: 50, width: 60, x: -9.5, y: -3.25, dx: 0.9, dy: -0.25, ex: 0.3, ey: 1.1)
                let made = smooth.sampled(
                    by: warp, rows: 0..<41, columns: 0..<57, interpolation: interpolation, border: border,
                    fill: Self.fill)
                let found = try peer("warp-\(interpolation.rawValue)-\(border.rawValue)")
                let far = zip(made.pixels, found.pixels).count { abs(Int($0) - Int($1)) > 2 }
                // At edges of the fill and of wrapped copies a place that is off by 1/64 is off by many levels.
                let isSharp = border == .constant || border == .wrap || interpolation == .nearest
                #expect(far <= (isSharp ? made.pixels.count / 25 : 0), "\(interpolation) \(border): \(far)")
            }
        }
        for border in BorderMode.allCases {
            let rows = AxisSamples((0..<110).map { border.position($0 - 60, length: 41) })
            let columns = AxisSamples((0..<138).map { border.position($0 - 70, length: 57) })
            #expect(
                noise.sampled(rows: rows, columns: columns, fill: Self.fill) == (try peer("pad-\(border.rawValue)")))
        }
    }
}
