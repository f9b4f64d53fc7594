import Foundation
import Images
import JSONText
import Masks
import TestSupport

/// What albumentations 2.0.8 and OpenCV made of a small image; written by `Fixtures/Augmentation/make_albumentations.py`.
struct AlbumentationsFixture {
    let document: JSONValue

    init() throws {
        document = try JSONDocument.read(path: Repository.fixture("Augmentation/albumentations.json"))
    }

    /// An image at a path of names and places.
    func image(_ path: String...) throws -> RGBImage {
        let (height, width, bytes) = try array(path)
        return RGBImage(height: height, width: width, pixels: bytes)
    }

    /// A mask at a path of names and places.
    func mask(_ path: String...) throws -> RLE {
        let (height, width, bytes) = try array(path)
        return RLE(Bitmap(height: height, width: width, pixels: bytes))
    }

    /// The bytes at a path of names and places.
    func bytes(_ path: String...) throws -> [UInt8] { try array(path).bytes }

    func value(_ path: [String]) -> JSONValue? {
        path.reduce(document) { value, name in
            Int(name).flatMap { value?[$0] } ?? value?[name]
        }
    }

    private func array(_ path: [String]) throws -> (height: Int, width: Int, bytes: [UInt8]) {
        guard let entry = value(path), let height = entry["height"]?.int, let width = entry["width"]?.int,
            let text = entry["bytes"]?.string, let data = Data(base64Encoded: text)
        else { throw FixtureError(path: path) }
        return (height, width, [UInt8](data))
    }
}

/// A path that the fixture does not have.
struct FixtureError: Error {
    let path: [String]
}
