import KernelABI
import Kernels
import Testing

/// Panels of a matrix against the formula.
@Suite struct PackingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let lanes: Int
        let steps: Int
        let width: Int
        /// 0: lanes lie side by side; 1: steps do; 2: neither.
        let layout: Int

        var testDescription: String { "\(lanes) lanes, \(steps) steps, panels of \(width), layout \(layout)" }

        var strides: (lane: Int, step: Int) {
            switch layout {
            case 0: (1, lanes + 3)
            case 1: (steps + 5, 1)
            default: (2, 2 * lanes + 1)
            }
        }
        var span: Int { (lanes - 1) * strides.lane + (steps - 1) * strides.step + 1 }
        var count: Int { (lanes + width - 1) / width * width * steps }
    }

    static let cases = [(1, 1, 6), (5, 3, 6), (12, 9, 12), (31, 18, 32), (64, 7, 16), (45, 21, 8), (128, 6, 128)]
        .flatMap {
            sizes in (0..<3).map { Case(lanes: sizes.0, steps: sizes.1, width: sizes.2, layout: $0) }
        }

    @Test(arguments: cases) func panelsHoldWhatTheFormulaSays(_ each: Case) {
        let source = (0..<each.span).map { Float($0 * 7919 % 4001) / 1000 - 2 }
        let (laneStride, stepStride) = each.strides
        func expected(_ value: (Int) -> Float) -> [Float] {
            var panels = [Float](repeating: 0, count: each.count)
            for lane in 0..<each.lanes {
                for step in 0..<each.steps {
                    let place = lane / each.width * each.steps * each.width + step * each.width + lane % each.width
                    panels[place] = value(lane * laneStride + step * stepStride)
                }
            }
            return panels
        }
        for table in Kernels.available {
            var found = [Float](repeating: .nan, count: each.count)
            table.gemm.packPanels(source, laneStride, stepStride, each.lanes, each.steps, each.width, 0.3, &found)
            #expect(found == expected { source[$0] * 0.3 }, "\(table.level)")
        }
    }
}
