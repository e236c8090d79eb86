import Glibc

/// Why a camera cannot be used, as one line for the person at the machine.
public enum VideoError: Error, Hashable, CustomStringConvertible {
    /// No device answers to `camera`; `present` are those that are there.
    case absent(camera: String, present: [String])
    /// Several devices answer to `camera`.
    case ambiguous(camera: String, candidates: [String])
    /// The keys of `camera` name different devices.
    case contradiction(camera: String, found: [String])
    /// The node is there, but nothing that gives pictures.
    case notACamera(path: String, what: String)
    /// The device vanished between two calls.
    case gone(path: String, call: String)
    /// Another program streams from it; `holders` as far as /proc tells.
    case busy(path: String, call: String, holders: [String])
    /// The user may not open it; `group` is the one whose members may.
    case forbidden(path: String, group: String?)
    /// It does not have the format.
    case formatNotOffered(path: String, asked: String, offered: [String])
    /// It granted another size or format than it was asked for.
    case formatChanged(path: String, asked: String, got: String)
    /// A format that cannot be shown as one piece of memory.
    case formatUnusable(path: String, format: String, reason: String)
    /// A control that it does not have, or a value out of the control's range.
    case control(path: String, name: String, reason: String)
    /// A free-running camera sent no frame for so long.
    case stalled(path: String, milliseconds: Int64)
    /// Any other call that failed.
    case refused(path: String, call: String, code: Int32)

    /// What happened, where, and what to do, in one line.
    public var description: String {
        switch self {
        case .absent(let camera, let present):
            "no camera is \(camera). "
                + (present.isEmpty
                    ? "This machine has none: check cable and power."
                    : "There are: \(present.joined(separator: "; ")).")
        case .ambiguous(let camera, let candidates):
            "several cameras are \(camera): \(candidates.joined(separator: "; ")). Name its bus too."
        case .contradiction(let camera, let found):
            "no camera is all of \(camera): \(found.joined(separator: "; ")). Correct or drop one of them."
        case .notACamera(let path, let what):
            "'\(path)' is not a camera: \(what). 'linewatch camera list' shows those there are."
        case .gone(let path, let call):
            "'\(path)' is gone (\(call)). Check its cable."
        case .busy(let path, let call, let holders):
            "'\(path)' is in use"
                + (holders.isEmpty ? " by another program" : " by \(holders.joined(separator: ", "))")
                + " (\(call)). Stop that first."
        case .forbidden(let path, let group):
            "'\(path)' may not be opened by this user. "
                + (group.map { "Add the user to the group '\($0)', or run as root." } ?? "Run as root.")
        case .formatNotOffered(let path, let asked, let offered):
            "'\(path)' has no format \(asked). Choose one of: \(offered.joined(separator: ", "))."
        case .formatChanged(let path, let asked, let got):
            "'\(path)' gives \(got) where \(asked) was asked for. Set 'format', 'width' and 'height' to what "
                + "it has; 'linewatch camera probe' lists it."
        case .formatUnusable(let path, let format, let reason):
            "'\(path)' gives \(format) in a way that cannot be used: \(reason). Choose another format."
        case .control(let path, let name, let reason):
            "'\(path)': control '\(name)': \(reason)."
        case .stalled(let path, let milliseconds):
            "'\(path)' sent no frame for \(milliseconds) ms. Check its cable, and whether it waits for a trigger."
        case .refused(let path, let call, let code):
            "'\(path)': \(call) failed: \(errorText(code)). Unplug the camera and plug it in again."
        }
    }

    /// The error number behind it; 0 if no call failed.
    public var code: Int32 {
        switch self {
        case .absent: ENOENT
        case .gone: ENODEV
        case .busy: EBUSY
        case .forbidden: EACCES
        case .refused(_, _, let code): code
        default: 0
        }
    }
}

/// The C library's words for an error number, without which a message tells an operator nothing.
func errorText(_ code: Int32) -> String {
    // The text is only valid until this thread's next call, so it is copied here.
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}
