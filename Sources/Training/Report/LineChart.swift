private import Foundation

/// A line chart as inline SVG, with a legend that HTML lays out.
package struct LineChart: Sendable {
    /// One line.
    package struct Series: Sendable {
        package struct Point: Sendable, Hashable {
            package let x: Double
            package let y: Double
            /// Interval around the value, drawn as a band; nil for none.
            package let band: ClosedRange<Double>?

            package init(_ x: Double, _ y: Double, band: ClosedRange<Double>? = nil) {
                self.x = x
                self.y = y
                self.band = band
            }
        }

        package let name: String
        /// By rising x; values that are not finite are left out.
        package let points: [Point]
        /// Colour of the line, by number.
        package let colour: Int
        /// Whether the line is only a ground for another one.
        package let isFaint: Bool

        package init(_ name: String, _ points: [Point], colour: Int, isFaint: Bool = false) {
            self.name = name
            self.points = points.filter { $0.x.isFinite && $0.y.isFinite }
            self.colour = colour
            self.isFaint = isFaint
        }
    }

    package let title: String
    package let xTitle: String
    package let yTitle: String
    package let series: [Series]
    /// What the chart shows, for those who do not see it.
    package let summary: String
    private let xAxis: ChartAxis
    private let yAxis: ChartAxis

    /// - Parameters:
    ///   - series: those without points are left out.
    ///   - yIncludes: values that the upright axis shows in any case.
    package init(
        title: String, xTitle: String, yTitle: String, series: [Series], summary: String, yIncludes: [Double] = []
    ) {
        self.title = title
        self.xTitle = xTitle
        self.yTitle = yTitle
        self.series = series.filter { !$0.points.isEmpty }
        self.summary = summary
        let points = self.series.flatMap(\.points)
        xAxis = ChartAxis(holding: points.map(\.x), wholeNumbers: true, endsAtTicks: false)
        yAxis = ChartAxis(
            holding: points.flatMap { [$0.y] + ($0.band.map { [$0.lowerBound, $0.upperBound] } ?? []) } + yIncludes)
    }

    /// Whether there is nothing to draw.
    package var isEmpty: Bool { series.isEmpty }

    private static let (width, height) = (480.0, 270.0)
    private static let (left, right, top, bottom) = (62.0, 14.0, 10.0, 44.0)
    /// More points than this cannot be told apart; they are thinned out evenly.
    private static let maximumPoints = 400

    /// The chart with its title and legend.
    package var html: HTML {
        let named = series.filter { !$0.isFaint }
        let legend = named.map { series in
            HTML.element(
                "span", ["class": "key"],
                [.element("span", ["class": "swatch c\(series.colour)"]), .text(series.name)])
        }
        return .element(
            "figure", ["class": "chart"],
            [
                .element("figcaption", [:], [.element("strong", text: title)] + (named.count > 1 ? legend : [])),
                .element(
                    "svg",
                    [
                        "viewBox": "0 0 \(Int(Self.width)) \(Int(Self.height))", "role": "img",
                        "aria-label": "\(title). \(summary)",
                    ], grid + series.flatMap(drawn)),
            ])
    }

    // MARK: Parts

    private var grid: [HTML] {
        let (plotRight, plotBottom) = (Self.width - Self.right, Self.height - Self.bottom)
        var parts: [HTML] = []
        for tick in yAxis.ticks {
            let y = Self.text(y(tick))
            parts.append(
                .element(
                    "line", ["class": "grid", "x1": Self.text(Self.left), "x2": Self.text(plotRight), "y1": y, "y2": y]
                ))
            parts.append(label(yAxis.label(tick), x: Self.left - 6, y: self.y(tick) + 4, anchor: "end"))
        }
        for tick in xAxis.ticks {
            let x = Self.text(x(tick))
            parts.append(
                .element(
                    "line",
                    ["class": "grid", "x1": x, "x2": x, "y1": Self.text(plotBottom), "y2": Self.text(plotBottom + 4)]))
            parts.append(label(xAxis.label(tick), x: self.x(tick), y: plotBottom + 17, anchor: "middle"))
        }
        let middle = (Self.top + plotBottom) / 2
        parts.append(
            label(xTitle, x: (Self.left + plotRight) / 2, y: Self.height - 6, anchor: "middle", isTitle: true))
        parts.append(
            .element(
                "text",
                [
                    "class": "axis", "text-anchor": "middle",
                    "transform": "translate(13 \(Self.text(middle))) rotate(-90)",
                ], text: yTitle))
        return parts
    }

    private func label(_ text: String, x: Double, y: Double, anchor: String, isTitle: Bool = false) -> HTML {
        .element(
            "text",
            [
                "class": isTitle ? "axis" : "tick", "x": Self.text(x), "y": Self.text(y), "text-anchor": anchor,
            ], text: text)
    }

    /// The band and the line of a series; a dot where there is but one point, and dots where there are few.
    private func drawn(_ series: Series) -> [HTML] {
        let points = Self.thinned(series.points)
        var parts: [HTML] = []
        let banded = points.compactMap { point in point.band.map { (x: point.x, band: $0) } }
        if banded.count > 1 {
            let upper = banded.map { "\(Self.text(x($0.x))) \(Self.text(y($0.band.upperBound)))" }
            let lower = banded.reversed().map { "\(Self.text(x($0.x))) \(Self.text(y($0.band.lowerBound)))" }
            parts.append(
                .element(
                    "path",
                    ["class": "band c\(series.colour)", "d": "M" + (upper + lower).joined(separator: "L") + "Z"]
                ))
        }
        if points.count > 1 {
            let places = points.map { "\(Self.text(x($0.x))) \(Self.text(y($0.y)))" }
            parts.append(
                .element(
                    "path",
                    [
                        "class": "line c\(series.colour)" + (series.isFaint ? " faint" : ""),
                        "d": "M" + places.joined(separator: "L"),
                    ]))
        }
        guard points.count <= 24, !series.isFaint else { return parts }
        return parts
            + points.map { point in
                .element(
                    "circle",
                    [
                        "class": "dot c\(series.colour)", "cx": Self.text(x(point.x)), "cy": Self.text(y(point.y)),
                        "r": "3",
                    ], [.element("title", text: "\(series.name): \(Self.value(point.y)) at \(Self.value(point.x))")])
            }
    }

    private static func thinned(_ points: [Series.Point]) -> [Series.Point] {
        guard points.count > maximumPoints else { return points }
        return (0..<maximumPoints).map { points[$0 * (points.count - 1) / (maximumPoints - 1)] }
    }

    private func x(_ value: Double) -> Double {
        Self.left + xAxis.place(of: value) * (Self.width - Self.left - Self.right)
    }

    private func y(_ value: Double) -> Double {
        Self.height - Self.bottom - yAxis.place(of: value) * (Self.height - Self.top - Self.bottom)
    }

    private static func text(_ position: Double) -> String { String(format: "%.1f", position) }
    private static func value(_ number: Double) -> String { String(format: "%.4g", number) }
}
