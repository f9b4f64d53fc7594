/// Floats that lie side by side in the source of an output pixel, to be multiplied with as many rows of the weight's panel.
package struct ConvolutionRun: Sendable {
    /// Where the run begins, from the pixel's own place in the source on.
    package var offset: Int
    package var length: Int
    /// Whether the chain of sums is cut after this run: what is summed so far is rounded and put aside. The last run ends
    /// one in any case.
    package var endsChain: Bool

    package init(offset: Int, length: Int, endsChain: Bool) {
        self.offset = offset
        self.length = length
        self.endsChain = endsChain
    }
}
