/// Iterative stratification: deals units out so that every label comes in every part in the parts' shares.
///
/// The label with the fewest units left goes first; each of its units goes to the part that wants most of the label, then
/// to the one that wants most units at all. Source: Sechidis, Tsoumakas, Vlahavas, "On the stratification of multi-label
/// data", ECML PKDD 2011. Units are taken in the order of their draws, so that the outcome depends on nothing else.
package struct StratifiedSplit: Sendable {
    /// Images that stay together.
    package struct Unit: Sendable {
        /// 0 ..< 1; the order in which units are taken.
        package var draw: Double
        package var images = 0
        /// Images with the label, by label.
        package var labels: [Int: Int] = [:]
        /// The part that it is in already.
        package var given: Int?

        package init(draw: Double) { self.draw = draw }
    }

    /// The parts' shares, adding up to 1.
    private let shares: [Double]

    package init(shares: [Double]) { self.shares = shares }

    /// For each unit the number of its part.
    package func parts(of units: [Unit]) -> [Int] {
        var parts = [Int](repeating: -1, count: units.count)
        let order = units.indices.sorted { (units[$0].draw, $0) < (units[$1].draw, $1) }
        var totals: [Int: Int] = [:]
        var members: [Int: [Int]] = [:]
        for unit in order {
            for (label, images) in units[unit].labels {
                totals[label, default: 0] += images
                members[label, default: []].append(unit)
            }
        }
        let images = units.reduce(0) { $0 + $1.images }
        var wanted = shares.map { $0 * Double(images) }
        var wantedOfLabel = totals.mapValues { total in shares.map { $0 * Double(total) } }
        var left = members.mapValues(\.count)

        func assign(_ unit: Int, to part: Int) {
            parts[unit] = part
            wanted[part] -= Double(units[unit].images)
            for (label, images) in units[unit].labels {
                wantedOfLabel[label]?[part] -= Double(images)
                left[label]? -= 1
            }
        }

        for unit in order {
            if let part = units[unit].given { assign(unit, to: part) }
        }
        while let label = left.filter({ $0.value > 0 }).min(by: { ($0.value, $0.key) < ($1.value, $1.key) })?.key {
            for unit in members[label] ?? [] where parts[unit] < 0 {
                assign(unit, to: neediest(wantedOfLabel[label] ?? [], wanted))
            }
        }
        for unit in order where parts[unit] < 0 { assign(unit, to: neediest(wanted, wanted)) }
        return parts
    }

    /// The part that wants most, of equal ones the one that wants most units, then the first.
    private func neediest(_ wanted: [Double], _ units: [Double]) -> Int {
        shares.indices.max { a, b in
            (wanted[a], units[a], Double(-a)) < (wanted[b], units[b], Double(-b))
        } ?? 0
    }
}
