import Foundation
import Images
import Runtime

/// A data set of a size that is wanted: a COCO file, and images of 320 x 240 with two objects each.
struct MemoryInput {
    let folder: String
    let images: Int

    var labels: String { folder + "/labels.json" }
    var pictures: String { folder + "/images" }

    /// Where commands write.
    var output: String { folder + "/out" }

    /// Removes what commands have written.
    func clear() throws {
        if FileSystem.exists(output) { try FileManager.default.removeItem(atPath: output) }
        try FileSystem.createDirectory(output)
    }

    /// Writes it, unless it is there.
    func make() throws {
        if FileSystem.exists(labels) { return }
        try FileSystem.createDirectory(pictures)
        // Noise, as pictures without any are no load; each file has a number in it, so that no two are the same.
        for index in 0..<images {
            var random = CounterRandom(seed: 3, sample: UInt64(index), purpose: RandomPurpose("memory input"))
            let shade = random.index(below: 128)
            let pixels = (0..<320 * 240 * 3).map { offset in
                UInt8(truncatingIfNeeded: shade + offset / 960 % 64 + (offset &* 2_654_435_761 >> 9 & 31))
            }
            // No fsync for each of them: they are made again if the machine goes down.
            try Data(ImageCodec.encodeJPEG(RGBImage(height: 240, width: 320, pixels: pixels), quality: 85)).write(
                to: URL(fileURLWithPath: "\(pictures)/\(index).jpg"))
        }
        try SyntheticLabels(images: images, objectsPerImage: 2, width: 320, height: 240, corners: 16).write(to: labels)
    }

    /// Bytes of all files.
    func size() throws -> Int {
        try FileSystem.list(pictures).reduce(MappedFile(path: labels).bytes.count) {
            try $0 + MappedFile(path: pictures + "/" + $1).bytes.count
        }
    }
}
