/// The keys of a camera, by what they are about.
extension CameraSettings {
    static let identitySettings: [Setting<CameraSettings>] = [
        .integer("id", \.id, 1...32, "", "its number towards the PLC").required,
        .text(
            "name", \.name,
            TextRule(0...24, "at most 24 characters, not only digits") {
                $0.isEmpty || !$0.allSatisfy(\.isNumber)
            },
            "a camera argument anywhere is an id or a name"),
        .choice("kind", \.kind, "").restarting(.camera),
        .choice("source", \.source, "folder: images or a recording").restarting(.camera),
        .table("match", \.match, "for v4l2: at least one; all given must agree"),
        .text("folder", \.folder, .path, "directory for source folder; results carry the simulated flag")
            .restarting(.camera),
    ]

    static let pictureSettings: [Setting<CameraSettings>] = [
        .text(
            "format", \.format, TextRule(1...7, "a V4L2 name of 1..7 characters") { !$0.contains(" ") },
            "GREY Y10 Y12 Y16 Y16-BE YUYV UYVY NV12 NV16 RGB3 BGR3, Bayer 8 BA81 GBRG GRBG RGGB, "
                + "Bayer 10 BG10 GB10 BA10 RG10, MJPG; any other goes through libv4l2"
        ).restarting(.camera),
        .integer("width", \.width, 16...16_384, "px", "").restarting(.camera),
        .integer("height", \.height, 1...16_384, "px", "linescan: lines per driver buffer").restarting(
            .camera),
        .region("crop", \.crop, "x y w h on the sensor, set in the camera; w = 0: whole sensor")
            .restarting(.camera),
        .number("fps", \.fps, 0...1000, "1/s", "0 = leave it to the driver").restarting(.camera),
        .integer("buffers", \.buffers, 3...32, "", "mmap buffers").restarting(.camera),
        .choice("trigger", \.trigger, "").restarting(.camera),
    ]

    static let timeSettings: [Setting<CameraSettings>] = [
        .flag("arm", \.arm, "free and external: armed at start; false: only after 'arm'"),
        .duration(
            "frame_timeout_ms", \.frameTimeout, 10...60_000, .milliseconds,
            "software: trigger to frame; linescan: incomplete strip is closed"
        ).restarting(.camera),
        .duration(
            "stall_ms", \.stall, 0...600_000, .milliseconds,
            "0 = max(3 x expected interval, 500); free running only"
        ).restarting(.camera),
        .duration(
            "ping_ms", \.ping, 200...60_000, .milliseconds, "device probe while no frame is due"
        ).restarting(.camera),
        .duration("reconnect_min_ms", \.reconnectMinimum, 50...60_000, .milliseconds, "")
            .restarting(.camera),
        .duration(
            "reconnect_max_ms", \.reconnectMaximum, 50...600_000, .milliseconds, "reconnect_min_ms or more"
        ).restarting(.camera),
    ]

    static let qualitySettings: [Setting<CameraSettings>] = [
        .table("controls", \.controls, "0 = driver default; further V4L2 controls by their name"),
        .number(
            "min_mean", \.minMean, 0...255, "grey levels", "a darker frame is INVALID (image_quality)"),
        .number("max_mean", \.maxMean, 0...255, "grey levels", "a brighter one too"),
        .number("min_sharpness", \.minSharpness, 0...1e6, "", "variance of Laplacian; 0 = off"),
        .choice("flip", \.flip, "").restarting(.camera),
    ]
}
