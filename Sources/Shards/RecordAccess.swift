/// In what order records are read, which decides how much is fetched at once from far away.
package enum RecordAccess: Sendable, Hashable {
    /// Anywhere: a record's own bytes and no more.
    case scattered
    /// One after the other, or nearly so: what stands behind a record is fetched with it, what stands far before it given
    /// back.
    case sequential
}
