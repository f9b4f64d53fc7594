private import Foundation

extension LearningRateSearch {
    /// The losses over the logarithm of the learning rate, as an SVG document of its own.
    ///
    /// Thin line: each step's loss, beside what its images had at the start; thick line: smoothed; upright lines: both
    /// suggestions.
    package var svg: String { LearningRatePlot(self).svg }
}

/// The geometry of the plot: pixels from the top left corner.
private struct LearningRatePlot {
    private let search: LearningRateSearch
    private let shown: ClosedRange<Double>
    private let width = 760.0
    private let height = 440.0
    private let left = 76.0
    private let right = 736.0
    private let top = 56.0
    private let bottom = 380.0

    init(_ search: LearningRateSearch) {
        self.search = search
        let smoothed = search.smoothed
        // The smoothed line decides what is shown: single losses, and the explosion, would press it flat.
        let start = smoothed.first ?? 1
        let lowest = smoothed.min() ?? 0
        let low = max(search.losses.min() ?? 0, lowest - 0.3 * (max(start, lowest) - lowest))
        let high = min(smoothed.max() ?? 1, max(start, low) + (max(start, low) - low) + 0.1 * abs(start))
        shown = low...max(high, low + max(1e-6, abs(low) * 1e-3))
    }

    var svg: String {
        let rates = search.points.map(\.learningRate)
        let title =
            search.suggestion.map { "Learning-rate range test: begin with \(Self.text($0))" }
            ?? "Learning-rate range test: no fall beyond noise"
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(Int(width))" height="\(Int(height))" \
            viewBox="0 0 \(Int(width)) \(Int(height))" font-family="sans-serif" font-size="13" fill="#222">
            <rect width="100%" height="100%" fill="#fff"/>
            <text x="\(left)" y="28" font-size="17">\(title)</text>
            \(axes)
            <clipPath id="inside"><rect x="\(left)" y="\(top)" width="\(right - left)" height="\(bottom - top)"/></clipPath>
            <g clip-path="url(#inside)" fill="none">
            <polyline stroke="#9ab8d8" stroke-width="1" points="\(line(rates, search.losses))"/>
            <polyline stroke="#1f5fa8" stroke-width="2.5" points="\(line(rates, search.smoothed))"/>
            </g>
            \(mark(search.steepest, "steepest", "#c0392b", row: 0))
            \(mark(search.tenthOfMinimum, "minimum / 10", "#2e8b57", row: 1))
            </svg>

            """
    }

    private var axes: String {
        var parts = [
            #"<g stroke="black"><line x1="\#(left)" y1="\#(bottom)" x2="\#(right)" y2="\#(bottom)"/>"#
                + #"<line x1="\#(left)" y1="\#(top)" x2="\#(left)" y2="\#(bottom)"/></g>"#
        ]
        for exponent in -7...0 {
            let at = Self.number(x(pow(10, Double(exponent))))
            parts.append(
                #"<line x1="\#(at)" y1="\#(top)" x2="\#(at)" y2="\#(bottom)" stroke="gainsboro"/>"#
                    + #"<text x="\#(at)" y="\#(bottom + 20)" text-anchor="middle">1e\#(exponent)</text>"#)
        }
        for step in 0...4 {
            let loss = shown.lowerBound + (shown.upperBound - shown.lowerBound) * Double(step) / 4
            let at = Self.number(y(loss))
            parts.append(
                #"<line x1="\#(left)" y1="\#(at)" x2="\#(right)" y2="\#(at)" stroke="gainsboro"/>"#
                    + #"<text x="\#(left - 8)" y="\#(Self.number(y(loss) + 4))" text-anchor="end">\#(Self.text(loss))</text>"#
            )
        }
        let middle = (top + bottom) / 2
        parts.append(
            #"<text x="\#((left + right) / 2)" y="\#(bottom + 46)" text-anchor="middle">learning rate (logarithmic)</text>"#
                + #"<text x="20" y="\#(middle)" text-anchor="middle" transform="rotate(-90 20 \#(middle))">loss</text>"#
        )
        return parts.joined(separator: "\n")
    }

    private func mark(_ rate: Double?, _ name: String, _ colour: String, row: Int) -> String {
        guard let rate else { return "" }
        let at = x(rate)
        // The label stays within the picture.
        let isLeft = at > (left + right) / 2
        return
            #"<line x1="\#(Self.number(at))" y1="\#(top)" x2="\#(Self.number(at))" y2="\#(bottom)" stroke="\#(colour)" "#
            + #"stroke-dasharray="6 4" stroke-width="1.5"/>"#
            + #"<text x="\#(Self.number(at + (isLeft ? -6 : 6)))" y="\#(top + 16 + 18 * Double(row))" fill="\#(colour)" "#
            + #"text-anchor="\#(isLeft ? "end" : "start")">\#(name): \#(Self.text(rate))</text>"#
    }

    private func line(_ rates: [Double], _ losses: [Double]) -> String {
        zip(rates, losses).map { "\(Self.number(x($0))),\(Self.number(y($1)))" }.joined(separator: " ")
    }

    private func x(_ rate: Double) -> Double {
        let (low, high) = (log10(LearningRateSearch.lowestRate), log10(LearningRateSearch.highestRate))
        return left + (right - left) * (log10(rate) - low) / (high - low)
    }

    private func y(_ loss: Double) -> Double {
        let share = (loss - shown.lowerBound) / (shown.upperBound - shown.lowerBound)
        // Far outside is cut, so that numbers stay short.
        return bottom - (bottom - top) * min(9, max(-9, share))
    }

    private static func number(_ value: Double) -> String { String(format: "%.1f", value) }
    private static func text(_ value: Double) -> String { String(format: "%.3g", value) }
}
