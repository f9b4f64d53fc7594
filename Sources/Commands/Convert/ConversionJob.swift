internal import Annotations
internal import ArgumentParser
internal import Pipeline
internal import Runtime

/// Runs a conversion for a command: progress, forecast, report, exit code.
struct ConversionJob {
    let options: ConversionOptions
    let makeWriter: Conversion.WriterMaker?
    var writeIndex: Conversion.IndexWriter?
    let open: () throws -> any LabelSource

    /// - Parameters:
    ///   - isDryRun: only say what would be done.
    ///   - isStrict: exit with 65 if anything was dropped because it is wrong.
    func run(_ console: Console, json: Bool, isDryRun: Bool, isStrict: Bool) throws {
        let conversion = Conversion(options, makeWriter: makeWriter, writeIndex: writeIndex, open: open)
        if isDryRun {
            let progress = ProgressReporter("looking", unit: "images", console: console)
            defer { progress.finish() }
            let plan = try conversion.dryRun { progress.update(done: $0, total: $1) }
            progress.finish()
            let report = ConversionPlanReport(plan)
            if options.dropPolicy != .fail { for line in report.cutLines { console.error(line) } }
            console.result(json ? report.json : report.text)
            // With --on-error fail it would stop at the first.
            if (isStrict || options.dropPolicy == .fail) && plan.ledger.counts.hasDrops {
                throw ExitCode(FailureKind.badInput.exitCode)
            }
            return
        }
        let progress = ProgressReporter("converting", unit: "images", console: console)
        let wantsForecast = !console.isQuiet && (options.split != nil || !options.chain.isEmpty)
        let summary: ConversionSummary
        do {
            summary = try conversion.run(
                forecast: wantsForecast
                    ? { forecast in console.remark(ForecastTable(forecast).text + "\n") } : nil
            ) { progress.update(done: $0, total: $1) }
            progress.finish()
        } catch {
            progress.finish()
            throw error
        }
        let report = ConversionReport(summary, format: options.format, target: options.target)
        for line in report.cutLines { console.error(line) }
        if json {
            console.result(report.json)
        } else {
            if options.dropPolicy == .report { for line in report.dropLines { console.remark(line) } }
            console.result(report.text)
        }
        if isStrict && summary.hasDrops { throw ExitCode(FailureKind.badInput.exitCode) }
    }
}
