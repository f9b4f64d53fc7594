import Runtime
import TestSupport
import Testing

@Suite struct FileSystemPathsTests {
    /// Path, folder, last part, ending, stem.
    static let paths: [(path: String, folder: String, last: String, ending: String, stem: String)] = [
        ("", "", "", "", ""), ("a", "", "a", "", "a"), ("7", "", "7", "", "7"), ("é", "", "é", "", "é"),
        ("e\u{301}", "", "e\u{301}", "", "e\u{301}"), (".", "", ".", "", "."), ("..", "", "..", "", ".."),
        ("/", "/", "/", "", "/"), ("//", "/", "/", "", "//"), ("/a", "/", "a", "", "/a"),
        ("a/", "", "a", "", "a"), ("a/b", "a", "b", "", "a/b"), ("a/b/", "a", "b", "", "a/b"),
        ("a//b", "a", "b", "", "a//b"), ("/a/b.c/d.tar.gz", "/a/b.c", "d.tar.gz", "gz", "/a/b.c/d.tar"),
        (".hidden", "", ".hidden", "", ".hidden"), ("x/.hidden.png", "x", ".hidden.png", "png", "x/.hidden"),
        ("a.", "", "a.", "", "a."), ("ä/ö.JPG", "ä", "ö.JPG", "JPG", "ä/ö"), ("a.é", "", "a.é", "é", "a"),
        ("🙂", "", "🙂", "", "🙂"), ("🙂/🙂.🙂", "🙂", "🙂.🙂", "🙂", "🙂/🙂"), ("\n", "", "\n", "", "\n"),
        ("a/.", "a", ".", "", "a/."),
    ]

    @Test(arguments: paths.indices)
    func pathsAreTakenApart(index: Int) {
        let (path, folder, last, ending, stem) = Self.paths[index]
        // By bytes: `String` takes two spellings of one letter for equal.
        #expect(Array(FileSystem.folder(of: path).utf8) == Array(folder.utf8))
        #expect(Array(FileSystem.lastComponent(path).utf8) == Array(last.utf8))
        #expect(Array(FileSystem.ending(of: path).utf8) == Array(ending.utf8))
        #expect(Array(FileSystem.stem(of: path).utf8) == Array(stem.utf8))
    }

    /// A file that is not waited for has the same bytes, and nothing is left beside it.
    @Test func filesMayBeMadeDurableTogether() throws {
        let directory = try TemporaryDirectory()
        for index in 0..<20 {
            try AtomicFileWriter.write(
                [UInt8](repeating: 7, count: index * 9000), to: directory.file("\(index)"), durability: .later)
        }
        try FileSystem.synchronise(directory.path)
        #expect(try FileSystem.list(directory.path).count == 20)
        for index in 0..<20 { #expect(try FileSystem.read(directory.file("\(index)")).count == index * 9000) }
        #expect(throws: FileError.self) { try FileSystem.synchronise(directory.file("gone")) }
    }
}
