import Foundation
import Tensors
import TestSupport

/// Named numbers that a script computed: lines of a name, a colon, and numbers.
struct NumberFixture {
    private var entries: [String: [Double]] = [:]

    /// - Parameter path: below `Tests/Fixtures`.
    init(_ path: String) throws {
        let text = try String(contentsOfFile: Repository.fixture(path), encoding: .utf8)
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            entries[String(parts[0])] = parts[1].split(separator: " ").compactMap { Double($0) }
        }
    }

    subscript(name: String) -> [Double] { entries[name] ?? [] }

    func tensor(_ name: String, _ shape: [Int]) -> Tensor { Tensor(self[name].map { Float($0) }, shape: shape) }
}

/// The largest difference of two lists, relative to the largest expected value; infinite when their counts differ.
func relativeError(_ values: [Float], _ expected: [Double]) -> Double {
    guard values.count == expected.count, !values.isEmpty else { return .infinity }
    let scale = expected.reduce(1e-12) { max($0, abs($1)) }
    return zip(values, expected).reduce(0) { largest, pair in
        let error = abs(Double(pair.0) - pair.1) / scale
        return error > largest || error.isNaN ? error : largest
    }
}
