import Images
import Kernels
import Runtime
import TestSupport
import Testing

@Suite struct WarpTests {
    /// A straight warp: the place of pixel (row, column) is (x + column dx + row ex, y + column dy + row ey).
    struct Straight: PixelWarp {
        var height: Int
        var width: Int
        var x: Double
        var y: Double
        var dx: Double
        var dy: Double
        var ex: Double
        var ey: Double

        func forEachStretch(row: Int, columns: Range<Int>, _ body: (WarpStretch) -> Void) {
            let (r, c) = (Double(row), Double(columns.lowerBound))
            body(WarpStretch(columns: columns, x: x + c * dx + r * ex, y: y + c * dy + r * ey, dx: dx, dy: dy))
        }
    }

    static let warps = [
        Straight(height: 30, width: 40, x: 0, y: 0, dx: 1, dy: 0, ex: 0, ey: 1),
        Straight(height: 30, width: 40, x: 3.3, y: -2.25, dx: 0.7, dy: 0.2, ex: -0.3, ey: 0.9),
        Straight(height: 25, width: 300, x: -30, y: 10, dx: 0.21, dy: -0.03, ex: 0.1, ey: 0.4),
        Straight(height: 20, width: 20, x: 39, y: 29, dx: -1.5, dy: 0.1, ex: 0.2, ey: -1.2),
        Straight(height: 20, width: 20, x: 500, y: 500, dx: 1, dy: 0, ex: 0, ey: 1),
        Straight(height: 7, width: 9, x: 5, y: 5, dx: 0, dy: 0, ex: 0, ey: 0),
        Straight(height: 4, width: 9, x: .nan, y: 5, dx: 1, dy: 0, ex: 0, ey: 0),
        Straight(height: 4, width: 9, x: 1e300, y: -1e300, dx: 1e200, dy: .infinity, ex: 0, ey: 0),
    ]

    static func reference(
        _ image: RGBImage, _ warp: Straight, rows: Range<Int>, columns: Range<Int>, fill: Double
    ) -> [Double] {
        (0..<warp.height).flatMap { row in
            (0..<warp.width).flatMap { column -> [Double] in
                let x = warp.x + Double(column) * warp.dx + Double(row) * warp.ex
                let y = warp.y + Double(column) * warp.dy + Double(row) * warp.ey
                guard abs(x) < 1e6, abs(y) < 1e6 else { return [fill, fill, fill] }
                let (c, r) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
                let (u, v) = (x - Double(c), y - Double(r))
                return (0..<3).map { channel in
                    func sample(_ r: Int, _ c: Int) -> Double {
                        rows.contains(r) && columns.contains(c)
                            ? Double(image.pixels[(r * image.width + c) * 3 + channel]) : fill
                    }
                    let upper = sample(r, c) * (1 - u) + sample(r, c + 1) * u
                    let lower = sample(r + 1, c) * (1 - u) + sample(r + 1, c + 1) * u
                    return upper * (1 - v) + lower * v
                }
            }
        }
    }

    @Test(arguments: 0..<warps.count)
    func isTheReference(number: Int) {
        let warp = Self.warps[number]
        let fill = RGBColour(50, 50, 50)
        for (height, width) in [(30, 40), (1, 40), (30, 1), (2, 2), (1, 1)] {
            let image = ResizeTests.picture(height: height, width: width)
            for (rows, columns) in [(0..<height, 0..<width), (height / 3..<height / 3 + 1, width / 2..<width)] {
                let found = image.warped(by: warp, rows: rows, columns: columns, fill: fill)
                let wanted = Self.reference(image, warp, rows: rows, columns: columns, fill: 50)
                let worst = zip(found.pixels, wanted).map { abs(Double($0) - $1) }.max() ?? .infinity
                #expect(worst < 2.2, "\(height) x \(width): \(worst) levels")
            }
        }
    }

    @Test func wholeStepsCopyPixels() {
        let image = ResizeTests.picture(height: 30, width: 40)
        #expect(image.warped(by: Self.warps[0], rows: 0..<30, columns: 0..<40, fill: .white) == image)
    }

    @Test func workersAndLevelsDoNotMatter() {
        let image = ResizeTests.picture(height: 300, width: 400)
        let warp = Straight(height: 350, width: 900, x: 9.3, y: 30.1, dx: 0.41, dy: 0.05, ex: -0.1, ey: 0.7)
        let results = atEveryWorkerCount { image.warped(by: warp, rows: 0..<300, columns: 0..<400, fill: .red) }
        #expect(results.allSatisfy { $0 == results[0] })
        for level in Kernels.available {
            let other = Kernels.with(level) { image.warped(by: warp, rows: 0..<300, columns: 0..<400, fill: .red) }
            #expect(other == results[0])
        }
    }

    /// Steps in a range, counted one by one.
    @Test func stepsAreCounted() {
        for place in -7...7 {
            for step in -3...3 {
                for (low, high) in [(-4, 5), (0, 1), (2, 2), (3, -3)] {
                    let found = WarpStretch.steps(place: place, step: step, from: low, to: high, count: 9)
                    let wanted = (0..<9).filter { place + $0 * step >= low && place + $0 * step < high }
                    #expect(Array(found) == wanted, "\(place) \(step) \(low) \(high)")
                }
            }
        }
    }
}
