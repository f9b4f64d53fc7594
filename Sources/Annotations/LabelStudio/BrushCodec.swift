internal import Masks

/// Label Studio's brush masks: a bit stream of RGBA pixels, row by row, of which alpha is the mask.
///
/// 32 bits tell the number of values, 5 bits the bits of a value less one, four times 4 bits the bits of a run's length
/// less one. Then, until all values are there: one bit whether all of a run are equal, two bits which of the four lengths,
/// the run's length less one, and one value or as many as the run is long.
///
/// Source: HumanSignal/label-studio-converter, `brush.py`.
enum BrushCodec {
    /// Why a stream makes no mask.
    struct Failure: Error {
        let message: String
    }

    /// - Parameter bytes: the stream.
    static func mask(_ bytes: [UInt8], height: Int, width: Int) throws(Failure) -> RLE {
        var stream = BitReader(bytes: bytes)
        let total = 4 * height * width
        guard let stated = stream.read(32), stated == total else {
            throw Failure(message: "the mask states another number of values than the image's 4 x \(width) x \(height)")
        }
        let wordBits = (stream.read(5) ?? 0) + 1
        let runBits = (0..<4).map { _ in (stream.read(4) ?? 0) + 1 }
        var alpha = [UInt8](repeating: 0, count: height * width)
        func set(_ index: Int, _ value: Int) {
            if index % 4 == 3, value != 0 { alpha[index / 4] = 1 }
        }
        var index = 0
        while index < total {
            guard let isRun = stream.read(1), let size = stream.read(2), let length = stream.read(runBits[size]) else {
                throw Failure(message: "the mask ends after \(index) of its \(total) values")
            }
            // The last run may reach beyond the end.
            let end = min(total, index + length + 1)
            if isRun == 1 {
                guard let value = stream.read(wordBits) else { throw Failure(message: "the mask ends inside a run") }
                for at in index..<end { set(at, value) }
            } else {
                for at in index..<end {
                    guard let value = stream.read(wordBits) else {
                        throw Failure(message: "the mask ends inside a run")
                    }
                    set(at, value)
                }
            }
            index = end
        }
        return RLE(Bitmap(height: height, width: width, pixels: alpha))
    }

    /// The stream of a mask: all four channels 255 inside and 0 outside, as Label Studio's own converter writes it.
    static func encode(_ mask: RLE) -> [UInt8] {
        var stream = BitWriter()
        stream.write(4 * mask.height * mask.width, 32)
        stream.write(7, 5)
        let lengths = [3, 4, 8, 16]
        for bits in lengths { stream.write(bits - 1, 4) }
        let pixels = mask.bitmap().pixels
        var start = 0
        while start < pixels.count {
            let value = pixels[start]
            var end = start
            while end < pixels.count, pixels[end] == value { end += 1 }
            var rest = 4 * (end - start)
            while rest > 0 {
                let run = min(rest, 1 << 16)
                let size = lengths.firstIndex { run <= 1 << $0 } ?? 3
                stream.write(1, 1)
                stream.write(size, 2)
                stream.write(run - 1, lengths[size])
                stream.write(value == 0 ? 0 : 255, 8)
                rest -= run
            }
            start = end
        }
        return stream.bytes
    }

    /// Bits from the most significant down.
    private struct BitReader {
        let bytes: [UInt8]
        var position = 0

        /// The next `count` bits as a number; nil when there are not as many.
        mutating func read(_ count: Int) -> Int? {
            guard position + count <= 8 * bytes.count else { return nil }
            var value = 0
            for bit in position..<position + count {
                value = value << 1 | Int(bytes[bit >> 3] >> UInt8(7 - bit & 7) & 1)
            }
            position += count
            return value
        }
    }

    private struct BitWriter {
        private(set) var bytes: [UInt8] = []
        private var free = 0

        mutating func write(_ value: Int, _ count: Int) {
            for bit in (0..<count).reversed() {
                if free == 0 {
                    bytes.append(0)
                    free = 8
                }
                free -= 1
                bytes[bytes.count - 1] |= UInt8(value >> bit & 1) << UInt8(free)
            }
        }
    }
}
