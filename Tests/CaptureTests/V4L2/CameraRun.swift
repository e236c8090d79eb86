import Capture
import Imaging

/// A camera over a scripted device, and all that came of it.
struct CameraRun: ~Copyable {
    let device: ScriptedDevice
    let machine: MachineFolders
    var camera: V4L2Camera
    private(set) var transitions: [CameraTransition] = []
    private(set) var headers: [FrameHeader] = []
    private(set) var refused: [FrameHeader] = []

    init(
        _ device: ScriptedDevice = ScriptedDevice(), triggerLine: TriggerLine? = nil,
        _ change: (inout V4L2Settings) -> Void = { _ in }
    ) {
        machine = MachineFolders()
        machine.add(0)
        self.device = device
        var settings = V4L2Settings(identity: CameraIdentity(bus: device.bus))
        change(&settings)
        camera = V4L2Camera(
            settings, folders: machine.folders, driver: device.driver, converting: device.driver,
            triggerLine: triggerLine)
    }

    /// Lets the camera run for so long, giving each frame back at once.
    mutating func run(milliseconds: Int64) {
        let end = device.time + milliseconds * 1_000_000
        while device.time < end {
            let left = (end - device.time + 999_999) / 1_000_000
            switch camera.next(timeoutMilliseconds: Int32(left)) {
            case .frame(let frame): headers.append(frame.header)
            case .refused(let header): refused.append(header)
            case .transition(let transition): transitions.append(transition)
            case .nothing: break
            case .ended: return
            }
        }
    }

    struct NoFrame: Error {}

    /// Lets the camera run until its next frame; throws after ten seconds.
    mutating func nextFrame() throws -> Frame {
        let end = device.time + 10_000_000_000
        while device.time < end {
            switch camera.next(timeoutMilliseconds: 1000) {
            case .frame(let frame): return frame
            case .refused(let header): refused.append(header)
            case .transition(let transition): transitions.append(transition)
            default: break
            }
        }
        throw NoFrame()
    }

    /// The states in their order.
    var states: [CameraState] { transitions.map(\.to) }

    func count(of state: CameraState) -> Int { transitions.count { $0.to == state } }

    /// Transitions that end an outage.
    var returns: [CameraTransition] { transitions.filter { $0.awayMilliseconds > 0 } }
}
