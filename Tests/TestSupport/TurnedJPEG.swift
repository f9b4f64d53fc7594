/// JPEG files that say how their pixels are to be turned.
package enum TurnedJPEG {
    /// The file with an EXIF segment behind its start that states an orientation.
    ///
    /// - Parameter orientation: 1...8.
    package static func bytes(_ jpeg: [UInt8], orientation: Int) -> [UInt8] {
        let entry: [UInt8] = [0x12, 0x01, 3, 0, 1, 0, 0, 0, UInt8(orientation), 0, 0, 0]
        let tiff = Array("II".utf8) + [42, 0, 8, 0, 0, 0, 1, 0] + entry + [0, 0, 0, 0]
        let content = Array("Exif".utf8) + [0, 0] + tiff
        return [0xff, 0xd8, 0xff, 0xe1, 0, UInt8(content.count + 2)] + content + jpeg.dropFirst(2)
    }
}
