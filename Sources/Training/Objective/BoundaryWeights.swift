private import Masks

/// The weights of the boundary loss: each cell's signed distance from the edge of the label, negative inside.
///
/// Distances go from the cell's middle to the edge between the nearest cell of the other side and its neighbour: one half at
/// the edge. Those outside are divided by twice their sum, likewise those inside: the loss `1/2 + Σ w p` then is the mean of two
/// averages, of p over the outside and of 1 - p over the inside, both weighted by distance. It lies in 0...1 whatever the size
/// of grid and object, where the paper's own scale lets large objects count more.
/// Source: Kervadec et al., "Boundary loss for highly unbalanced segmentation", 2019, equation 6.
enum BoundaryWeights {
    /// - Parameter target: a label. Where no cell has more than half of it, the cells with at least half of what the fullest has
    ///   are the object.
    /// - Returns: as many weights as cells; all zero without any object, or without anything else.
    static func values(_ target: MaskCoverage) -> [Float] {
        let level = target.objectLevel
        let bitmap = Bitmap(
            height: target.height, width: target.width, pixels: target.values.map { $0 > level ? 1 : 0 })
        let area = bitmap.area
        guard area > 0, area < target.values.count else { return target.values.map { _ in 0 } }
        let inside = bitmap.squaredDistanceTransform()
        let outside = bitmap.squaredDistancesToForeground()
        let distances = zip(inside, outside).map { inside, outside in
            outside > 0 ? Double(outside).squareRoot() - 0.5 : 0.5 - Double(inside).squareRoot()
        }
        var (outer, inner) = (0.0, 0.0)
        for distance in distances {
            if distance > 0 { outer += distance } else { inner -= distance }
        }
        return distances.map { Float($0 / (2 * ($0 > 0 ? outer : inner))) }
    }
}
