import Masks
import Runtime

/// Slow, readable mask operations on pixels, which the fast ones on runs are held against.
enum ReferenceMask {
    /// Column-major runs, counted pixel by pixel.
    static func counts(_ bitmap: Bitmap) -> [UInt32] {
        var counts: [UInt32] = []
        var value = false
        var run: UInt32 = 0
        for column in 0..<bitmap.width {
            for row in 0..<bitmap.height {
                if bitmap[row, column] != value {
                    counts.append(run)
                    run = 0
                    value.toggle()
                }
                run += 1
            }
        }
        return counts + [run]
    }

    /// A mask of the same size or its transpose, each pixel looked up by `source`.
    static func remapped(
        _ bitmap: Bitmap, height: Int, width: Int, _ source: (Int, Int) -> (Int, Int)
    ) -> Bitmap {
        var result = Bitmap(height: height, width: width)
        for row in 0..<height {
            for column in 0..<width {
                let (r, c) = source(row, column)
                result[row, column] = bitmap[r, c]
            }
        }
        return result
    }

    static func combined(_ a: Bitmap, _ b: Bitmap, _ rule: (Bool, Bool) -> Bool) -> Bitmap {
        var result = Bitmap(height: a.height, width: a.width)
        for row in 0..<a.height {
            for column in 0..<a.width { result[row, column] = rule(a[row, column], b[row, column]) }
        }
        return result
    }

    /// Random bitmaps of all kinds: empty, full, noise, blocks, stripes.
    static func random(_ index: Int, maximumSide: Int = 40) -> Bitmap {
        var random = CounterRandom(seed: 7, sample: UInt64(index), purpose: RandomPurpose("random bitmap"))
        let height = 1 + random.index(below: maximumSide)
        let width = 1 + random.index(below: maximumSide)
        var bitmap = Bitmap(height: height, width: width)
        let kind = index % 6
        let density = [0.02, 0.5, 0.97][index / 6 % 3]
        for row in 0..<height {
            for column in 0..<width {
                switch kind {
                case 0: bitmap[row, column] = false
                case 1: bitmap[row, column] = true
                case 2: bitmap[row, column] = random.uniform() < density
                case 3: bitmap[row, column] = column % 3 == 1
                case 4: bitmap[row, column] = row % 4 < 2
                default: break
                }
            }
        }
        if kind == 5 {
            for _ in 0..<4 {
                let rows = [random.index(below: height + 1), random.index(below: height + 1)].sorted()
                let columns = [random.index(below: width + 1), random.index(below: width + 1)].sorted()
                for row in rows[0]..<rows[1] {
                    for column in columns[0]..<columns[1] { bitmap[row, column].toggle() }
                }
            }
        }
        return bitmap
    }

    /// A ring, filled as `rleFrPoly` of the COCO mask API does it: all samples of its edges on a grid five times as fine,
    /// and of those the ones that step over a column's middle.
    static func drawn(_ ring: [Double], height: Int, width: Int) -> Bitmap {
        let places = ring.map { Int(5 * $0 + 0.5) }
        let points = (0..<ring.count / 2).map { (x: places[2 * $0], y: places[2 * $0 + 1]) }
        var samples: [(x: Int, y: Int)] = []
        for (index, from) in points.enumerated() {
            let to = points[(index + 1) % points.count]
            let (dx, dy) = (abs(to.x - from.x), abs(to.y - from.y))
            let isFlat = dx >= dy
            let isTurned = isFlat ? from.x > to.x : from.y > to.y
            let (a, b) = isTurned ? (to, from) : (from, to)
            for step in 0...max(dx, dy) {
                let t = isTurned ? max(dx, dy) - step : step
                if isFlat {
                    let slope = dx == 0 ? 0 : Double(b.y - a.y) / Double(dx)
                    samples.append((a.x + t, Int(Double(a.y) + slope * Double(t) + 0.5)))
                } else {
                    let slope = Double(b.x - a.x) / Double(dy)
                    samples.append((Int(Double(a.x) + slope * Double(t) + 0.5), a.y + t))
                }
            }
        }
        var changes: [Int] = []
        for (a, b) in zip(samples, samples.dropFirst()) where a.x != b.x {
            let x = (Double(min(a.x, b.x)) + 0.5) / 5 - 0.5
            guard x == x.rounded(.down), x >= 0, x <= Double(width - 1) else { continue }
            let y = min(max((Double(min(a.y, b.y)) + 0.5) / 5 - 0.5, 0), Double(height)).rounded(.up)
            changes.append(Int(x) * height + Int(y))
        }
        changes.sort()
        var bitmap = Bitmap(height: height, width: width)
        var seen = 0
        for place in 0..<height * width {
            while seen < changes.count && changes[seen] <= place { seen += 1 }
            bitmap[place % height, place / height] = !seen.isMultiple(of: 2)
        }
        return bitmap
    }

    /// The runs that compressed counts stand for, number by number, up to the first that is none.
    static func runs(compressed bytes: [UInt8]) -> (runs: [UInt32], problem: MaskError.Code?) {
        var runs: [UInt32] = []
        var groups: [Int] = []
        for byte in bytes {
            guard (48..<112).contains(byte), groups.count < 7 else { return (runs, .characters) }
            groups.append(Int(byte) - 48)
            guard let last = groups.last, last < 32 else { continue }
            var value = groups.enumerated().reduce(0) { $0 + ($1.element % 32) << (5 * $1.offset) }
            if last >= 16 { value -= 1 << (5 * groups.count) }
            if runs.count > 2 { value += Int(runs[runs.count - 2]) }
            guard let run = UInt32(exactly: value) else { return (runs, .count) }
            runs.append(run)
            groups = []
        }
        return (runs, groups.isEmpty ? nil : .characters)
    }

    /// Runs of which none but the first is 0: what lies on both sides of an empty one is one run.
    static func withoutEmptyRuns(_ runs: [UInt32]) -> [UInt32] {
        var kept: [UInt32] = []
        var isForeground = false
        for run in runs {
            if run > 0 || kept.isEmpty {
                if isForeground == !kept.count.isMultiple(of: 2) {
                    kept.append(run)
                } else {
                    kept[kept.count - 1] += run
                }
            }
            isForeground.toggle()
        }
        return kept.isEmpty ? [0] : kept
    }
}
