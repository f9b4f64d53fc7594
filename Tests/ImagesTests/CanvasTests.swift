import Images
import Runtime
import TestSupport
import Testing

@Suite struct CanvasTests {
    static let ground = RGBColour(10, 20, 30)

    static func picture(_ rows: [String]) -> [UInt8] { rows.joined().utf8.map { $0 == UInt8(ascii: "#") ? 1 : 0 } }

    /// Which pixels of the canvas have the colour, as text.
    static func drawn(_ canvas: Canvas, _ colour: RGBColour) -> [String] {
        (0..<canvas.image.height).map { row in
            String((0..<canvas.image.width).map { canvas.image[row, $0] == colour ? "#" : "." })
        }
    }

    static func canvas(height: Int, width: Int, scale: Int = 1) -> Canvas {
        Canvas(RGBImage(height: height, width: width, filling: ground), scale: scale)
    }

    @Test func fillMixesColours() {
        var canvas = Self.canvas(height: 2, width: 3)
        canvas.fill(mask: [0, 1, 1, 0, 0, 1], colour: RGBColour(210, 20, 130), opacity: 0.5)
        let mixed = RGBColour(110, 20, 80)
        #expect(Self.drawn(canvas, mixed) == [".##", "..#"])
        #expect(Self.drawn(canvas, Self.ground) == ["#..", "##."])
        canvas.fill(mask: [1, 1, 1, 1, 1, 1], colour: .white, opacity: 1)
        #expect(canvas.image == RGBImage(height: 2, width: 3, filling: .white))
    }

    @Test func outlineIsTheInnerBorder() {
        var canvas = Self.canvas(height: 6, width: 7)
        canvas.outline(
            mask: Self.picture([".......", ".#####.", ".#####.", ".#####.", ".#####.", "......."]), colour: .yellow)
        #expect(
            Self.drawn(canvas, .yellow) == [".......", ".#####.", ".#...#.", ".#...#.", ".#####.", "......."])
    }

    /// An object at the edge of the image has a closed border there too.
    @Test func outlineClosesAtTheEdge() {
        var canvas = Self.canvas(height: 3, width: 4)
        canvas.outline(mask: [UInt8](repeating: 1, count: 12), colour: .yellow)
        #expect(Self.drawn(canvas, .yellow) == ["####", "#..#", "####"])
    }

    /// On an enlarged canvas the line is thinner than a pixel of the image, and has no gaps at inner corners.
    @Test func outlineOfAnEnlargedMask() {
        var canvas = Self.canvas(height: 2, width: 2, scale: 4)
        canvas.outline(mask: [1, 1, 1, 0], colour: .yellow, thickness: 1)
        #expect(
            Self.drawn(canvas, .yellow) == [
                "########", "#......#", "#......#", "#..#####", "#..#....", "#..#....", "#..#....", "####....",
            ])
    }

    @Test func boxFramesItsPixels() {
        var canvas = Self.canvas(height: 5, width: 6)
        canvas.box(x: 1, y: 1, width: 4, height: 3, colour: .green)
        #expect(Self.drawn(canvas, .green) == ["......", ".####.", ".#..#.", ".####.", "......"])
    }

    @Test func whatLiesOutsideIsCut() {
        var canvas = Self.canvas(height: 4, width: 4)
        canvas.box(x: -2, y: 2, width: 4, height: 50, colour: .green)
        #expect(Self.drawn(canvas, .green) == ["....", "....", "##..", ".#.."])
        let before = canvas.image
        canvas.box(x: .nan, y: .infinity, width: 1e300, height: -.infinity, colour: .red)
        canvas.point(x: .nan, y: 2, colour: .red)
        canvas.point(x: 1e18, y: -1e18, colour: .red)
        canvas.text("far away", row: -100, column: 300)
        canvas.paste(RGBImage(height: 2, width: 2, filling: .white), row: 7, column: -9)
        #expect(canvas.image == before)
        canvas.paste(RGBImage(height: 3, width: 3, filling: .white), row: -1, column: 2)
        #expect(Self.drawn(canvas, .white) == ["..##", "..##", "....", "...."])
    }

    @Test func pointIsARingedDisc() {
        var canvas = Self.canvas(height: 11, width: 11)
        canvas.point(x: 5, y: 5, colour: .red, radius: 2)
        #expect(canvas.image[5, 5] == .red && canvas.image[5, 7] == .red && canvas.image[7, 5] == .red)
        #expect(canvas.image[5, 8] == .white && canvas.image[5, 9] == .black && canvas.image[5, 10] == Self.ground)
        #expect(canvas.image[0, 0] == Self.ground)
    }

    @Test func textIsReadable() {
        var canvas = Self.canvas(height: 9, width: 13)
        canvas.text("T1", row: 0, column: 0, colour: .white, background: nil)
        #expect(
            Self.drawn(canvas, .white) == [
                ".............", ".#####...#...", "...#....##...", "...#.....#...", "...#.....#...",
                "...#.....#...", "...#.....#...", "...#....###..", ".............",
            ])
        #expect(Canvas.textExtent("T1") == (9, 13))
        #expect(Canvas.textExtent("T1", size: 3) == (27, 39))
    }

    @Test func panelsStandSideBySide() {
        let left = RGBImage(height: 4, width: 5, filling: .red)
        let right = RGBImage(height: 6, width: 3, filling: .green)
        let joined = Canvas.sideBySide([("", left), ("", right)], gap: 2)
        #expect(joined.height == 6 && joined.width == 10)
        #expect(joined[3, 4] == .red && joined[5, 9] == .green)
        #expect(joined[5, 0] == joined[0, 5] && joined[5, 0] != .red)
        let titled = Canvas.sideBySide([("a", left), ("", right)], gap: 2, titleSize: 1)
        #expect(titled.height == 15 && titled[9, 0] == .red)
        let stacked = Canvas.stacked([left, right], gap: 1)
        #expect(stacked.height == 11 && stacked.width == 5 && stacked[5, 2] == .green)
    }

    @Test func scaleIsComfortable() {
        #expect(Canvas.comfortableScale(height: 256, width: 256) == 2)
        #expect(Canvas.comfortableScale(height: 1200, width: 300) == 1)
        #expect(Canvas.comfortableScale(height: 40, width: 60) == 8)
    }
}
