internal import KernelABI

// Rows are short here: SAM has 32 channels, small models 8. Rows of whole eights go by halves of a wide register, since
// a partial register costs more than all else; other lengths take one element at a time.

@inline(never) func rowDots(
    _ input: FloatInput, _ rows: Int, _ columns: Int, _ filter: FloatInput, _ output: FloatOutput
) {
    for row in 0..<rows {
        let x = input + row * columns
        if columns % 8 == 0 {
            var sum = load8(x) * load8(filter)
            var column = 8
            while column < columns {
                sum += load8(x + column) * load8(filter + column)
                column += 8
            }
            let four = sum.lowHalf + sum.highHalf
            let two = four.lowHalf + four.highHalf
            output[row] = two[0] + two[1]
        } else {
            var sum: Float = 0
            for column in 0..<columns { sum += x[column] * filter[column] }
            output[row] = sum
        }
    }
}

@inline(never) func outerProduct(
    _ factors: FloatInput, _ filter: FloatInput, _ rows: Int, _ columns: Int, _ output: FloatOutput, _ adds: Bool
) {
    for row in 0..<rows {
        let y = output + row * columns
        let factor = factors[row]
        if columns % 8 == 0 {
            let all = SIMD8<Float>(repeating: factor)
            var column = 0
            while column < columns {
                let term = load8(filter + column) * all
                store8(adds ? load8(y + column) + term : term, y + column)
                column += 8
            }
        } else {
            for column in 0..<columns { y[column] = factor * filter[column] + (adds ? y[column] : 0) }
        }
    }
}

@inline(never) func addWeightedRows(
    _ input: FloatInput, _ factors: FloatInput, _ rows: Int, _ columns: Int, _ output: FloatOutput
) {
    if columns % 8 == 0 {
        var column = 0
        while column < columns {
            var sum = SIMD8<Float>.zero
            for row in 0..<rows {
                sum += load8(input + row * columns + column) * SIMD8<Float>(repeating: factors[row])
            }
            store8(load8(output + column) + sum, output + column)
            column += 8
        }
    } else {
        for column in 0..<columns {
            var sum: Float = 0
            for row in 0..<rows { sum += factors[row] * input[row * columns + column] }
            output[column] += sum
        }
    }
}
