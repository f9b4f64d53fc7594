/// A map that keeps the axes: the source is mirrored and its axes exchanged, then each axis is scaled and shifted.
struct AxisAlignedMap: Sendable, Hashable {
    /// Of the source, without its shift.
    var symmetry: DihedralTransform
    /// Along the target's axes: `target = scale · (source, mirrored and exchanged about the origin) + shift`.
    var scaleX: Double
    var scaleY: Double
    var shiftX: Double
    var shiftY: Double

    /// Coefficients this small come from rounding: over 16384 pixels they move nothing by a thousandth of a pixel.
    private static let nothing = 1e-9

    /// - Returns: nil when the map is none of these.
    init?(_ m: ProjectiveMatrix) {
        let nothing = Self.nothing
        guard abs(m.g) < 1e-15, abs(m.h) < 1e-15, abs(m.i - 1) < nothing else { return nil }
        if abs(m.b) < nothing && abs(m.d) < nothing && abs(m.a) > nothing && abs(m.e) > nothing {
            symmetry = Self.symmetry(mirrorsColumns: m.a < 0, mirrorsRows: m.e < 0, swapsAxes: false)
            (scaleX, scaleY) = (abs(m.a), abs(m.e))
        } else if abs(m.a) < nothing && abs(m.e) < nothing && abs(m.b) > nothing && abs(m.d) > nothing {
            // The target's x is the source's y: what b mirrors are rows.
            symmetry = Self.symmetry(mirrorsColumns: m.d < 0, mirrorsRows: m.b < 0, swapsAxes: true)
            (scaleX, scaleY) = (abs(m.b), abs(m.d))
        } else {
            return nil
        }
        (shiftX, shiftY) = (m.c, m.f)
    }

    private static func symmetry(mirrorsColumns: Bool, mirrorsRows: Bool, swapsAxes: Bool) -> DihedralTransform {
        DihedralTransform.allCases.first {
            $0.mirrorsColumns == mirrorsColumns && $0.mirrorsRows == mirrorsRows && $0.swapsAxes == swapsAxes
        } ?? .identity
    }

    /// The two axes after the source was cut to a window and turned: what the turned window's places become.
    /// - Parameters:
    ///   - rows: of the source.
    ///   - columns: likewise.
    func axes(rows: Range<Int>, columns: Range<Int>) -> (x: AxisMap, y: AxisMap) {
        // The turned window's origin, in the source mirrored and exchanged about its own origin.
        let left = symmetry.mirrorsColumns ? -Double(columns.upperBound) : Double(columns.lowerBound)
        let top = symmetry.mirrorsRows ? -Double(rows.upperBound) : Double(rows.lowerBound)
        let (originX, originY) = symmetry.swapsAxes ? (top, left) : (left, top)
        let (lengthX, lengthY) = symmetry.swapsAxes ? (rows.count, columns.count) : (columns.count, rows.count)
        return (
            AxisMap(length: lengthX, scale: scaleX, shift: shiftX + scaleX * originX),
            AxisMap(length: lengthY, scale: scaleY, shift: shiftY + scaleY * originY)
        )
    }
}
