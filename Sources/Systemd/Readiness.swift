internal import CSystemd

/// What the service tells systemd, over the socket named in NOTIFY_SOCKET; without one nothing is sent.
public enum Readiness {
    /// Sends `state`, for example "READY=1", and says whether systemd took it.
    @discardableResult
    public static func notify(_ state: String) -> Bool {
        unsafe sd_notify(0, state) > 0
    }
}
