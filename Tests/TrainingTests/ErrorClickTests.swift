import Masks
import SAM
import TestSupport
import Testing
import Training

@Suite struct ErrorClickTests {
    private func mask(_ rows: [String]) -> RLE {
        RLE(Bitmap(height: rows.count, width: rows[0].utf8.count, pixels: rows.joined().utf8.map { $0 == 35 ? 1 : 0 }))
    }

    private let label = [
        "..........", ".#####....", ".#####....", ".#####....", ".#####....", ".#####....", "..........",
    ]

    @Test func whatIsMissingIsClickedInItsMiddle() throws {
        // Three columns of five rows are missing: their middle is row 3, column 4.
        let prediction = mask([
            "..........", ".##.......", ".##.......", ".##.......", ".##.......", ".##.......", "..........",
        ])
        let click = try #require(
            ErrorClick.next(prediction: prediction, label: mask(label), takesBackground: true))
        #expect(click == Prompt.Point(x: 4, y: 3))
    }

    @Test func whatIsTooMuchIsClickedAsBackground() throws {
        let prediction = mask([
            "..........", ".#####.###", ".#####.###", ".#####.###", ".##.##....", ".#####....", "..........",
        ])
        let click = try #require(
            ErrorClick.next(prediction: prediction, label: mask(label), takesBackground: true))
        #expect(click == Prompt.Point(x: 8, y: 2, isForeground: false))
        // A model that knows no background is told of the one pixel that is missing.
        #expect(
            ErrorClick.next(prediction: prediction, label: mask(label), takesBackground: false)
                == Prompt.Point(x: 3, y: 4))
    }

    @Test func ofTwoAsLargeTheMissingOneGoesFirst() {
        let prediction = mask([
            "..........", ".#####....", ".#####..#.", ".##.##....", ".#####....", ".#####....", "..........",
        ])
        #expect(
            ErrorClick.next(prediction: prediction, label: mask(label), takesBackground: true)
                == Prompt.Point(x: 3, y: 3))
    }

    /// Pixels that touch at a corner are one region, larger than the pair beside them.
    @Test func regionsAreJoinedAtCorners() {
        let prediction = mask([
            "##........", ".#####..#.", ".#####.#..", ".#####..#.", ".#####....", ".#####....", "..........",
        ])
        let click = ErrorClick.next(prediction: prediction, label: mask(label), takesBackground: true)
        #expect(click?.isForeground == false && (click?.x ?? 0) >= 7)
    }

    @Test func nothingWrongNeedsNoClick() {
        #expect(ErrorClick.next(prediction: mask(label), label: mask(label), takesBackground: true) == nil)
        let more = mask([
            "..........", ".######...", ".#####....", ".#####....", ".#####....", ".#####....", "..........",
        ])
        #expect(ErrorClick.next(prediction: more, label: mask(label), takesBackground: false) == nil)
    }

    @Test func anEmptyMaskIsClickedWhereTheLabelIsDeepest() {
        let empty = mask(Array(repeating: "..........", count: 7))
        #expect(
            ErrorClick.next(prediction: empty, label: mask(label), takesBackground: true)
                == PromptSampler.deepestPoint(in: mask(label)))
    }
}
