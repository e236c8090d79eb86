internal import CVideo4Linux

extension VideoNode {
    /// Sets `controls` in their order. Throws `.control` for one that the device lacks or a value that it
    /// has no room for.
    func set(_ controls: [V4L2Settings.Control]) throws(VideoError) {
        guard !controls.isEmpty else { return }
        let known = self.controls()
        for control in controls {
            switch control.name {
            case "exposure_us", "exposure":
                guard control.value != 0 || control.name == "exposure" else { continue }
                try setExposure(control, known)
            case "gain":
                guard control.value != 0 else { continue }
                // A camera that regulates its gain ignores ours.
                if let automatic = known.first(where: { $0.id == cv_CID_AUTOGAIN }) {
                    try set(automatic, 0, as: control.name)
                }
                try set(
                    find([cv_CID_GAIN, cv_CID_ANALOGUE_GAIN], known, control.name), control.value,
                    as: control.name)
            default:
                guard let found = known.first(where: { $0.name == control.name }) else {
                    throw missing(control.name, known)
                }
                try set(found, control.value, as: control.name)
            }
        }
    }

    /// Exposure is absolute in steps of 100 us where the device has that, else in units of its own.
    private func setExposure(
        _ control: V4L2Settings.Control, _ known: [VideoControl]
    ) throws(VideoError) {
        if let automatic = known.first(where: { $0.id == cv_CID_EXPOSURE_AUTO }) {
            try set(automatic, Double(V4L2_EXPOSURE_MANUAL.rawValue), as: control.name)
        }
        let found = try find([cv_CID_EXPOSURE_ABSOLUTE, cv_CID_EXPOSURE], known, control.name)
        let isAbsolute = found.id == cv_CID_EXPOSURE_ABSOLUTE && control.name == "exposure_us"
        let value = isAbsolute ? max(1, (control.value / 100).rounded()) : control.value
        try set(found, value, as: control.name)
    }

    private func find(
        _ ids: [UInt32], _ known: [VideoControl], _ name: String
    ) throws(VideoError) -> VideoControl {
        for id in ids {
            if let found = known.first(where: { $0.id == id }) { return found }
        }
        throw missing(name, known)
    }

    private func missing(_ name: String, _ known: [VideoControl]) -> VideoError {
        let names = known.filter { !$0.isReadOnly }.map(\.name).joined(separator: ", ")
        return .control(path: path, name: name, reason: "the camera has none. It has: \(names)")
    }

    private func set(_ control: VideoControl, _ value: Double, as name: String) throws(VideoError) {
        guard value.isFinite, value >= Double(control.minimum), value <= Double(control.maximum) else {
            throw .control(
                path: path, name: name,
                reason: "\(value) is not in \(control.minimum)...\(control.maximum)")
        }
        var record = unsafe v4l2_ext_control()
        unsafe record.id = control.id
        let is64Bit = control.type == V4L2_CTRL_TYPE_INTEGER64.rawValue
        if is64Bit { unsafe record.value64 = Int64(value) } else { unsafe record.value = Int32(value) }
        // The record outlives the request that points at it.
        let code = unsafe withUnsafeMutablePointer(to: &record) { pointer in
            var list = unsafe v4l2_ext_controls()
            unsafe list.count = 1
            unsafe list.controls = unsafe pointer
            return unsafe result(of: cv_S_EXT_CTRLS, &list)
        }
        guard code < 0 else { return }
        let failure = error(of: "VIDIOC_S_EXT_CTRLS", code: -code)
        guard case .refused = failure else { throw failure }
        throw .control(path: path, name: name, reason: "the camera refuses \(value): \(errorText(-code))")
    }

    /// All controls of the device that are not switched off.
    func controls() -> [VideoControl] {
        var controls: [VideoControl] = []
        var record = v4l2_query_ext_ctrl()
        record.id = cv_CTRL_FLAG_NEXT_CTRL
        while controls.count < 1024, result(of: cv_QUERY_EXT_CTRL, &record) >= 0 {
            let control = VideoControl(record)
            if record.flags & cv_CTRL_FLAG_DISABLED == 0 { controls.append(control) }
            record.id |= cv_CTRL_FLAG_NEXT_CTRL
        }
        return controls
    }
}

/// A control of a device.
struct VideoControl: Hashable, Sendable {
    let id: UInt32
    let type: UInt32
    /// As v4l2-ctl shows it: lower case, one `_` for all between letters and digits.
    let name: String
    let minimum: Int64
    let maximum: Int64
    let isReadOnly: Bool

    init(_ record: v4l2_query_ext_ctrl) {
        id = record.id
        type = record.type
        name = Self.name(of: text(of: record.name))
        minimum = record.minimum
        maximum = record.maximum
        isReadOnly = record.flags & cv_CTRL_FLAG_READ_ONLY != 0
    }

    static func name(of label: String) -> String {
        var name = ""
        var isPending = false
        for letter in label.utf8 {
            let lower = (65...90).contains(letter) ? letter + 32 : letter
            guard (97...122).contains(lower) || (48...57).contains(lower) else {
                isPending = true
                continue
            }
            if isPending && !name.isEmpty { name += "_" }
            isPending = false
            name.unicodeScalars.append(UnicodeScalar(lower))
        }
        return name
    }
}
