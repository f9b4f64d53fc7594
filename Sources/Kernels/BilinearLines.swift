internal import KernelABI

/// Bilinear resize of one channel line by line: the bits of ``BilinearResize``, without a whole picture between two steps.
package struct BilinearLines: Sendable {
    /// Lines of the kept part of the result.
    package let height: Int
    /// Pixels of each of them.
    package let width: Int
    private let lines: LinearTaps
    private let columns: LinearTaps
    private let kernels: ResizeKernels

    /// Takes the kernels in force; made on the thread that starts the operation, not inside a parallel loop.
    ///
    /// - Parameters:
    ///   - target: the size of the whole result.
    ///   - kept: the part of it, from the top left corner on, that is computed; all of it if nil.
    package init(source: BilinearResize.Size, target: BilinearResize.Size, kept: BilinearResize.Size? = nil) {
        let kept = kept ?? target
        precondition(
            source.height >= 1 && source.width >= 1 && kept.height >= 1 && kept.width >= 1
                && kept.height <= target.height && kept.width <= target.width,
            "cannot resize \(source) to \(kept) of \(target)")
        height = kept.height
        width = kept.width
        lines = LinearTaps(from: source.height, to: target.height, count: kept.height, unit: 1)
        columns = LinearTaps(from: source.width, to: target.width, count: kept.width, unit: 1)
        kernels = Kernels.table.resizing
    }

    /// Floats of memory that a walk needs: two source lines, interpolated across.
    package var scratchCount: Int { 2 * width }

    /// One way through the result, from top to bottom.
    package struct Walk {
        private let resize: BilinearLines
        private let scratch: UnsafeMutablePointer<Float>
        /// The source lines that the two lines in the scratch memory are of; neighbours have a place each.
        private var held = (even: -1, odd: -1)

        /// - Parameter scratch: ``BilinearLines/scratchCount`` floats, this walk's own while it lasts.
        package init(_ resize: BilinearLines, scratch: UnsafeMutablePointer<Float>) {
            self.resize = resize
            self.scratch = scratch
        }

        /// Computes one line; the lines of one walk are asked for in ascending order.
        ///
        /// - Parameters:
        ///   - source: gives a line of the source; what it points to is used before `source` is called again.
        ///   - output: ``BilinearLines/width`` floats, written.
        package mutating func line(
            _ index: Int, into output: UnsafeMutablePointer<Float>, source: (Int) -> UnsafePointer<Float>
        ) {
            let tap = resize.lines[index]
            spread(tap.first, source)
            spread(tap.second, source)
            resize.kernels.blendLines(place(of: tap.first), place(of: tap.second), tap.weight, resize.width, output)
        }

        private func place(of line: Int) -> UnsafeMutablePointer<Float> { scratch + line % 2 * resize.width }

        /// Brings a source line, interpolated across, to its place.
        private mutating func spread(_ line: Int, _ source: (Int) -> UnsafePointer<Float>) {
            guard (line % 2 == 0 ? held.even : held.odd) != line else { return }
            let input = source(line)
            let target = place(of: line)
            resize.columns.withPointers { first, second, weight in
                resize.kernels.spreadLine(input, first, second, weight, resize.width, 1, target)
            }
            if line % 2 == 0 { held.even = line } else { held.odd = line }
        }
    }
}
