import Capture
import Glibc
import Testing

struct IdentityTests {
    /// Devices by node, each with a driver's view of its own.
    private func driver(_ devices: [String: ScriptedDevice]) -> VideoDriver {
        // The descriptor is the number of the node.
        var driver = ScriptedDevice().driver
        driver.open = { path in
            guard let device = devices.first(where: { path.hasSuffix($0.key) }) else { return -ENOENT }
            let code = device.value.driver.open(path)
            return code < 0 ? code : Int32(device.key.dropFirst(5)) ?? 0
        }
        unsafe driver.ioctl = { descriptor, request, argument in
            guard let device = devices["video\(descriptor)"] else { return -EBADF }
            return unsafe device.driver.ioctl(descriptor, request, argument)
        }
        driver.close = { descriptor in devices["video\(descriptor)"]?.driver.close(descriptor) }
        return driver
    }

    private func device(_ bus: String) -> ScriptedDevice {
        let device = ScriptedDevice()
        device.bus = bus
        return device
    }

    @Test("two cameras of one model are told apart by serial, by-id name and bus")
    func twins() throws {
        let machine = MachineFolders()
        machine.add(0, serial: "A1")
        machine.add(2, serial: "B2")
        machine.link("by-id", "usb-Twin_A1-video-index0", to: 0)
        machine.link("by-id", "usb-Twin_B2-video-index0", to: 2)
        let driver = driver(["video0": device("usb-1"), "video2": device("usb-2")])
        func node(_ identity: CameraIdentity) throws -> String {
            try identity.resolved(in: machine.folders, driver: driver).node
        }
        let second = machine.folders.dev + "/video2"
        #expect(try node(CameraIdentity(serial: "B2")) == second)
        #expect(try node(CameraIdentity(id: "usb-Twin_B2-video-index0")) == second)
        #expect(try node(CameraIdentity(bus: "usb-2")) == second)
        #expect(try node(CameraIdentity(serial: "B2", bus: "usb-2")) == second)
        #expect(throws: VideoError.self) { try node(CameraIdentity(serial: "C3")) }
    }

    @Test("the nodes for metadata of a camera are not taken for it")
    func metadata() throws {
        let machine = MachineFolders()
        machine.add(0, serial: "A1")
        machine.add(1, serial: "A1")
        let metadata = device("usb-1")
        metadata.isMetadata = true
        let driver = driver(["video0": device("usb-1"), "video1": metadata])
        let found = try CameraIdentity(serial: "A1").resolved(in: machine.folders, driver: driver)
        #expect(found.node == machine.folders.dev + "/video0")
        #expect(VideoDevice.all(in: machine.folders, driver: driver).count == 1)
    }

    @Test("two cameras that share a by-path name are ambiguous until the bus decides")
    func sharedPath() throws {
        let machine = MachineFolders()
        let name = "platform-vivid.0-video-index0"
        machine.add(0, udevNames: ["by-path/" + name])
        machine.add(1, udevNames: ["by-path/" + name])
        machine.link("by-path", name, to: 1)
        let driver = driver(["video0": device("platform:vivid-000"), "video1": device("platform:vivid-001")])
        let error = #expect(throws: VideoError.self) {
            try CameraIdentity(path: name).resolved(in: machine.folders, driver: driver)
        }
        guard case .ambiguous(_, let candidates) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(candidates.count == 2)
        let found = try CameraIdentity(path: name, bus: "platform:vivid-000")
            .resolved(in: machine.folders, driver: driver)
        #expect(found.node.hasSuffix("video0"))
    }

    @Test("keys that name different cameras are a contradiction, not a guess")
    func contradiction() throws {
        let machine = MachineFolders()
        machine.add(0, serial: "A1")
        machine.add(1, serial: "B2")
        let driver = driver(["video0": device("usb-1"), "video1": device("usb-2")])
        let error = #expect(throws: VideoError.self) {
            try CameraIdentity(serial: "A1", bus: "usb-2").resolved(in: machine.folders, driver: driver)
        }
        guard case .contradiction = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a wrong camera is a state of its own, entered once")
    func wrong() {
        let machine = MachineFolders()
        machine.add(0)
        machine.add(1)
        let devices = driver(["video0": device("usb-1"), "video1": device("usb-1")])
        var driver = ScriptedDevice().driver
        (driver.open, driver.close) = (devices.open, devices.close)
        unsafe driver.ioctl = unsafe devices.ioctl
        var camera = V4L2Camera(
            V4L2Settings(identity: CameraIdentity(bus: "usb-1")), folders: machine.folders, driver: driver,
            converting: driver)
        guard case .transition(let transition) = camera.next(timeoutMilliseconds: 0) else {
            Issue.record("no transition")
            return
        }
        #expect(transition.to == .wrong && transition.reason == .ambiguousIdentity)
        guard case .nothing = camera.next(timeoutMilliseconds: 5000) else {
            Issue.record("a second transition")
            return
        }
    }

    @Test("what a person types is taken for what it is")
    func typed() {
        var known = VideoDevice(node: "/dev/video0")
        known.bus = "platform:vivid-000"
        known.serial = "A1"
        known.byID = ["usb-Twin_A1-video-index0"]
        #expect(CameraIdentity("/dev/video0", devices: []).node == "/dev/video0")
        #expect(CameraIdentity("/dev/v4l/by-id/usb-x", devices: []).id == "usb-x")
        #expect(CameraIdentity("/dev/v4l/by-path/pci-x", devices: []).path == "pci-x")
        #expect(CameraIdentity("platform:vivid-000", devices: [known]).bus == "platform:vivid-000")
        #expect(CameraIdentity("A1", devices: [known]).serial == "A1")
        #expect(CameraIdentity("usb-Twin_A1-video-index0", devices: [known]).id == known.byID[0])
        #expect(CameraIdentity("bus=usb-3", devices: []).bus == "usb-3")
        #expect(CameraIdentity("usb-0000:00:14.0-1", devices: []).bus == "usb-0000:00:14.0-1")
    }
}
