/// When to try the fast path of number arrays again, in an array that it does not get far with.
///
/// A try looks ahead over some sixty numbers, so that it must not be made for each number of an array of long ones.
struct NumberPatience {
    private static let most = 256
    private var left = 0
    private var next = 4

    /// Whether the fast path is to be tried at this number; otherwise the number is read by itself.
    var triesRun: Bool {
        mutating get {
            left &-= 1
            return left < 0
        }
    }

    /// - Parameter count: numbers that the fast path has read.
    mutating func noteRun(of count: Int) {
        next = count >= 16 ? 4 : min(2 &* next, Self.most)
        left = next
    }
}
