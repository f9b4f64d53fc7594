import Foundation

extension PlantedDefect {
    static let image = [
        PlantedDefect("image.missing") { data, index in
            try data.addImage(id: 100 + index)
            data.images[data.images.count - 1]["file_name"] = "gone\(100 + index).png"
        },
        PlantedDefect("image.path") { data, index in
            try FileManager.default.createDirectory(atPath: data.folder + "/sub", withIntermediateDirectories: true)
            try data.addImage(id: 100 + index, name: "sub/a\(index).png")
            data.images[data.images.count - 1]["file_name"] = "sub\\a\(index).png"
        },
        PlantedDefect("image.outside") { data, index in
            try data.addImage(id: 100 + index)
            data.images[data.images.count - 1]["file_name"] = "sub/../../image\(100 + index).png"
        },
        PlantedDefect("image.duplicate-file") { data, index in
            try data.addImage(id: 100 + index)
            data.images[data.images.count - 1]["file_name"] = "./image1.png"
        },
        PlantedDefect("image.undecodable") { try $0.addImage(id: 100 + $1, file: Array("not an image".utf8)) },
        PlantedDefect("image.truncated") {
            try $0.addImage(id: 100 + $1, file: Array(SampleDataset.png(width: 100, height: 80).dropLast(30)))
        },
        PlantedDefect("image.size") { try $0.addImage(id: 100 + $1, file: SampleDataset.png(width: 80, height: 100)) },
        PlantedDefect("image.exif") {
            try $0.addImage(id: 100 + $1, name: "turned\($1).jpg", file: jpegHeader(orientation: 6))
        },
        PlantedDefect("image.extension") {
            try $0.addImage(id: 100 + $1, name: "photo\($1).jpg", file: SampleDataset.png(width: 100, height: 80))
        },
        PlantedDefect("image.colour") {
            try $0.addImage(id: 100 + $1, name: "ink\($1).jpg", file: jpegHeader(components: 4))
        },
        PlantedDefect("image.animated") {
            var bytes = try SampleDataset.png(width: 100, height: 80)
            // Right after IHDR: acTL with two frames, endlessly.
            bytes.insert(contentsOf: chunk("acTL", [0, 0, 0, 2, 0, 0, 0, 0]), at: 33)
            try $0.addImage(id: 100 + $1, file: bytes)
        },
    ]

    static let labels = [
        PlantedDefect("labels.name-case") { data, index in
            try data.addImage(id: 100 + index)
            data.images[data.images.count - 1]["file_name"] = "Image\(100 + index).PNG"
        },
        PlantedDefect("labels.name-form") { data, index in
            // The letter and its accent as two code points in the labels, as one in the file's name.
            try data.addImage(id: 100 + index, name: "caf\u{e9}\(index).png")
            data.images[data.images.count - 1]["file_name"] = "cafe\u{301}\(index).png"
        },
    ]

    /// A PNG chunk.
    static func chunk(_ type: String, _ payload: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + payload
        var crc = UInt32.max
        for byte in body {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
        }
        return bigEndian(UInt32(payload.count)) + body + bigEndian(~crc)
    }

    private static func bigEndian(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }

    /// The outer structure of a JPEG of 100 x 80 pixels: enough for its header to be read.
    static func jpegHeader(orientation: UInt8 = 1, components: UInt8 = 3) -> [UInt8] {
        func segment(_ marker: UInt8, _ payload: [UInt8]) -> [UInt8] {
            [0xff, marker, UInt8((payload.count + 2) >> 8), UInt8((payload.count + 2) & 255)] + payload
        }
        let entry: [UInt8] = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]
        let tiff: [UInt8] = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1] + entry + [0, 0, 0, 0]
        let exif = segment(0xe1, Array("Exif\0\0".utf8) + tiff)
        var frame: [UInt8] = [8, 0, 80, 0, 100, components]
        var scan: [UInt8] = [components]
        for component in 1...components {
            frame += [component, 0x11, 0]
            scan += [component, 0]
        }
        return [0xff, 0xd8] + exif + segment(0xc0, frame) + segment(0xda, scan + [0, 63, 0]) + [0x12, 0x34, 0xff, 0xd9]
    }
}
