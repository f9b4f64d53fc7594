internal import ArgumentParser
internal import Masks
internal import SAM

/// Which prompts of a command line belong to which object.
///
/// Without boxes all points speak of one object; each box is an object; with one box every point speaks of that; with
/// several a point speaks of the smallest box around it.
enum PromptAssignment {
    /// - Parameter hasMask: whether there is a mask of the object too.
    /// - Returns: one prompt an object: in the order of the boxes, or the only one.
    /// - Throws: `ValidationError` for prompts that do not say what is wanted.
    static func objects(
        points: [Prompt.Point], boxes: [Box], hasMask: Bool
    ) throws(ValidationError) -> [Prompt] {
        guard boxes.count > 1 else {
            if boxes.isEmpty && !hasMask && !points.contains(where: \.isForeground) {
                throw ValidationError(
                    points.isEmpty
                        ? "Nothing says what to segment: give --point, --box or --mask."
                        : "Points of the background alone do not say what to segment: give a --point with 1, or a --box."
                )
            }
            return [Prompt(points: points, box: boxes.first)]
        }
        guard !hasMask else { throw ValidationError("--mask speaks of one object; there are \(boxes.count) boxes.") }
        var objects = boxes.map { Prompt(box: $0) }
        for point in points {
            let around = boxes.indices.filter { boxes[$0].contains(point) }
            guard let owner = around.min(by: { boxes[$0].area < boxes[$1].area }) else {
                throw ValidationError(
                    "Point \(point.x),\(point.y) lies in none of the \(boxes.count) boxes, so it speaks of no object.")
            }
            objects[owner].points.append(point)
        }
        return objects
    }
}

extension Box {
    fileprivate func contains(_ point: Prompt.Point) -> Bool {
        (x...max(x, maxX)).contains(point.x) && (y...max(y, maxY)).contains(point.y)
    }
}
