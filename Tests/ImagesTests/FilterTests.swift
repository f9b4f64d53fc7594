import Foundation
import Images
import Kernels
import Runtime
import TestSupport
import Testing

@Suite struct FilterTests {
    static func reflected(_ position: Int, _ length: Int) -> Int {
        if length == 1 { return 0 }
        var place = position
        while place < 0 || place >= length { place = place < 0 ? -place : 2 * (length - 1) - place }
        return place
    }

    /// A filter in double precision, pixel by pixel, borders mirrored.
    static func reference(_ image: RGBImage, _ taps: [(row: Int, column: Int, weight: Double)]) -> [Double] {
        (0..<image.pixels.count).map { index in
            let (pixel, channel) = (index / 3, index % 3)
            let (row, column) = (pixel / image.width, pixel % image.width)
            return taps.reduce(0) { sum, tap in
                let r = reflected(row + tap.row, image.height)
                let c = reflected(column + tap.column, image.width)
                return sum + tap.weight * Double(image.pixels[(r * image.width + c) * 3 + channel])
            }
        }
    }

    static func worst(_ image: RGBImage, _ wanted: [Double]) -> Double {
        zip(image.pixels, wanted).map { abs(Double($0) - $1) }.max() ?? .infinity
    }

    static let sizes = [(23, 31), (1, 40), (40, 1), (1, 1), (2, 5)]

    @Test(arguments: sizes)
    func gaussianIsTheReference(height: Int, width: Int) {
        let image = ResizeTests.picture(height: height, width: width)
        for (sigma, size) in [(0.5, 3), (1.5, 11), (4.0, 29)] {
            let reach = size / 2
            let bell = (-reach...reach).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
            let sum = bell.reduce(0, +)
            let taps = (-reach...reach).flatMap { row in
                (-reach...reach).map { (row, $0, bell[row + reach] * bell[$0 + reach] / sum / sum) }
            }
            // Rounded to bytes between the two passes.
            #expect(Self.worst(image.gaussianBlurred(sigma: sigma, size: size), Self.reference(image, taps)) < 1.01)
        }
    }

    @Test(arguments: sizes)
    func boxIsTheReference(height: Int, width: Int) {
        let image = ResizeTests.picture(height: height, width: width)
        let taps = (-2...2).flatMap { row in (-2...2).map { (row, $0, 1.0 / 25) } }
        #expect(Self.worst(image.boxBlurred(size: 5), Self.reference(image, taps)) < 1.01)
    }

    @Test(arguments: sizes)
    func shiftedCopiesAreTheReference(height: Int, width: Int) {
        let image = ResizeTests.picture(height: height, width: width)
        let taps = [(-3, 2, 0.5), (0, 0, 0.25), (1, -4, 0.25)]
        #expect(Self.worst(image.filtered(taps: taps), Self.reference(image, taps)) < 0.51)
    }

    @Test(arguments: sizes)
    func medianIsTheReference(height: Int, width: Int) {
        let image = ResizeTests.picture(height: height, width: width)
        for (size, level) in [1, 3, 5, 7, 9, 11, 13, 15].flatMap({ size in Kernels.available.map { (size, $0) } }) {
            let reach = size / 2
            let found = Kernels.with(level) { image.medianFiltered(size: size) }
            for row in 0..<height {
                for column in 0..<width {
                    for channel in 0..<3 {
                        let window = (row - reach...row + reach).flatMap { r in
                            (column - reach...column + reach).map { c in
                                let (r, c) = (min(height - 1, max(0, r)), min(width - 1, max(0, c)))
                                return image.pixels[(r * width + c) * 3 + channel]
                            }
                        }
                        let median = window.sorted()[window.count / 2]
                        if found.pixels[(row * width + column) * 3 + channel] != median {
                            Issue.record("\(level), size \(size), pixel (\(row), \(column)), channel \(channel)")
                            return
                        }
                    }
                }
            }
        }
    }

    /// Of zeros and ones in any arrangement the median is what most of them are: so it is of any values (Knuth's principle of
    /// zeros and ones), in every register and at its edges.
    @Test func medianOfBlackAndWhite() {
        var random = CounterRandom(seed: 3, purpose: RandomPurpose("median"))
        let (height, width) = (12, 150)
        for share in [0.3, 0.45, 0.5, 0.55, 0.7] {
            let white = (0..<height * width).map { _ in random.uniform(0..<1) < share }
            let image = RGBImage(
                height: height, width: width, pixels: white.flatMap { $0 ? [255, 1, 128] : [0, 0, 127] })
            for size in [3, 5, 7, 9] {
                let reach = size / 2
                let wanted = (0..<height * width).flatMap { pixel -> [UInt8] in
                    let rows = (pixel / width - reach...pixel / width + reach).map { min(height - 1, max(0, $0)) }
                    let columns = (pixel % width - reach...pixel % width + reach).map { min(width - 1, max(0, $0)) }
                    let count = rows.reduce(0) { sum, row in
                        sum + columns.reduce(0) { $0 + (white[row * width + $1] ? 1 : 0) }
                    }
                    return 2 * count > size * size ? [255, 1, 128] : [0, 0, 127]
                }
                #expect(image.medianFiltered(size: size).pixels == wanted, "size \(size), share \(share)")
            }
        }
    }

    /// Sizes that tiles divide and do not, fewer pixels than tiles, and a flat image, whose histograms have one entry.
    @Test(arguments: [(64, 96, 4, 6), (61, 97, 4, 6), (300, 301, 8, 8), (5, 3, 8, 8), (1, 1, 1, 1), (40, 513, 2, 3)])
    func equalisationIsTheReference(height: Int, width: Int, rows: Int, columns: Int) {
        let picture = ResizeTests.picture(height: height, width: width)
        for image in [picture, RGBImage(height: height, width: width, filling: RGBColour(200, 3, 77))] {
            for limit in [1, 2.5, 40] {
                let wanted = image.contrastEqualisedOneByOne(clipLimit: limit, rows: rows, columns: columns)
                for level in Kernels.available {
                    let found = Kernels.with(level) {
                        image.contrastEqualised(clipLimit: limit, rows: rows, columns: columns)
                    }
                    #expect(found == wanted, "\(level), limit \(limit)")
                }
            }
        }
    }

    /// Every lightness that a byte of each channel can have, moved by every change, is the reference's.
    @Test func lightnessOfAllColoursIsTheReference() {
        let colours = (0..<256).flatMap { red in stride(from: 0, to: 256, by: 17).map { (red, $0) } }
        let image = RGBImage(
            height: 256, width: 256,
            pixels: (0..<256 * 256).flatMap { pixel -> [UInt8] in
                let (red, green) = colours[pixel % colours.count]
                return [UInt8(red), UInt8(green), UInt8(pixel / 256)]
            })
        let wanted = image.contrastEqualisedOneByOne(clipLimit: 3, rows: 7, columns: 5)
        for level in Kernels.available {
            #expect(Kernels.with(level) { image.contrastEqualised(clipLimit: 3, rows: 7, columns: 5) } == wanted)
        }
    }

    @Test func noiseHasItsDistribution() {
        let grey = RGBImage(height: 200, width: 200, filling: RGBColour(128, 128, 128))
        let noisy = grey.addingNoise(mean: 0.02, deviation: 0.1, perChannel: true, seed: 7)
        let values = noisy.pixels.map { Double($0) - 128 }
        let mean = values.reduce(0, +) / Double(values.count)
        let deviation = (values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)).squareRoot()
        // Five deviations of the mean of 120,000 samples.
        #expect(abs(mean - 5.1) < 0.4)
        #expect(abs(deviation - 25.5) < 0.4)
        let within = values.filter { abs($0 - mean) < 25.5 }.count
        #expect(abs(Double(within) / Double(values.count) - 0.683) < 0.02)
        let same = grey.addingNoise(mean: 0, deviation: 0.1, perChannel: false, seed: 7)
        #expect((0..<40_000).allSatisfy { same.pixels[3 * $0] == same.pixels[3 * $0 + 2] })
        #expect(grey.addingNoise(mean: 0, deviation: 0, perChannel: true, seed: 1) == grey)
        #expect(noisy != grey.addingNoise(mean: 0.02, deviation: 0.1, perChannel: true, seed: 8))
    }

    @Test func workersAndLevelsDoNotMatter() {
        let image = ResizeTests.picture(height: 300, width: 411)
        let works: [(RGBImage) -> RGBImage] = [
            { $0.gaussianBlurred(sigma: 2) }, { $0.medianFiltered(size: 3) }, { $0.medianFiltered(size: 5) },
            { $0.medianFiltered(size: 9) }, { $0.resized(width: 700, height: 620) },
            { $0.resized(width: 101, height: 77) }, { $0.resized(width: 400, height: 20) },
            { $0.addingNoise(mean: 0, deviation: 0.2, perChannel: true, seed: 3) },
            { $0.contrastEqualised(clipLimit: 3, rows: 4, columns: 5) },
            { $0.filtered(taps: [(row: 3, column: -2, weight: 1)]) },
        ]
        for work in works {
            let results = atEveryWorkerCount { work(image) }
            #expect(results.allSatisfy { $0 == results[0] })
            for level in Kernels.available { #expect(Kernels.with(level) { work(image) } == results[0]) }
        }
    }
}
