internal import Runtime
internal import Shards

/// What conversions into shards have left in an output.
///
/// Files are samdata's where a manifest of its lists them, or the journal of a conversion that did not end: names like
/// `data-00000-of-00002.tfrecord` and `manifest.json` are given by other programs, too. In a folder of the output they are where
/// the set is a part of a split, which bears the folder's name; others are sets of their own.
extension OutputDirectory {
    /// Removes shards, indexes, manifests and unfinished files of samdata from the directory and the folders of its parts, and
    /// the folders that are empty then; other files stay.
    ///
    /// What says whose the files are goes last, so that a removal that is killed can be begun again.
    ///
    /// - Parameter layout: of the conversion to come, where it writes shards.
    func removeShards(for layout: ShardLayout?) throws {
        guard FileSystem.exists(path) else { return }
        var isSplit = false
        for directory in try directories().reversed() {
            let files = try shardFiles(in: directory, layout)
            if directory != path && files.isEmpty { continue }
            isSplit = isSplit || !files.isEmpty
            let names = try FileSystem.list(directory)
            let owned = names.filter { files.contains(FileSystem.join(directory, $0)) || Self.isTemporary($0) }
            for name in owned where name != ShardManifest.fileName { try remove(FileSystem.join(directory, name)) }
            if owned.contains(ShardManifest.fileName) {
                try remove(FileSystem.join(directory, ShardManifest.fileName))
            }
            if directory != path, try FileSystem.list(directory).isEmpty { try remove(directory) }
        }
        let journals = try ConversionJournal.names(in: path)
        let split = FileSystem.join(path, SplitFile.name)
        if isSplit || !journals.isEmpty, FileSystem.exists(split) { try remove(split) }
        for journal in journals { try remove(FileSystem.join(path, journal)) }
    }

    /// Looks for files of somebody else that bear the names of those to be written.
    ///
    /// - Throws: `PipelineError.outputExists` when there is one.
    func refuseOthers(_ layout: ShardLayout) throws {
        guard FileSystem.exists(path) else { return }
        // Parts may be links to folders elsewhere, which no removal follows.
        let folders = Set(try directories() + layout.parts.map(\.directory).filter(FileSystem.isDirectory))
        let owned = try folders.reduce(into: Set<String>()) { $0.formUnion(try shardFiles(in: $1, layout)) }
        var names = layout.parts.map { FileSystem.join($0.directory, ShardManifest.fileName) }
        for shard in layout.shards {
            let directory = layout.parts[shard.part].directory
            names += [shard.name.file, shard.name.indexFile].map { FileSystem.join(directory, $0) }
        }
        let other = names.first { !owned.contains($0) && FileSystem.exists($0) && !FileSystem.isDirectory($0) }
        guard let other else { return }
        throw PipelineError(
            .outputExists,
            "the file is none that samdata has written, as far as manifests tell, and would be replaced; move it away, or choose another output",
            location: DataLocation(path: other))
    }

    /// Paths of the shards, indexes and the manifest in a directory that are samdata's, of the set in the output itself or of
    /// a part of it.
    private func shardFiles(in directory: String, _ layout: ShardLayout?) throws -> Set<String> {
        let isRoot = directory == path
        // A set without a split is called so, wherever it is.
        let name = isRoot ? ShardLayout.wholeName : FileSystem.lastComponent(directory)
        if !isRoot, name == ShardLayout.wholeName, layout?.parts.contains(where: { $0.directory == directory }) != true
        {
            return []
        }
        var files: Set<String> = []
        func add(_ shard: ShardFileName) {
            files.formUnion([shard.file, shard.indexFile].map { FileSystem.join(directory, $0) })
        }
        let manifest = FileSystem.join(directory, ShardManifest.fileName)
        if FileSystem.exists(manifest), let written = try? ShardManifest(path: manifest), isRoot || written.name == name
        {
            files.insert(manifest)
            for shard in written.shards { if let shard = ShardFileName(shard.file) { add(shard) } }
        }
        let journals = try ConversionJournal.names(in: path)
        for journal in journals {
            for entry in try FileSystem.list(FileSystem.join(path, journal)) where entry.hasSuffix(".json") {
                let shard = ShardFileName(String(entry.dropLast(".json".utf8.count)))
                if let shard, shard.name == name { add(shard) }
            }
        }
        // The shard that was finished last may not have been noted.
        if !journals.isEmpty { for shard in layout?.shards ?? [] where shard.name.name == name { add(shard.name) } }
        return files
    }
}
