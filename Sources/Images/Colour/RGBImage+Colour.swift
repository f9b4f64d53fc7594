internal import KernelABI
internal import Kernels
internal import Runtime

extension RGBImage {
    /// The image after some changes of colour, one after the other.
    ///
    /// In between, samples have three bits behind the point: what albumentations and torchvision round to whole numbers
    /// after each change is rounded once here. The result depends neither on the worker count nor on the machine.
    package func changed(by changes: [ColourChange]) -> RGBImage {
        if changes.isEmpty { return self }
        let table = Kernels.table.pixels
        var steps: [PlaneStep] = []
        for change in changes {
            if case .contrast(let factor) = change {
                // The mean is of the image as the changes so far leave it.
                let mean = meanLuma(after: steps, table)
                steps.append(PlaneStep(factor: factor, offset: (1 - factor) * mean))
            } else {
                steps.append(PlaneStep(change))
            }
        }
        let done = steps
        let grain = Self.colourGrain
        let pixels = [UInt8](unsafeUninitializedCapacity: self.pixels.count) { buffer, count in
            let out = SharedBuffer(buffer.baseAddress.unsafelyUnwrapped, count: buffer.count)
            self.pixels.withUnsafeBufferPointer { source in
                nonisolated(unsafe) let base = source.baseAddress.unsafelyUnwrapped
                Workers.forEachChunk(of: height * width, grain: grain) { pixels, _ in
                    Self.withPlanes(base + 3 * pixels.lowerBound, pixels.count, done, table) { planes, tile in
                        let target = out.base + 3 * (pixels.lowerBound + tile.lowerBound)
                        table.join(planes, Self.colourTile, tile.count, target)
                    }
                }
            }
            count = self.pixels.count
        }
        return RGBImage(height: height, width: width, pixels: pixels)
    }

    /// The mean luma (ITU-R BT.601), 0...1.
    package var meanLuma: Double { meanLuma(after: [], Kernels.table.pixels) }

    /// Pixels that one thread takes at once.
    private static let colourGrain = 1 << 15
    /// Pixels in planes at once: their three planes stay in the nearest cache.
    private static let colourTile = 2048

    /// Takes pixels in tiles through the steps.
    ///
    /// - Parameter body: gets the planes of a tile, and which of the pixels they are.
    private static func withPlanes(
        _ pixels: UnsafePointer<UInt8>, _ count: Int, _ steps: [PlaneStep], _ table: PixelKernels,
        _ body: (_ planes: UnsafeMutablePointer<Int16>, _ tile: Range<Int>) -> Void
    ) {
        withUnsafeTemporaryAllocation(of: Int16.self, capacity: 3 * colourTile) { buffer in
            let planes = buffer.baseAddress.unsafelyUnwrapped
            for start in stride(from: 0, to: count, by: colourTile) {
                let tile = start..<min(count, start + colourTile)
                table.split(pixels + 3 * start, tile.count, planes, colourTile)
                for step in steps { step.run(planes, stride: colourTile, count: tile.count, table) }
                body(planes, tile)
            }
        }
    }

    /// The mean luma after some steps, 0...1.
    private func meanLuma(after steps: [PlaneStep], _ table: PixelKernels) -> Double {
        let grain = Self.colourGrain
        let chunks = (height * width + grain - 1) / grain
        var sums = [Int](repeating: 0, count: 3 * chunks)
        sums.withUnsafeMutableBufferPointer { buffer in
            nonisolated(unsafe) let sums = buffer  // each chunk writes three of its own
            pixels.withUnsafeBufferPointer { source in
                nonisolated(unsafe) let base = source.baseAddress.unsafelyUnwrapped
                Workers.forEachChunk(of: height * width, grain: grain) { pixels, _ in
                    Self.withPlanes(base + 3 * pixels.lowerBound, pixels.count, steps, table) { planes, tile in
                        for channel in 0..<3 {
                            var sum: Int32 = 0
                            let plane = planes + channel * Self.colourTile
                            for index in 0..<tile.count { sum &+= Int32(plane[index]) }
                            sums[3 * (pixels.lowerBound / grain) + channel] += Int(sum)
                        }
                    }
                }
            }
        }
        // Whole numbers: the order of the sums does not matter.
        let totals = (0..<3).map { channel in stride(from: channel, to: sums.count, by: 3).reduce(0) { $0 + sums[$1] } }
        let luma = 0.299 * Double(totals[0]) + 0.587 * Double(totals[1]) + 0.114 * Double(totals[2])
        return luma / Double(height * width) / 2040
    }
}
