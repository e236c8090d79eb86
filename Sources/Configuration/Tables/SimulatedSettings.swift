/// `[camera.simulated]`: a line that is drawn, the same for the same seed.
package struct SimulatedSettings: SettingTable {
    package enum Surface: String, CaseIterable, Sendable { case brushed, cast, woven, board, tile, moulding }

    package var surface = Surface.brushed
    package var seed = 1
    /// Of a million parts or strips, so many have a defect.
    package var defectPPM = 20_000
    /// 0: by fps, and 10 per second where that is 0.
    package var partsPerMinute = 0.0
    /// Line-scan; 0: the line rate, and 2000 where that is 0.
    package var linesPerSecond = 0.0

    package init() {}

    package static let meaning = "source simulated only"

    package static let settings: [Setting<SimulatedSettings>] = [
        .choice("surface", \.surface, "").restarting(.camera),
        .integer("seed", \.seed, 0...4_294_967_295, "", "").restarting(.camera),
        .integer("defect_ppm", \.defectPPM, 0...1_000_000, "ppm", "parts (or strips) with a defect")
            .restarting(.camera),
        .number(
            "parts_per_min", \.partsPerMinute, 0...60_000, "1/min",
            "one frame per part; 0 = by fps, and 10/s where that is 0"
        ).restarting(.camera),
        .number(
            "lines_per_s", \.linesPerSecond, 0...200_000, "1/s",
            "kind linescan; 0 = line_rate_hz, and 2000 where that is 0"
        ).restarting(.camera),
    ]
}
