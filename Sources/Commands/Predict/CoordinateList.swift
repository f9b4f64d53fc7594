/// Finite numbers between commas.
struct CoordinateList {
    let values: [Double]

    init?(_ text: String) {
        var values: [Double] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let digits = part.trimmingPrefix { $0 == " " }
            guard let value = Double(digits), value.isFinite else { return nil }
            values.append(value)
        }
        self.values = values
    }
}
