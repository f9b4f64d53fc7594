internal import ArgumentParser
internal import SAM

/// `--point x,y` or `--point x,y,1|0`.
package struct PointArgument: ExpressibleByArgument, Sendable {
    let point: Prompt.Point

    package init?(argument: String) {
        guard let numbers = CoordinateList(argument)?.values, (2...3).contains(numbers.count),
            numbers.count == 2 || numbers[2] == 0 || numbers[2] == 1
        else { return nil }
        point = Prompt.Point(x: numbers[0], y: numbers[1], isForeground: numbers.count == 2 || numbers[2] == 1)
    }
}
