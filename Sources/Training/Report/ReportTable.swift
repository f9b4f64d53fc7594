/// A table of the report: its first columns are text, the others numbers.
package struct ReportTable: Sendable {
    /// What the table is about, above it.
    package let caption: String
    package let columns: [String]
    /// How many of the first columns hold text, which begins at the left; the first cell of a row names it.
    package let textColumns: Int
    package private(set) var rows: [[Cell]] = []

    /// One cell, with how good it is, which is also told by a sign.
    package struct Cell: Sendable, Hashable, ExpressibleByStringLiteral {
        package let text: String
        package let verdict: MetricChange.Verdict?

        package init(_ text: String, verdict: MetricChange.Verdict? = nil) {
            self.text = text
            self.verdict = verdict
        }

        package init(stringLiteral value: String) { self.init(value) }
    }

    package init(_ caption: String, columns: [String], textColumns: Int = 1) {
        self.caption = caption
        self.columns = columns
        self.textColumns = textColumns
    }

    /// - Parameter cells: one a column.
    package mutating func add(_ cells: [Cell]) {
        precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
        rows.append(cells)
    }

    /// The table in a frame of its own that can be moved sideways on a narrow screen.
    package var html: HTML {
        let head = HTML.element(
            "thead", [:],
            [
                .element(
                    "tr", [:],
                    columns.enumerated().map { index, column in
                        .element(
                            "th", ["scope": "col", "class": index < textColumns ? "text" : "number"], text: column)
                    })
            ])
        let body = HTML.element("tbody", [:], rows.map { .element("tr", [:], $0.enumerated().map(drawn)) })
        return .element(
            "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
            [.element("table", [:], [.element("caption", text: caption), head, body])])
    }

    private func drawn(_ index: Int, _ cell: Cell) -> HTML {
        if index == 0 { return .element("th", ["scope": "row", "class": "text"], text: cell.text) }
        var kind = index < textColumns ? "text" : "number"
        var sign = ""
        switch cell.verdict {
        case .better: (kind, sign) = (kind + " better", " \u{25B2}")
        case .worse: (kind, sign) = (kind + " worse", " \u{25BC}")
        case .same, nil: break
        }
        return .element("td", ["class": kind], text: cell.text + sign)
    }
}
