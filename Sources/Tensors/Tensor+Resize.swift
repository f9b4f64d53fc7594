private import Foundation
private import Runtime

extension Tensor {
    /// Bilinear resize of `[B, H, W, C]` without antialiasing, as PyTorch's `interpolate` with `align_corners` false: the
    /// source of pixel i is `(i + 0.5) * H / height - 0.5`, held inside the picture. Records nothing on the tape.
    package func bilinearResized(height: Int, width: Int) -> Tensor {
        precondition(
            rank == 4 && shape[1] > 0 && shape[2] > 0 && height > 0 && width > 0,
            "cannot resize \(shape) to \(height) x \(width)")
        let (sourceHeight, sourceWidth, channels) = (shape[1], shape[2], shape[3])
        let lines = LinearTap.all(from: sourceHeight, to: height)
        let columns = LinearTap.all(from: sourceWidth, to: width)
        return Tensor(shape: [shape[0], height, width, channels]) { output in
            ElementLoop.forEachRows(shape[0] * height, columns: width * channels) { rows in
                for row in rows {
                    let line = lines[row % height]
                    let image = base + row / height * sourceHeight * sourceWidth * channels
                    let upper = image + line.first * sourceWidth * channels
                    let lower = image + line.second * sourceWidth * channels
                    let target = output + row * width * channels
                    for column in 0..<width {
                        let tap = columns[column]
                        let (left, right) = (tap.first * channels, tap.second * channels)
                        for channel in 0..<channels {
                            let above = upper[left + channel] * (1 - tap.weight) + upper[right + channel] * tap.weight
                            let below = lower[left + channel] * (1 - tap.weight) + lower[right + channel] * tap.weight
                            target[column * channels + channel] = above * (1 - line.weight) + below * line.weight
                        }
                    }
                }
            }
        }
    }
}

/// The two source pixels of a resized one, and the second one's weight.
private struct LinearTap {
    let first: Int
    let second: Int
    let weight: Float

    static func all(from source: Int, to target: Int) -> [LinearTap] {
        let scale = Float(source) / Float(target)
        return (0..<target).map { index in
            let place = max(0, (Float(index) + 0.5) * scale - 0.5)
            let first = min(Int(place), source - 1)
            return LinearTap(first: first, second: min(first + 1, source - 1), weight: place - Float(first))
        }
    }
}
