private import Foundation
package import Masks
private import Runtime

/// All masks of a record as one bytes value, `samdata/masks/rle`: ASCII text, a line with height and width, then one
/// line a mask with its compressed COCO counts, every line ended by a newline.
///
/// One value, because readers outside TensorFlow take no lists of strings; never empty, because DALI does not take an
/// empty one; no byte needs escaping, because compressed counts use ASCII 48...111. Three lines of Python read it:
///
///     size, *rows = value.decode().splitlines()
///     rles = [{"size": [int(n) for n in size.split()], "counts": row} for row in rows]
///     masks = pycocotools.mask.decode(rles)          # uint8 [height, width, objects]
package enum MaskLines {
    private static let newline = UInt8(ascii: "\n")

    /// - Parameter masks: all of the size `height` x `width`.
    package static func encode(height: Int, width: Int, masks: [RLE]) -> [UInt8] {
        var bytes = Array("\(height) \(width)\n".utf8)
        for mask in masks {
            precondition(
                mask.height == height && mask.width == width,
                "a mask of \(mask.height) x \(mask.width) in an image of \(height) x \(width)")
            bytes.append(contentsOf: mask.compressed())
            bytes.append(newline)
        }
        return bytes
    }

    /// - Throws: `ShardError.content` when the value is not what ``encode(height:width:masks:)`` writes for an image of
    ///   this size, or a mask is not valid.
    package static func decode(_ bytes: [UInt8], height: Int, width: Int) throws(ShardError) -> [RLE] {
        guard bytes.last == newline else {
            throw failure("does not end with a newline")
        }
        let size = bytes.prefix { $0 != newline }
        guard size.elementsEqual("\(height) \(width)".utf8) else {
            let seen = String(decoding: size.prefix(40), as: UTF8.self)
            throw failure("is of size \"\(seen)\", the image of \"\(height) \(width)\"")
        }
        // Each mask's counts where they stand; their closure has no typed error.
        let masks = bytes.withUnsafeBytes { bytes -> Result<[RLE], ShardError> in
            var masks: [RLE] = []
            var start = size.count + 1
            while start < bytes.count, let base = bytes.baseAddress,
                let newline = memchr(base + start, Int32(newline), bytes.count - start)
            {
                let end = UnsafeRawPointer(newline) - base
                do throws(MaskError) {
                    let counts = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                    masks.append(try RLE(height: height, width: width, compressed: counts))
                } catch {
                    return .failure(failure("has an invalid mask \(masks.count)", cause: error))
                }
                start = end + 1
            }
            return .success(masks)
        }
        return try masks.get()
    }

    private static func failure(_ message: String, cause: (any Error)? = nil) -> ShardError {
        ShardError(
            .content, "\(ExampleKey.masks) \(message)", location: DataLocation(keyPath: ExampleKey.masks), cause: cause)
    }
}
