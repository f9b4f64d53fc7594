private import Foundation
internal import JSONText
internal import Runtime
internal import Training

/// What `samdata train --find-lr` prints, and the files that it leaves in the folder of `-o`.
struct LearningRateSearchReport {
    let search: LearningRateSearch
    /// Folder of `find-lr.json` and `find-lr.svg`, or nil for none.
    let folder: String?

    var json: JSONValue { search.json }

    var text: String {
        func rate(_ value: Double?) -> String { value.map { String(format: "%.2g", $0) } ?? "none" }
        let ended =
            switch search.ending {
            case .finished: "to the last step"
            case .exploded: "until the loss exploded"
            case .notFinite: "until a loss or gradient was not finite"
            case .interrupted: "until it was interrupted"
            }
        var rows = [
            (
                "tested",
                String(
                    format: "%d steps, rates from %.0e to %.1e, ", search.points.count, LearningRateSearch.lowestRate,
                    search.points.last?.learningRate ?? LearningRateSearch.lowestRate) + ended
            ),
            ("steepest", rate(search.steepest)),
            ("minimum / 10", rate(search.tenthOfMinimum)),
            (
                "suggestion",
                search.suggestion.map { "--learning-rate " + String(format: "%.2g", $0) }
                    ?? "none: no rate made the loss fall by more than its noise"
            ),
        ]
        if search.skippedSteps > 0 { rows.append(("f16", "\(search.skippedSteps) steps skipped")) }
        rows.append(
            ("written", folder.map { FileSystem.join($0, Self.plotName) } ?? "nothing; -o names a folder for the plot"))
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { $0 + String(repeating: " ", count: width + 2 - $0.count) + $1 }.joined(separator: "\n")
    }

    static let jsonName = "find-lr.json"
    static let plotName = "find-lr.svg"

    /// Demands that nothing is in the way of the files.
    ///
    /// - Throws: `TrainingError.outputExists`.
    static func checkVacancy(_ folder: String) throws {
        let names = [jsonName, plotName, FileSystem.lastComponent(RunFolder(path: folder).configurationPath)]
        guard let name = names.first(where: { FileSystem.exists(FileSystem.join(folder, $0)) }) else { return }
        throw TrainingError(
            .outputExists, "holds \(name) already; give the test another --output", at: DataLocation(path: folder))
    }

    /// Writes both files, making the folder where needed.
    func write() throws {
        guard let folder else { return }
        try FileSystem.createDirectory(folder)
        try AtomicFileWriter.write(json.text(pretty: true) + "\n", to: FileSystem.join(folder, Self.jsonName))
        try AtomicFileWriter.write(search.svg, to: FileSystem.join(folder, Self.plotName))
    }
}
