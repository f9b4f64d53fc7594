/// How Datumaro sets are read and written.
package struct DatumaroOptions: Sendable, Hashable {
    /// The subset to read, which is a file of `annotations`; nil reads all.
    package var subset: String?
    /// The name of what is written.
    package var writtenSubset = "default"

    package init() {}
}
