internal import Imaging

/// Patches over the cells of a map, of which some are not looked at.
struct MaskedGrid {
    /// Patches across and down.
    let grid: Size
    /// Cells across and down: a whole number for each patch.
    let map: Size

    /// Whether `mask`, a byte for each cell, leaves any of the cells of `patch`.
    func counts(_ patch: Int, _ mask: UnsafePointer<UInt8>) -> Bool {
        let side = map.width / grid.width, across = grid.width
        let first = patch / across * side * map.width + patch % across * side
        for row in 0..<side {
            for column in 0..<side where unsafe mask[first + row * map.width + column] != 0 { return true }
        }
        return false
    }
}
