import Capture
import Glibc
import Imaging
import Testing

struct LifeCycleTests {
    @Test("a camera is streaming with its first frame, not before")
    func start() {
        var run = CameraRun()
        run.run(milliseconds: 30)
        #expect(run.states == [.opening])
        run.run(milliseconds: 100)
        #expect(run.states == [.opening, .streaming])
        #expect(run.headers.count == 3)
    }

    @Test("a camera that is not there at start is waited for, and opened as soon as it is plugged in")
    func absentAtStart() {
        let device = ScriptedDevice()
        device.isPresent = false
        var run = CameraRun(device)
        run.run(milliseconds: 60_000)
        // 0.2 0.4 0.8 1.6 3.2 6.4 s, then every 10 s: eleven attempts and as many waits.
        #expect(run.camera.wakeUpCount <= 12)
        #expect(run.transitions.isEmpty || run.states == [.backoff])
        device.isPluggedWhileWaiting = true
        let before = device.time
        run.run(milliseconds: 100)
        #expect(run.camera.state == .streaming)
        #expect(device.time - before < 200_000_000)
        #expect(run.returns.isEmpty)
    }

    @Test("a lost device is torn down, opened anew, and told of once", arguments: [ENODEV, EIO, EINVAL])
    func lost(code: Int32) {
        var run = CameraRun()
        run.run(milliseconds: 200)
        run.device.failures[.dequeue] = [code]
        run.run(milliseconds: 1000)
        #expect(run.states == [.opening, .streaming, .lost, .backoff, .opening, .streaming])
        #expect(run.transitions[2].reason == (code == ENODEV ? .deviceGone : .ioError))
        #expect(run.transitions[2].errno == code)
        #expect(run.returns.count == 1)
        #expect(run.returns[0].awayMilliseconds >= 200)
        #expect(run.device.openCount == 1)
        #expect(run.device.mapCount == 6)
        run.camera.close()
        #expect(run.device.openCount == 0)
        #expect(run.device.mapCount == 0)
        #expect(run.device.watchCount == 0)
    }

    @Test("an outage of a minute is one loss and one return, with a wake-up per wait")
    func outage() {
        var run = CameraRun()
        run.run(milliseconds: 200)
        run.device.isPresent = false
        run.run(milliseconds: 60_000)
        let away = run.camera.wakeUpCount
        run.device.isPresent = true
        run.run(milliseconds: 15_000)
        #expect(run.count(of: .lost) == 1)
        #expect(run.returns.count == 1)
        #expect(away <= 12)
        #expect(run.camera.state == .streaming)
    }

    @Test(
        "whatever call fails, the camera comes back, and nothing stays open or mapped",
        arguments: ScriptedDevice.Call.allCases)
    func everyCall(call: ScriptedDevice.Call) {
        for code in [ENODEV, EIO, EINVAL, EBUSY, EACCES, ENOMEM] {
            // The n-th call of its kind fails, at set-up and while streaming.
            for index in 0..<8 {
                var run = CameraRun { $0.framesPerSecond = 25 }
                run.device.failures[call] = [Int32](repeating: 0, count: index) + [code]
                run.run(milliseconds: 4000)
                #expect(run.camera.state == .streaming, "\(call.rawValue) \(index) \(code)")
                #expect(run.count(of: .lost) == run.returns.count)
                #expect(run.count(of: .lost) <= 1)
                #expect(run.device.openCount == 1)
                #expect(run.device.mapCount == 6)
                run.camera.close()
                #expect(run.device.openCount == 0)
                #expect(run.device.mapCount == 0)
            }
        }
    }

    @Test("a device that fails at random is lost and back in turns, and leaks nothing")
    func random() {
        var state: UInt64 = 20_26
        func draw(_ count: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % count)
        }
        let codes = [ENODEV, EIO, EINVAL, EAGAIN, EBUSY, EINTR]
        for _ in 0..<100 {
            var run = CameraRun { $0.trigger = draw(2) == 0 ? .free : .external }
            for _ in 0..<20 {
                let call = ScriptedDevice.Call.allCases[draw(13)]
                run.device.failures[call] = [codes[draw(6)]]
                run.device.isSilent = draw(5) == 0
                run.device.isPresent = draw(6) != 0
                run.run(milliseconds: Int64(draw(3000)))
            }
            run.device.failures = [:]
            run.device.isPresent = true
            run.device.isSilent = false
            run.run(milliseconds: 15_000)
            #expect(run.camera.state == .streaming)
            #expect(run.count(of: .lost) == run.returns.count)
            for (before, after) in zip(run.transitions, run.transitions.dropFirst()) {
                #expect(before.to == after.from)
            }
            run.camera.close()
            #expect(run.device.openCount == 0 && run.device.mapCount == 0 && run.device.watchCount == 0)
        }
    }

    @Test("a free camera that falls silent is lost as stalled after three intervals, at least 500 ms")
    func stall() {
        var run = CameraRun()
        run.run(milliseconds: 200)
        run.device.isSilent = true
        let before = run.device.time
        run.run(milliseconds: 700)
        let lost = run.transitions.first { $0.to == .lost }
        #expect(lost?.reason == .stalled)
        #expect((450_000_000...700_000_000).contains((lost?.timeNanoseconds ?? 0) - before))
    }

    @Test("a triggered camera without triggers is idle, is pinged, and is lost only if the ping fails")
    func trigger() {
        var run = CameraRun { $0.trigger = .external }
        run.device.isSilent = true
        run.run(milliseconds: 10_000)
        #expect(run.states == [.opening, .idle])
        let pings = run.device.calls.count { $0 == .getFormat }
        #expect((4...9).contains(pings))
        run.device.isSilent = false
        run.run(milliseconds: 200)
        #expect(run.transitions.last?.to == .streaming)
        #expect(run.transitions.last?.reason == .triggered)
        run.device.isSilent = true
        run.run(milliseconds: 1000)
        #expect(run.transitions.last?.to == .idle)
        #expect(run.transitions.last?.reason == .noTrigger)
        run.device.failures[.getFormat] = [EIO]
        run.run(milliseconds: 5000)
        #expect(run.transitions.first { $0.to == .lost }?.reason == .pingFailed)
        #expect(run.camera.state == .idle)
        #expect(run.returns.count == 1)
    }

    @Test("a device that grants another size than asked is not streamed from, and says what it gave")
    func otherSize() {
        var run = CameraRun { $0.size = Size(width: 32, height: 32) }
        run.device.granted = (64, 48)
        run.run(milliseconds: 3000)
        #expect(run.count(of: .streaming) == 0)
        #expect(run.transitions.contains { $0.to == .backoff && $0.reason == .formatChanged })
        #expect(run.camera.lastError?.description.contains("gives GREY 64x48 where GREY 32x32") == true)
        run.device.granted = nil
        run.run(milliseconds: 15_000)
        #expect(run.camera.state == .streaming)
    }
}
