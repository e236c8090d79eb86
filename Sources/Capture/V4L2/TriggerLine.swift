internal import CVideo4Linux
internal import Synchronization

/// The software trigger of a camera: made before the camera, and fired from any thread while it streams.
///
/// V4L2 has no control of its own for this; drivers that can be triggered have a button with a name like
/// "Trigger Software". The camera connects the line to that button when it opens the device and disconnects it
/// when the device is lost, before it is closed: the line never touches a descriptor that is not the camera's.
public final class TriggerLine: Sendable {
    /// What became of a trigger.
    public enum Outcome: Hashable, Sendable {
        /// The driver took it.
        case fired
        /// The camera is not open now.
        case away
        /// The device has no button for it.
        case missing
        /// The driver refused it with this error number; a device that is gone says ENODEV.
        case refused(errno: Int32)
    }

    /// The names that drivers give the button, as `v4l2-ctl -L` shows them.
    public static let standardNames = ["trigger_software", "software_trigger", "trigger"]

    /// The names that are looked for, the first that the device has is taken.
    public let names: [String]

    /// Where the button is.
    private enum Connection {
        case away, missing
        case button(VideoNode, id: UInt32)
    }

    private let connection = Mutex(Connection.away)

    /// - Parameter names: of the button, lower case, with one `_` for all between letters and digits.
    public init(names: [String] = TriggerLine.standardNames) { self.names = names }

    /// Makes the camera take one frame, if it is one that waits for that: one call of the driver, which a USB
    /// camera answers in a few milliseconds. Allocation-free. Blocks that long, and while the camera is being
    /// connected or disconnected.
    public func fire() -> Outcome {
        connection.withLock { connection in
            switch connection {
            case .away: return .away
            case .missing: return .missing
            case .button(let node, let id):
                var control = v4l2_control(id: id, value: 1)
                let code = node.result(of: cv_S_CTRL, &control)
                return code >= 0 ? .fired : .refused(errno: -code)
            }
        }
    }

    /// Whether the camera is open and has the button.
    public var isConnected: Bool {
        connection.withLock { if case .button = $0 { true } else { false } }
    }

    /// For the camera's thread: the device is open.
    func connect(to node: VideoNode) {
        let known = node.controls()
        let buttons = names.compactMap { name in
            known.first { $0.name == name && $0.type == V4L2_CTRL_TYPE_BUTTON.rawValue }
        }
        connection.withLock { $0 = buttons.first.map { .button(node, id: $0.id) } ?? .missing }
    }

    /// For the camera's thread: the device is about to be closed. Waits for a trigger that is in the driver.
    func disconnect() {
        connection.withLock { $0 = .away }
    }
}
