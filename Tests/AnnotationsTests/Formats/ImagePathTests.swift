import Annotations
import TestSupport
import Testing

/// Which names lead out of the images' directory, and which are plain.
@Suite struct ImagePathTests {
    @Test(
        arguments: [
            ("a.png", "a.png", nil), ("./a.png", "a.png", nil), ("sub/../a.png", "a.png", nil),
            ("./sub/.././sub//a.png", "sub/a.png", nil), ("a..png", "a..png", nil), ("..a/b", "..a/b", nil),
            ("../a.png", nil, "leads out"), ("sub/../../a.png", nil, "leads out"), ("..", nil, "leads out"),
            ("..\\a.png", nil, "leads out"), ("/etc/passwd", nil, "absolute"), ("C:\\sub\\a.png", nil, "absolute"),
            ("sub\\a.png", "sub/a.png", "backslashes"), (".\\sub\\..\\a.png", "a.png", "backslashes"),
            // An accent behind a slash does not hide it.
            ("../\u{301}a.png", nil, "leads out"), ("x/\u{301}/../../../a.png", nil, "leads out"),
        ] as [(String, String?, String?)])
    func names(name: String, inside: String?, oddity: String?) throws {
        let directory = try TemporaryDirectory()
        let place = ImagePath(name, in: directory.path)
        #expect(place.isRefused == (inside == nil))
        #expect(place.rule == (inside == nil ? "image.outside" : "image.path"))
        if let inside { #expect(place.path.utf8.elementsEqual((directory.path + "/" + inside).utf8), "\(place.path)") }
        #expect((place.oddity == nil) == (oddity == nil) && place.oddity?.contains(oddity ?? "") != false)
        let allowed = ImagePath(name, in: directory.path, allowsOutside: true)
        #expect(!allowed.isRefused && allowed.rule == "image.path")
    }

    @Test func absoluteNamesMayStayInside() throws {
        let directory = try TemporaryDirectory()
        for name in [directory.file("sub/a.png"), directory.path + "/x/../sub/a.png"] {
            let place = ImagePath(name, in: directory.path + "/")
            #expect(!place.isRefused && place.oddity == "is an absolute path" && place.path.hasSuffix("/sub/a.png"))
        }
        // A directory whose name only begins the same is another one.
        #expect(ImagePath(directory.path + "2/a.png", in: directory.path).isRefused)
        #expect(!ImagePath("/etc/passwd", in: "/").isRefused)
        #expect(ImagePath.plain("./a/../b\\c.png") == "b/c.png" && ImagePath.plain("../x") == "../x")
    }

    /// A file whose name has a backslash is that file.
    @Test func backslashesMayBeTheName() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", "a\\b.png")
        let place = ImagePath("a\\b.png", in: directory.path)
        #expect(place.oddity == nil && place.path == directory.file("a\\b.png"))
    }
}
