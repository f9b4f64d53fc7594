internal import Images
private import Synchronization

/// An image's pixels, made when somebody asks for them first, and kept for whoever asks next.
final class SamplePixels: Sendable {
    private let made = Mutex<RGBImage?>(nil)
    private let make: @Sendable () throws -> RGBImage

    init(_ make: @escaping @Sendable () throws -> RGBImage) { self.make = make }

    /// - Throws: what making them throws, at every call.
    func image() throws -> RGBImage {
        try made.withLock { made in
            if let made { return made }
            let image = try make()
            made = image
            return image
        }
    }
}
