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
}
