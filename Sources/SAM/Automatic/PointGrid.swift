private import Foundation

/// Places that are asked for automatically.
package enum PointGrid {
    /// A place in a crop, as shares 0...1 of its width and height.
    package struct Place: Sendable, Hashable {
        package var x: Double
        package var y: Double

        package init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// The centres of `side * side` equal cells, row by row.
    ///
    /// Formula: `offset + i * step` with offset 1 / (2 side), the last one 1 - offset: the bits of NumPy's `linspace`.
    package static func regular(side: Int) -> [Place] {
        precondition(side >= 1, "a grid of \(side) points along its side")
        let offset = 1 / Double(2 * side)
        let end = 1 - offset
        let step = side > 1 ? (end - offset) / Double(side - 1) : 0
        let line = (0..<side).map { side > 1 && $0 == side - 1 ? end : Double($0) * step + offset }
        return line.flatMap { y in line.map { x in Place(x: x, y: y) } }
    }

    /// The grids of all crop layers, that of the whole image first.
    static func layers(_ options: AutomaticMaskOptions) -> [[Place]] {
        options.pointGrids ?? (0...options.cropNLayers).map { regular(side: side(ofLayer: $0, options)) }
    }

    /// Points along a side of a regular grid of a layer, rounded down.
    static func side(ofLayer layer: Int, _ options: AutomaticMaskOptions) -> Int {
        Int(Double(options.pointsPerSide) / pow(Double(options.cropNPointsDownscaleFactor), Double(layer)))
    }
}
