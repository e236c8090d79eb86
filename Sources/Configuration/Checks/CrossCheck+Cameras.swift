import Imaging

/// One camera.
extension CrossCheck {
    mutating func check(_ camera: CameraSettings, _ node: Node) {
        checkSource(camera, node)
        checkPicture(camera, node)
        if camera.reconnectMaximum < camera.reconnectMinimum {
            let minimum = Int(camera.reconnectMinimum / .milliseconds(1))
            let maximum = Int(camera.reconnectMaximum / .milliseconds(1))
            error(
                node, "reconnect_max_ms",
                "\"reconnect_max_ms\" in [[camera]] is \(maximum), allowed is reconnect_min_ms..600000, here "
                    + "\(minimum)..600000 ms")
        }
        if camera.maxMean < camera.minMean {
            error(
                node, "max_mean",
                "\"max_mean\" in [[camera]] is \(plain(camera.maxMean)), allowed is min_mean..255, here "
                    + "\(plain(camera.minMean))..255 grey levels")
        }
        if camera.kind == .linescan { check(camera.line, node["line"] ?? node) }
        checkBuffers(camera, node)
        for (index, region) in camera.roi.enumerated() {
            guard let regionNode = node["roi"]?[index] else { continue }
            check(region, regionNode, of: camera)
        }
        refuseDuplicates(
            "roi", camera.roi.map { quoted($0.name) }, key: "name", of: "roi name", in: node["roi"])
    }

    private mutating func checkSource(_ camera: CameraSettings, _ node: Node) {
        if camera.source == .v4l2, camera.match.isEmpty, node["match"]?.value != .refused {
            error(
                node, "match",
                "\"match\" in [[camera]] is needed for source \"v4l2\": give at least one of serial, id, "
                    + "path, bus ('linewatch camera list' shows them)")
        }
        if camera.source == .folder, camera.folder.isEmpty, node["folder"]?.value != .refused {
            error(node, "folder", "\"folder\" in [[camera]] is needed for source \"folder\"")
        }
        ignore(camera.source == .v4l2 || camera.match.isEmpty, node, "match", "source \"v4l2\"")
        ignore(camera.source == .folder || camera.folder.isEmpty, node, "folder", "source \"folder\"")
        ignore(
            camera.source == .folder || camera.replay == ReplaySettings(), node, "replay", "source \"folder\""
        )
        ignore(
            camera.source == .simulated || camera.simulated == SimulatedSettings(), node, "simulated",
            "source \"simulated\"")
        ignore(camera.kind == .linescan || camera.line == LineSettings(), node, "line", "kind \"linescan\"")
        let others = settings.camera.prefix { $0.id != camera.id }
        if camera.source == .v4l2, !camera.match.isEmpty,
            let other = others.first(where: { $0.source == .v4l2 && $0.match == camera.match })
        {
            error(
                node, "match",
                "\"match\" in [[camera]] is that of camera \(other.id): both would take the same device")
        }
    }

    /// A warning unless `isGood`: `key` has a value that nothing reads.
    private mutating func ignore(_ isGood: Bool, _ node: Node, _ key: String, _ condition: String) {
        guard !isGood else { return }
        warning(node, key, "\(quoted(key)) in [[camera]] has no effect: it is for \(condition) only")
    }

    private mutating func checkPicture(_ camera: CameraSettings, _ node: Node) {
        let format = PixelFormat(rawValue: camera.format)
        if let unit = format?.granularity,
            !camera.width.isMultiple(of: unit.width) || !camera.height.isMultiple(of: unit.height)
        {
            error(
                node, camera.width.isMultiple(of: unit.width) ? "height" : "width",
                "a frame of \(camera.width)x\(camera.height) in [[camera]] cannot be \(camera.format): sides "
                    + "must be multiples of \(unit)")
        }
        if camera.crop.width > 0, camera.crop.height == 0 {
            error(node, "crop", "\"crop\" in [[camera]] has height 0. Give x, y, w and h, or w = 0 for all")
        }
        let bytes = format?.minimumBytesPerRow(width: camera.width) ?? 2 * camera.width
        let frame = format?.byteCount(height: camera.height, bytesPerRow: bytes) ?? camera.height * bytes
        let room = settings.images.ringMiB << 20
        guard settings.images.ringFrames * frame > room else { return }
        warning(
            node, "width",
            "the ring in memory of camera \(camera.id) holds \(room / frame) frames, not "
                + "\(settings.images.ringFrames): raise \"ring_mib\" in [images] to "
                + "\((settings.images.ringFrames * frame + (1 << 20) - 1) >> 20), or lower \"ring_frames\"")
    }

    private mutating func check(_ line: LineSettings, _ node: Node) {
        if line.overlapLines > line.stripLines / 2 {
            error(
                node, "overlap_lines",
                "\"overlap_lines\" in [camera.line] is \(line.overlapLines), allowed is 0..strip_lines/2, "
                    + "here 0..\(line.stripLines / 2) lines")
        }
        if line.minValidLines > line.stripLines {
            error(
                node, "min_valid_lines",
                "\"min_valid_lines\" in [camera.line] is \(line.minValidLines), allowed is 1..strip_lines, "
                    + "here 1..\(line.stripLines) lines")
        }
    }

    /// How long the driver can go on while the machine does something else: a standstill of some milliseconds is
    /// usual, and what comes behind full buffers is lost.
    private mutating func checkBuffers(_ camera: CameraSettings, _ node: Node) {
        guard camera.kind == .linescan, camera.source == .v4l2, camera.line.lineRate > 0 else { return }
        let lasting = Double(camera.buffers * camera.height) * 1_000 / camera.line.lineRate
        let wanted = 20.0
        guard lasting < wanted else { return }
        let height = Int((wanted * camera.line.lineRate / 1_000 / Double(camera.buffers)).rounded(.up))
        warning(
            node, "height",
            "the buffers of camera \(camera.id) last \((lasting * 10).rounded() / 10) ms at its line_rate_hz; where "
                + "the machine stands still for longer, lines are lost. Set \"height\" to \(height) or more lines"
        )
    }

    private mutating func check(_ region: RegionSettings, _ node: Node, of camera: CameraSettings) {
        guard node["rect"] != nil, node["rect"]?.value != .refused else { return }
        if !region.rect.isContained(in: camera.frameSize) {
            let rect = region.rect
            error(
                node, "rect",
                "\"rect\" in [[camera.roi]] is [\(rect.x), \(rect.y), \(rect.width), \(rect.height)], which "
                    + "is \(rect.isEmpty ? "empty" : "not inside the frame of \(camera.frameSize)")")
        }
    }
}
