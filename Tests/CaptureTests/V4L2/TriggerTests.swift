import CAllocationCounter
import Capture
import Glibc
import Testing

struct TriggerTests {
    @Test(
        "a software trigger presses the button of the device, whatever its driver calls it",
        arguments: ["Trigger Software", "Software Trigger", "Trigger, Software"])
    func fired(label: String) {
        let device = ScriptedDevice(), line = TriggerLine()
        device.buttonLabel = label
        var run = CameraRun(device, triggerLine: line) { $0.trigger = .software }
        #expect(line.fire() == .away)
        run.run(milliseconds: 50)
        #expect(line.isConnected)
        #expect(line.fire() == .fired)
        #expect(line.fire() == .fired)
        #expect(device.pressCount == 2)
    }

    @Test("a device without a button says so: a switch of that name is not pressed")
    func missing() {
        let device = ScriptedDevice(), line = TriggerLine()
        var run = CameraRun(device, triggerLine: line)
        run.run(milliseconds: 50)
        #expect(line.fire() == .missing)
        #expect(!line.isConnected)
        device.buttonLabel = "Fire!"
        let named = TriggerLine(names: ["fire"])
        var other = CameraRun(device, triggerLine: named)
        other.run(milliseconds: 50)
        #expect(named.fire() == .fired)
    }

    @Test("a trigger of a lost camera never reaches the driver, and the next device is connected again")
    func lost() {
        let device = ScriptedDevice(), line = TriggerLine()
        device.buttonLabel = "Trigger Software"
        var run = CameraRun(device, triggerLine: line)
        run.run(milliseconds: 100)
        device.isPresent = false
        // The driver knows before the camera's thread does.
        #expect(line.fire() == .refused(errno: ENODEV))
        run.run(milliseconds: 100)
        #expect(line.fire() == .away)
        #expect(device.openCount == 0)
        device.isPresent = true
        run.run(milliseconds: 2000)
        #expect(line.fire() == .fired)
        run.camera.close()
        #expect(line.fire() == .away)
        #expect(device.openCount == 0)
        #expect(device.mapCount == 0)
    }

    @Test("a trigger allocates nothing")
    func allocations() {
        let device = ScriptedDevice(), line = TriggerLine()
        device.buttonLabel = "Trigger Software"
        var run = CameraRun(device, triggerLine: line)
        run.run(milliseconds: 50)
        _ = line.fire()
        let before = ca_thread_allocations()
        for _ in 0..<100 where line.fire() != .fired { break }
        let allocations = ca_thread_allocations() - before
        #expect(allocations == 0)
        #expect(device.pressCount == 101)
    }
}
