/// How COCO panoptic sets are read and written.
package struct PanopticOptions: Sendable, Hashable {
    /// The folder of the PNG files, where it is not the JSON file's own name without its ending.
    package var maps: String?
    /// The JSON file's name below the output directory; its PNG files go into a folder of the same name.
    package var fileName = "panoptic.json"
    /// Categories that are areas rather than things, written with `isthing` 0; the others' own `isthing` is kept.
    package var stuff: Set<String> = []

    package init() {}
}
