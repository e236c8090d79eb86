package import Imaging

/// `[[camera.roi]]`: a region of interest.
package struct RegionSettings: SettingTable {
    package var name = "weld"
    /// Pixels of the frame; inside it.
    package var rect = Region(x: 0, y: 0, width: 1280, height: 1024)
    /// A PNG; black is ignored. Empty is none.
    package var mask = ""
    /// The side of a tile in pixels; 0 scales the region to the model's input.
    package var tile = 0
    /// Share of a tile that its neighbour repeats, 0...0.5.
    package var tileOverlap = 0.125

    package init() {}

    package static let identity: String? = "name"
    package static let meaning = "none = whole frame"

    package static let settings: [Setting<RegionSettings>] = [
        .text("name", \.name, .name, "").required,
        .region("rect", \.rect, "x y w h inside the frame").required,
        .text("mask", \.mask, TextRule(0...4096), "PNG in /etc/linewatch/masks; black = ignored"),
        .integer(
            "tile", \.tile, 0...2048, "px", "0 = scale the ROI to the model input, else tiles of this size"),
        .number("tile_overlap", \.tileOverlap, 0...0.5, "", ""),
    ]
}
