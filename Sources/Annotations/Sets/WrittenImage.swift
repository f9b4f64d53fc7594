private import Foundation
internal import Runtime

/// What an image has become in a set that has a file, or several, for each image.
package struct WrittenImage: Sendable, Hashable {
    /// A file as it was written.
    package struct File: Sendable, Hashable {
        /// Below the set's folder.
        package let path: String
        package let bytes: Int
        /// CRC-32C of all bytes.
        package let checksum: UInt32

        package init(path: String, bytes: Int, checksum: UInt32) {
            self.path = path
            self.bytes = bytes
            self.checksum = checksum
        }

        /// Whether the file is there as it was written.
        package func isThere(in root: String) -> Bool {
            guard let file = try? MappedFile(path: FileSystem.join(root, path)), file.bytes.count == bytes else {
                return false
            }
            return file.withBytes { CRC32C.checksum($0) } == checksum
        }
    }

    /// The name that the writer gave the image, which no other has.
    package var name: String
    package var files: [File]

    package init(name: String, files: [File] = []) {
        self.name = name
        self.files = files
    }
}

/// A writer whose format has files for each image alone, so that an interrupted conversion need not write again what is
/// there.
package protocol ResumableLabelWriter: LabelWriter {
    /// Whether the writer's options leave it so; nothing else is asked of it otherwise.
    var isResumable: Bool { get }
    /// What the image that was written last became.
    var lastWritten: WrittenImage { get }

    /// Takes an image for written that an earlier process wrote. The order of calls is the order in which images were
    /// written.
    mutating func resume(_ image: WrittenImage) throws
}

extension ResumableLabelWriter {
    package var isResumable: Bool { true }
}
