internal import KernelABI
private import Runtime

/// Bilinear resize of pictures with channels last, without antialiasing, as PyTorch's `interpolate` with `align_corners`
/// false: the source of pixel i is `(i + 0.5) * source / target - 0.5`, held inside the picture.
///
/// Each source line is interpolated across once for all target lines of a task that need it; two of them are kept.
package struct BilinearResize: Sendable {
    /// A height and a width in pixels.
    package struct Size: Sendable, Hashable {
        package var height: Int
        package var width: Int

        package init(height: Int, width: Int) {
            self.height = height
            self.width = width
        }
    }

    /// Target lines in one task.
    private static let linesPerTask = 32

    private let source: Size
    private let kept: Size
    private let channels: Int
    private let lines: LinearTaps
    private let columns: LinearTaps
    private let kernels: ResizeKernels

    /// - Parameters:
    ///   - target: the size of the whole result.
    ///   - kept: the part of it, from the top left corner on, that is computed; all of it if nil.
    package init(source: Size, target: Size, kept: Size? = nil, channels: Int) {
        let kept = kept ?? target
        precondition(
            source.height >= 1 && source.width >= 1 && channels >= 1 && kept.height <= target.height
                && kept.width <= target.width && kept.height >= 1 && kept.width >= 1
                && source.width * channels <= Int(Int32.max),
            "cannot resize \(source) of \(channels) channels to \(kept) of \(target)")
        self.source = source
        self.kept = kept
        self.channels = channels
        lines = LinearTaps(from: source.height, to: target.height, count: kept.height, unit: 1)
        columns = LinearTaps(from: source.width, to: target.width, count: kept.width, unit: channels)
        kernels = Kernels.table.resizing
    }

    /// - Parameters:
    ///   - input: B pictures of the source's size.
    ///   - output: B pictures of the kept size, written.
    package func run(
        batch: Int = 1, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>
    ) {
        nonisolated(unsafe) let (input, output) = (input, output)
        let width = kept.width * channels
        let sourceLine = source.width * channels
        let tasks = (kept.height + Self.linesPerTask - 1) / Self.linesPerTask
        let workers = max(1, min(Workers.count, batch * tasks))
        BufferPool.withBuffer(workers * 2 * width) { memory in
            nonisolated(unsafe) let memory = memory
            Workers.forEachChunk(of: batch * tasks, grain: 1) { items, worker in
                let wide = memory + worker * 2 * width
                for item in items {
                    let picture = item / tasks
                    let from = input + picture * source.height * sourceLine
                    let to = output + picture * kept.height * width
                    // The source lines that the two wide ones are of.
                    var (even, odd) = (-1, -1)
                    /// The wide form of a source line; neighbours have a place each.
                    func spread(_ line: Int) -> UnsafePointer<Float> {
                        let place = wide + line % 2 * width
                        if (line % 2 == 0 ? even : odd) != line {
                            columns.withPointers { first, second, weight in
                                kernels.spreadLine(
                                    from + line * sourceLine, first, second, weight, kept.width, channels, place)
                            }
                            if line % 2 == 0 { even = line } else { odd = line }
                        }
                        return UnsafePointer(place)
                    }
                    let first = item % tasks * Self.linesPerTask
                    for line in first..<min(kept.height, first + Self.linesPerTask) {
                        let tap = lines[line]
                        kernels.blendLines(
                            spread(tap.first), spread(tap.second), tap.weight, width, to + line * width)
                    }
                }
            }
        }
    }
}
