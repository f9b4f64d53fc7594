/// An 8-bit colour.
package struct RGBColour: Sendable, Hashable {
    package var red: UInt8
    package var green: UInt8
    package var blue: UInt8

    package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    package static let black = RGBColour(0, 0, 0)
    package static let white = RGBColour(255, 255, 255)
    package static let red = RGBColour(230, 57, 70)
    package static let green = RGBColour(46, 204, 113)
    package static let blue = RGBColour(58, 134, 255)
    package static let yellow = RGBColour(255, 214, 10)

    /// Colours that stay apart on most pictures, for objects side by side.
    package static let palette: [RGBColour] = [
        yellow, RGBColour(0, 210, 255), RGBColour(255, 89, 148), RGBColour(128, 237, 90), RGBColour(255, 146, 43),
        RGBColour(180, 120, 255), RGBColour(64, 224, 190), RGBColour(255, 99, 71), RGBColour(120, 170, 255),
        RGBColour(215, 235, 60), RGBColour(255, 130, 230), RGBColour(210, 180, 140),
    ]

    /// The palette's colour for the n-th object, round and round.
    package static func distinct(_ index: Int) -> RGBColour {
        let count = palette.count
        return palette[((index % count) + count) % count]
    }
}
