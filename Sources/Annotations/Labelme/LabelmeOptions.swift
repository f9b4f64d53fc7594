/// How labelme files are read and written.
package struct LabelmeOptions: Sendable, Hashable {
    /// The `version` of what is written; older programs than 5.2 do not know masks.
    package var version = "5.5.0"
    /// Write holes and crowded outlines as masks; else parts alone, their holes filled.
    package var writesMasks = true

    package init() {}
}
