import CAllocationCounter
import CVideo4Linux
import Capture
import Glibc
import Imaging
import Platform
import Testing

struct FrameLoopTests {
    @Test("gaps in the driver's numbers are counted exactly, over the wrap of the number too")
    func gaps() throws {
        var run = CameraRun { $0.camera = 3 }
        run.run(milliseconds: 130)
        run.device.gap = 5
        run.run(milliseconds: 40)
        run.device.continueNumbering(at: .max)
        run.device.gap = 2
        run.run(milliseconds: 40)
        run.run(milliseconds: 40)
        #expect(run.headers.map(\.lostCount).prefix(4) == [0, 0, 0, 5])
        #expect(run.headers[3].sequence == 8)
        #expect(run.headers[4].sequence == 1)
        // Backwards by more than half of all numbers: a driver that began anew.
        #expect(run.headers[4].lostCount == 0)
        #expect(run.headers[5].lostCount == 0)
        #expect(run.headers.allSatisfy { $0.camera == 3 })
    }

    @Test("a header has the driver's time, the arrival, the bytes used and the error flag")
    func header() throws {
        var run = CameraRun()
        run.run(milliseconds: 50)
        run.device.nextFlags = cv_BUF_FLAG_ERROR
        run.device.nextBytesUsed = 100
        let frame = try run.nextFrame()
        #expect(frame.header.hasError)
        #expect(frame.header.bytesUsed == 100)
        #expect(frame.view == nil)
        #expect(frame.header.driverNanoseconds % 40_000_000 == 0)
        #expect(frame.header.arrivalNanoseconds >= frame.header.driverNanoseconds)
    }

    @Test("rows with padding, and the memory of a multi-planar device, are seen as they lie")
    func layouts() throws {
        let padded = ScriptedDevice()
        padded.paddedRow = 16
        let planar = ScriptedDevice()
        planar.isMultiplanar = true
        for (device, bytesPerRow) in [(padded, 80), (planar, 64)] {
            var run = CameraRun(device)
            let frame = try run.nextFrame()
            guard let view = frame.view else {
                Issue.record("no view")
                continue
            }
            #expect(view.bytesPerRow == bytesPerRow)
            #expect(view.size == Size(width: 64, height: 48))
            #expect(unsafe view.bytes.count == bytesPerRow * 48)
            #expect(unsafe view.bytes[47 * bytesPerRow] == 7)
        }
    }

    @Test("the driver keeps its last two buffers: what comes beyond is refused, counted and not lost")
    func refusal() throws {
        var run = CameraRun()
        var first: Frame? = try run.nextFrame(), second: Frame? = try run.nextFrame()
        let third = try run.nextFrame(), fourth = try run.nextFrame()
        #expect(first != nil && second != nil)
        run.run(milliseconds: 200)
        #expect(run.refused.count == 5)
        #expect(run.camera.refusedCount == 5)
        #expect(run.refused.map(\.sequence) == [4, 5, 6, 7, 8])
        #expect(run.device.queued.count == 2)
        first = nil
        second = nil
        run.run(milliseconds: 120)
        #expect(run.headers.map(\.sequence) == [9, 10, 11])
        #expect(run.headers.allSatisfy { $0.lostCount == 0 })
        #expect(third.header.sequence == 2 && fourth.header.sequence == 3)
    }

    @Test("a frame on loan keeps its memory mapped through a loss, and the camera waits for it")
    func loanAcrossLoss() throws {
        var run = CameraRun()
        var frame: Frame? = try run.nextFrame()
        run.device.failures[.dequeue] = [ENODEV]
        run.run(milliseconds: 2000)
        #expect(run.camera.state == .lost)
        #expect(run.device.mapCount == 6)
        #expect(frame?.view != nil)
        frame = nil
        run.run(milliseconds: 1000)
        #expect(run.camera.state == .streaming)
        #expect(run.device.mapCount == 6)
        #expect(run.returns.count == 1)
    }

    @Test("a frame that outlives its camera is unmapped with the frame")
    func loanAcrossClose() throws {
        var run = CameraRun()
        var frame: Frame? = try run.nextFrame()
        run.camera.close()
        #expect(run.device.mapCount == 6)
        #expect(run.device.openCount == 1)
        #expect(frame?.view != nil)
        frame = nil
        #expect(run.device.mapCount == 0)
        #expect(run.device.openCount == 0)
    }

    @Test("1,000 frames from DQBUF to QBUF allocate nothing")
    func allocations() {
        var run = CameraRun()
        run.run(milliseconds: 500)
        run.device.isRecording = false
        let before = ca_thread_allocations()
        var count = 0
        while count < 1000 {
            if case .frame(let frame) = run.camera.next(timeoutMilliseconds: 100) {
                count += 1
                if frame.view == nil { break }
            }
        }
        let allocations = ca_thread_allocations() - before
        #expect(count == 1000)
        #expect(allocations == 0)
    }

    @Test("the rate meter knows rate, jitter and losses")
    func meter() {
        var meter = RateMeter()
        for (index, time) in [0, 10, 20, 30, 52, 60].enumerated() {
            var header = FrameHeader()
            header.driverNanoseconds = Int64(time) * 1_000_000
            header.lostCount = index == 4 ? 1 : 0
            meter.add(header)
        }
        #expect(meter.frameCount == 6)
        #expect(meter.lostCount == 1)
        #expect(abs(meter.framesPerSecond - 5 / 0.06) < 1e-9)
        // Intervals 10 10 10 8: mean 9.5, squares 3 * 0.25 + 2.25, over 3.
        #expect(abs(meter.jitterMilliseconds - 1) < 1e-9)
    }
}
