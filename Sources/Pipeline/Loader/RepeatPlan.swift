private import Runtime

/// How often each sample comes up in an epoch: its whole number of times, and some of the samples with a fraction once more.
///
/// The epoch has the same length always, the rounded sum: fractions f are served by systematic sampling, which takes a
/// sample once more with a probability of f, up to that rounding, and takes none twice. Which ones depends on seed and
/// epoch alone. Source: Madow, "On the theory of systematic sampling, II", Annals of Mathematical Statistics 20 (1949).
struct RepeatPlan: Sendable {
    /// Times that each sample comes up in any epoch, by its place in the list.
    private let whole: [Int]
    /// Places of samples with a fraction.
    private let places: [Int]
    private let fractions: [Double]
    /// How many of them come up once more in an epoch.
    private let extras: Int
    /// Samples of an epoch, repeats counted.
    let count: Int

    /// - Parameter repeats: of each sample; finite, 0 or more.
    init(_ repeats: [Double]) {
        precondition(repeats.allSatisfy { $0 >= 0 && $0 <= 1e9 }, "a sample cannot come up a negative number of times")
        whole = repeats.map { Int($0.rounded(.down)) }
        places = repeats.indices.filter { repeats[$0] != repeats[$0].rounded(.down) }
        fractions = places.map { repeats[$0] - repeats[$0].rounded(.down) }
        let sum = fractions.reduce(0, +)
        // Rounded down above 1, so that no interval is shorter than a fraction and none is taken twice.
        extras = sum < 1 ? Int(sum.rounded()) : min(places.count, Int((sum + 1e-9).rounded(.down)))
        count = whole.reduce(0, +) + extras
    }

    /// How often each sample comes up in an epoch.
    func times(seed: UInt64, epoch: Int) -> [Int] {
        var times = whole
        for place in extraPlaces(seed: seed, epoch: epoch) { times[place] += 1 }
        return times
    }

    /// The places that come up once more, each at most once.
    private func extraPlaces(seed: UInt64, epoch: Int) -> [Int] {
        if extras == 0 { return [] }
        var random = CounterRandom(seed: seed, epoch: UInt64(epoch), purpose: RandomPurpose("loader repeats"))
        // In a new order each time: neighbours in the list exclude each other otherwise.
        let order = random.permutation(places.count)
        let interval = fractions.reduce(0, +) / Double(extras)
        var mark = random.uniform() * interval
        var reached = 0.0
        var taken: [Int] = []
        var rest: [Int] = []
        for index in order {
            reached += fractions[index]
            if reached > mark && taken.count < extras {
                taken.append(places[index])
                mark += interval
            } else {
                rest.append(places[index])
            }
        }
        // Sums in floating point may miss the last mark by a hair.
        return taken + rest.suffix(extras - taken.count)
    }
}
