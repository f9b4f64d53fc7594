import Foundation
import Images
import JSONText
import Kernels
import Runtime

/// JPEG files of 640 x 480 pixels made a model's input: decoded, resized to 1024 pixels, normalised to floats; one thread
/// an image, as loaders do it.
struct ImageInputCase: BenchCase {
    static let group = "image-input"
    static let all = [ImageInputCase()]

    /// Files that one run takes.
    private static let images = 8

    var title: String { "jpeg-640x480" }
    var detail: String {
        "\(Self.images) JPEG files of 640 x 480 decoded, resized to 1024 x 768 and normalised, one thread an image"
    }
    var peers: [Peer] { [.pillow, .torchvision] }
    var peerRequest: JSONValue {
        .request("image_input", ["images": Self.images, "width": 1024, "height": 768])
            .with("path", .string(Self.path))
    }

    private static var path: String { PeerEnvironment.home + "/image-input-1/photo.jpg" }

    func prepare() throws -> () throws -> Void {
        try Self.writePhoto()
        let bytes = try FileSystem.read(Self.path)
        let normalisation = ByteNormalisation(mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375])
        return {
            _ = try Workers.map(Self.images) { _ in
                let image = try ImageCodec.decodeRGB(bytes).resized(width: 1024, height: 768)
                let pixels = image.height * image.width
                let input = [Float](unsafeUninitializedCapacity: 3 * pixels) { buffer, count in
                    image.pixels.withUnsafeBufferPointer { source in
                        if let from = source.baseAddress, let to = buffer.baseAddress {
                            normalisation.run(from, pixels: pixels, into: to)
                        }
                    }
                    count = 3 * pixels
                }
                return input[pixels]
            }
        }
    }

    /// A picture with the detail of a photograph, as cameras write it: chroma at half the resolution, quality 90.
    private static func writePhoto() throws {
        var random = CounterRandom(seed: 1, purpose: RandomPurpose("image input bench"))
        // Noise at four scales, the coarser the stronger.
        var sums = [Double](repeating: 0, count: 480 * 640 * 3)
        for (scale, strength) in [(64, 160.0), (16, 70), (4, 30), (1, 8)] {
            let (rows, columns) = (480 / scale + 1, 640 / scale + 1)
            let noise = RGBImage(
                height: rows, width: columns,
                pixels: (0..<rows * columns * 3).map { _ in UInt8(random.index(below: 256)) })
            let spread = noise.resized(width: 640, height: 480).pixels
            for index in sums.indices { sums[index] += (Double(spread[index]) / 255 - 0.5) * strength }
        }
        let photo = RGBImage(
            height: 480, width: 640, pixels: sums.map { UInt8(max(0, min(255, 128 + $0))) })
        try FileSystem.createDirectory(FileSystem.folder(of: path))
        let writer = try AtomicFileWriter(path: path)
        try writer.write(ImageCodec.encodeJPEG(photo, quality: 90, halvesChroma: true))
        try writer.commit()
    }
}
