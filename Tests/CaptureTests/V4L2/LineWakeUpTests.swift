import Capture
import Imaging
import Synchronization
import Testing

/// Lines of a V4L2 camera whose buffers are small: how often the thread wakes up for them.
struct LineWakeUpTests {
    /// What came of lines for a while.
    private struct Result {
        var lines = 0
        var strips = 0
        var lost = 0
        var wakeUps = 0
        var longestSleep = 0
    }

    private func run(
        _ device: ScriptedDevice, blockHeight: Int, buffers: Int, pausingFor bufferCount: Int? = nil,
        milliseconds: Int, then: (ScriptedDevice) -> Void = { _ in }, milliseconds more: Int = 0
    ) throws -> Result {
        device.isRecording = false
        let machine = MachineFolders()
        machine.add(0)
        var settings = V4L2Settings(identity: CameraIdentity(bus: device.bus))
        settings.size = Size(width: 64, height: blockHeight)
        settings.bufferCount = buffers
        settings.trigger = .external
        let sleeps = Atomic<Int>(0), longest = Atomic<Int>(0)
        var camera = LineScanCamera(
            V4L2Camera(
                settings, folders: machine.folders, driver: device.driver, converting: device.driver),
            layout: try StripLayout(height: 64, overlap: 0, lentStrips: 2), timeoutMilliseconds: 1_000,
            bufferCount: bufferCount ?? buffers, clock: { Int(device.time) },
            sleep: { nanoseconds in
                sleeps.add(1, ordering: .relaxed)
                longest.store(
                    max(longest.load(ordering: .relaxed), nanoseconds), ordering: .relaxed)
                device.advance(nanoseconds: nanoseconds)
            })
        var result = Result()
        var polls = device.sleptPollCount
        for (index, span) in [milliseconds, more].enumerated() where span > 0 {
            if index == 1 {
                then(device)
                (polls, result.wakeUps) = (device.sleptPollCount, 0)
                sleeps.store(0, ordering: .relaxed)
            }
            let end = device.time + Int64(span) * 1_000_000
            while device.time < end {
                guard case .frame(let strip) = camera.next(timeoutMilliseconds: 100) else { continue }
                result.strips += 1
                result.lines = Int(strip.header.firstLine) + Int(strip.header.validLineCount)
                result.lost += Int(strip.header.lostCount)
            }
        }
        result.wakeUps = sleeps.load(ordering: .relaxed) + device.sleptPollCount - polls
        result.longestSleep = longest.load(ordering: .relaxed)
        return result
    }

    private func lineCamera() -> ScriptedDevice {
        let device = ScriptedDevice()
        device.interval = 50_000
        device.dequeueNanoseconds = 2_000
        return device
    }

    @Test(
        "20,000 lines a second in buffers of one line cost at most 5,000 wake-ups a second, and none is lost")
    func coalesced() throws {
        let result = try run(lineCamera(), blockHeight: 1, buffers: 32, milliseconds: 1_000)
        #expect(result.lost == 0)
        #expect((19_800...20_100).contains(result.lines), "\(result.lines) lines")
        #expect((1_000...5_000).contains(result.wakeUps), "\(result.wakeUps) wake-ups")
        #expect(result.longestSleep <= 250_000, "an eighth of 32 buffers")
    }

    @Test("with few buffers two of them fill, no more")
    func fewBuffers() throws {
        let result = try run(lineCamera(), blockHeight: 1, buffers: 8, milliseconds: 1_000)
        #expect(result.lost == 0)
        #expect((6_000...10_000).contains(result.wakeUps), "\(result.wakeUps) wake-ups")
        #expect((75_000...125_000).contains(result.longestSleep), "\(result.longestSleep) ns")
    }

    @Test("who does not say how many buffers there are wakes up for each line")
    func unsaid() throws {
        let result = try run(
            lineCamera(), blockHeight: 1, buffers: 32, pausingFor: 0, milliseconds: 1_000)
        #expect(result.longestSleep == 0 && result.lost == 0)
        #expect(result.wakeUps > 19_000)
    }

    @Test(
        "frames of an area camera, and blocks of many lines, are never put off",
        arguments: [3_200_000, 40_000_000])
    func large(interval: Int64) throws {
        let device = ScriptedDevice()
        device.interval = interval
        let result = try run(device, blockHeight: 48, buffers: 8, milliseconds: 1_000)
        #expect(result.longestSleep == 0 && result.strips > 10)
    }

    @Test("when the line stands still the thread sleeps in poll")
    func standstill() throws {
        let result = try run(
            lineCamera(), blockHeight: 1, buffers: 32, milliseconds: 500, then: { $0.isSilent = true },
            milliseconds: 1_000)
        #expect(result.wakeUps <= 12, "\(result.wakeUps) wake-ups in a second without lines")
    }

    @Test("after a loss every line wakes the thread until the rate is known again")
    func loss() throws {
        let device = lineCamera()
        let result = try run(
            device, blockHeight: 1, buffers: 32, milliseconds: 100,
            then: { $0.advance(milliseconds: 5) }, milliseconds: 3)
        #expect(result.lost >= 60)
        #expect(result.wakeUps > 30, "\(result.wakeUps) wake-ups in 3 ms")
    }
}
