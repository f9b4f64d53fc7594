internal import ArgumentParser
internal import Masks

/// `--box x0,y0,x1,y1`: two opposite corners.
package struct BoxArgument: ExpressibleByArgument, Sendable {
    let box: Box

    package init?(argument: String) {
        guard let numbers = CoordinateList(argument)?.values, numbers.count == 4 else { return nil }
        box = Box(x: numbers[0], y: numbers[1], width: numbers[2] - numbers[0], height: numbers[3] - numbers[1])
    }
}
