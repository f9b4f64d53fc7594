import Foundation
import JSONText
import KernelABI
import Kernels

/// Prints measurements: a line each as they come, or one JSON document at the end.
struct BenchReport {
    let isJSON: Bool

    func begin(peak: Double, threads: Int, hasPeer: Bool) {
        if isJSON { return }
        print(
            String(
                format: "CPU level %@, %ld threads, peak %.1f GFLOP/s, peer: %@", Kernels.table.level.name, threads,
                peak / 1e9, hasPeer ? "PyTorch" : "none (set SAMDATA_BENCH_PYTHON)"))
    }

    func add(_ measurement: Measurement) {
        if isJSON { return }
        var text = String(
            format: "%@: %@: %.3f ms, %.3f of processor", measurement.group, measurement.title,
            measurement.seconds * 1e3, measurement.processorSeconds * 1e3)
        if let rate = measurement.gigaflops, let share = measurement.shareOfPeak {
            text += String(format: ", %.1f GFLOP/s, %.0f %% of peak", rate, share * 100)
        }
        if let seconds = measurement.peerSeconds, let processorSeconds = measurement.peerProcessorSeconds {
            text += String(format: "; peer %.3f ms, %.3f of processor", seconds * 1e3, processorSeconds * 1e3)
            if let ratio = measurement.ratio { text += String(format: ", ratio %.2f", ratio) }
        }
        if !measurement.state.isQuiet { text += "; machine busy, no ratio: \(measurement.state.text)" }
        print(text)
    }

    func end(_ measurements: [Measurement], peak: Double) {
        guard isJSON else { return }
        let document: JSONValue = .object([
            "cpuLevel": .string(Kernels.table.level.name), "peakFlopsPerSecond": .number(peak),
            "measurements": .array(measurements.map(\.json)),
        ])
        print(document.text(pretty: true))
    }
}
