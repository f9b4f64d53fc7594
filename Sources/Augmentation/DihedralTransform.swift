package import Images
package import Masks
package import Runtime

/// The eight ways to lay a rectangle of pixels onto the axes: the symmetries of the square.
///
/// Raw values are the EXIF orientations that the transforms undo. Each is a mirroring of the source, then (for the last
/// four) an exchange of rows and columns.
package enum DihedralTransform: Int, Sendable, Hashable, CaseIterable {
    case identity = 1
    /// Left and right exchanged.
    case flipHorizontal
    case rotate180
    /// Top and bottom exchanged.
    case flipVertical
    /// Rows become columns: mirrored in the diagonal from the top left.
    case transpose
    /// A quarter turn clockwise.
    case rotate90
    /// Mirrored in the diagonal from the top right.
    case transverse
    /// A quarter turn counter-clockwise.
    case rotate270

    /// Whether columns are counted from the right in the source.
    var mirrorsColumns: Bool { [.flipHorizontal, .rotate180, .transverse, .rotate270].contains(self) }

    /// Whether rows are counted from the bottom in the source.
    var mirrorsRows: Bool { [.flipVertical, .rotate180, .rotate90, .transverse].contains(self) }

    /// Whether width and height change places.
    package var swapsAxes: Bool { rawValue >= 5 }

    /// One of the eight, each as likely as the others.
    package static func random(using generator: inout CounterRandom) -> DihedralTransform {
        allCases[generator.index(below: allCases.count)]
    }

    /// The transform that leads back.
    package var inverse: DihedralTransform {
        switch self {
        case .rotate90: .rotate270
        case .rotate270: .rotate90
        default: self
        }
    }

    /// This transform and then another, as one.
    package func followed(by next: DihedralTransform) -> DihedralTransform {
        // Moving `next`'s mirrorings in front of this exchange of axes swaps which axis they act on.
        let columns = mirrorsColumns != (swapsAxes ? next.mirrorsRows : next.mirrorsColumns)
        let rows = mirrorsRows != (swapsAxes ? next.mirrorsColumns : next.mirrorsRows)
        let axes = swapsAxes != next.swapsAxes
        return Self.allCases.first {
            $0.mirrorsColumns == columns && $0.mirrorsRows == rows && $0.swapsAxes == axes
        } ?? .identity
    }

    /// The size of a transformed image.
    package func size(height: Int, width: Int) -> (height: Int, width: Int) {
        swapsAxes ? (width, height) : (height, width)
    }

    /// The transformed image.
    package func callAsFunction(_ image: RGBImage) -> RGBImage { image.oriented(exif: rawValue) }

    /// The transformed mask, by its runs; equal to the mask of the transformed bitmap.
    package func callAsFunction(_ mask: RLE) -> RLE {
        var result = mask
        switch (mirrorsColumns, mirrorsRows) {
        case (true, true): result = result.rotated180()
        case (true, false): result = result.flippedHorizontally()
        case (false, true): result = result.flippedVertically()
        case (false, false): break
        }
        return swapsAxes ? result.transposed() : result
    }

    /// The transformed box.
    /// - Parameters:
    ///   - box: in pixels of the source; edges lie between pixels, so that a whole image is [0, 0, width, height].
    ///   - height: of the source image.
    ///   - width: of the source image.
    package func callAsFunction(_ box: Box, height: Int, width: Int) -> Box {
        let x = mirrorsColumns ? Double(width) - box.maxX : box.x
        let y = mirrorsRows ? Double(height) - box.maxY : box.y
        return swapsAxes
            ? Box(x: y, y: x, width: box.height, height: box.width)
            : Box(x: x, y: y, width: box.width, height: box.height)
    }

    /// The transformed point.
    /// - Parameters:
    ///   - point: in pixels of the source; whole numbers are the centres of pixels, as in SAM's point prompts.
    ///   - height: of the source image.
    ///   - width: of the source image.
    package func callAsFunction(_ point: (x: Double, y: Double), height: Int, width: Int) -> (x: Double, y: Double) {
        let x = mirrorsColumns ? Double(width - 1) - point.x : point.x
        let y = mirrorsRows ? Double(height - 1) - point.y : point.y
        return swapsAxes ? (y, x) : (x, y)
    }
}
