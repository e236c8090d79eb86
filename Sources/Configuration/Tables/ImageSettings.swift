/// `[images]`: pictures kept on disk, and the newest ones in memory.
package struct ImageSettings: SettingTable {
    package enum Keep: String, CaseIterable, Sendable {
        case none, ng
        case ngAndUnsure = "ng+unsure"
        case all, sample
    }

    package enum Format: String, CaseIterable, Sendable {
        case jpeg
        /// Exact pixels, usable for replay.
        case png
    }

    package var keep = Keep.ng
    /// Of a million OK images, so many are kept as well.
    package var samplePPM = 1000
    /// MiB.
    package var mib = 4096
    package var days = 14
    package var format = Format.jpeg
    package var jpegQuality = 90
    package var heatmap = true
    /// Newest frames per camera in memory.
    package var ringFrames = 64
    /// MiB per camera.
    package var ringMiB = 96

    package init() {}

    package static let settings: [Setting<ImageSettings>] = [
        .choice("keep", \.keep, ""),
        .integer("sample_ppm", \.samplePPM, 0...1_000_000, "ppm", "share of OK images kept as well"),
        .integer("mib", \.mib, 0...10_485_760, "MiB", ""),
        .integer("days", \.days, 1...3650, "days", ""),
        .choice("format", \.format, "png = exact pixels, usable for replay"),
        .integer("jpeg_quality", \.jpegQuality, 50...100, "", ""),
        .flag("heatmap", \.heatmap, ""),
        .integer(
            "ring_frames", \.ringFrames, 8...1024, "frames",
            "newest frames per camera kept in memory, for teach and snap"
        ).restarting(.camera),
        .integer("ring_mib", \.ringMiB, 8...4096, "MiB", "per camera; where fewer frames fit, fewer are kept")
            .restarting(.camera),
    ]
}
