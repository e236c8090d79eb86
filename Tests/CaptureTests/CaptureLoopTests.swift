import Capture
import Imaging
import Platform
import Testing

struct CaptureLoopTests {
    private func frames(_ count: Int) -> [ScriptedCamera.Step] {
        (0..<count).map { index in
            var header = FrameHeader()
            header.sequence = UInt32(index)
            header.lostCount = index == 2 ? 3 : 0
            return .block(header, rows: CodedLines.lines(index..<index + 1))
        }
    }

    @Test("when the worker is behind the newest frame is refused, told of at once, and never delivered")
    func refusal() throws {
        let frames = Ring<Frame>(capacity: 2), notices = Ring<CaptureNotice>(capacity: 16)
        let counters = CaptureCounters()
        var loop = CaptureLoop(
            ScriptedCamera(self.frames(5) + [.ended], width: CodedLines.width), frames: frames,
            notices: notices, wakeUp: try EventCounter(), counters: counters)
        while !loop.hasEnded { loop.turn(timeoutMilliseconds: 0) }

        var delivered: [UInt32] = [], refused: [UInt32] = []
        while let frame = frames.pop() { delivered.append(frame.header.sequence) }
        while let notice = notices.pop() {
            if case .refused(let header) = notice { refused.append(header.sequence) }
        }
        #expect(delivered == [0, 1])
        #expect(refused == [2, 3, 4])
        #expect(counters.takenCount == 5 && counters.refusedCount == 3 && counters.lostCount == 3)
    }

    @Test("with notices taken as slowly as may be, every frame has exactly one result, in order")
    func exactlyOne() throws {
        let total = 40
        let frames = Ring<Frame>(capacity: 1), notices = Ring<CaptureNotice>(capacity: 1)
        var loop = CaptureLoop(
            ScriptedCamera(self.frames(total) + [.ended], width: CodedLines.width), frames: frames,
            notices: notices, wakeUp: try EventCounter(), counters: CaptureCounters())
        var results: [UInt32] = [], turn = 0
        var hasEnded = false
        while !hasEnded {
            loop.turn(timeoutMilliseconds: 0)
            turn += 1
            if turn % 5 == 0, let frame = frames.pop() { results.append(frame.header.sequence) }
            if turn % 3 == 0, let notice = notices.pop() {
                switch notice {
                case .refused(let header): results.append(header.sequence)
                case .ended: hasEnded = true
                case .transition: break
                }
            }
        }
        while let frame = frames.pop() { results.append(frame.header.sequence) }
        #expect(results.sorted() == (0..<UInt32(total)).map { $0 })
    }

    @Test("states are passed on between the frames they came between")
    func transitions() throws {
        let lost = CameraTransition(from: .streaming, to: .lost, reason: .deviceGone)
        let frames = Ring<Frame>(capacity: 8), notices = Ring<CaptureNotice>(capacity: 8)
        var loop = CaptureLoop(
            ScriptedCamera([.transition(lost)] + self.frames(1) + [.ended], width: CodedLines.width),
            frames: frames, notices: notices, wakeUp: try EventCounter(), counters: CaptureCounters())
        while !loop.hasEnded { loop.turn(timeoutMilliseconds: 0) }
        guard case .transition(let transition) = notices.pop(), case .ended = notices.pop() else {
            Issue.record("not a transition and then the end")
            return
        }
        #expect(transition == lost)
        #expect(frames.count == 1)
    }

    @Test("a capture thread plays a recording to a worker on another thread, frame for frame")
    func threads() throws {
        let folder = TemporaryFolder()
        let recorded = try SmallRecordings.record(in: folder.path)
        let recording = try Recording.open(folder.path, framesPerSecond: 0)
        let camera = try ReplayCamera(
            recording, pace: ReplayPace(speed: 0, lentFrames: 2, isRestamped: false))
        // Room for every frame that may be on loan: then none is ever refused.
        let frames = Ring<Frame>(capacity: 2), notices = Ring<CaptureNotice>(capacity: 4)
        let wakeUp = try EventCounter()
        let loop = CaptureLoop(
            camera, frames: frames, notices: notices, wakeUp: wakeUp, counters: CaptureCounters())
        let thread = try loop.start(name: "capture test", cpus: [])
        var played: [PlayedFrame] = [], hasEnded = false
        while !hasEnded {
            if let notice = notices.pop(), case .ended = notice { hasEnded = true }
            while let frame = frames.pop() { played.append(PlayedFrame(frame)) }
            wakeUp.wait(
                timeoutMilliseconds: 100, unless: { hasEnded || frames.count > 0 || notices.count > 0 })
        }
        thread.join()
        #expect(played == recorded)
    }

    @Test(
        "a frame that nobody asked for goes back, and one without a place is refused before any ring is asked"
    )
    func admission() throws {
        let frames = Ring<Frame>(capacity: 8), notices = Ring<CaptureNotice>(capacity: 8)
        let counters = CaptureCounters(), wakeUp = try EventCounter()
        var loop = CaptureLoop(
            ScriptedCamera(self.frames(6) + [.ended], width: CodedLines.width), frames: frames,
            notices: notices, wakeUp: wakeUp, noticeWakeUp: wakeUp, counters: counters,
            admit: { header in
                switch header.sequence % 3 {
                case 0: .pass
                case 1: .inspect(ticket: UInt16(header.sequence) + 7)
                default: .refuse
                }
            })
        while !loop.hasEnded { loop.turn(timeoutMilliseconds: 0) }

        var tickets: [UInt16] = [], refused: [UInt32] = []
        while let frame = frames.pop() { tickets.append(frame.header.ticket) }
        while let notice = notices.pop() {
            if case .refused(let header) = notice { refused.append(header.sequence) }
        }
        #expect(tickets == [8, 11])
        #expect(refused == [2, 5])
        #expect(counters.takenCount == 6 && counters.refusedCount == 2)
    }
}

extension CaptureLoop where Source: ~Copyable {
    /// A loop that admits every frame and wakes one thread for everything.
    fileprivate init(
        _ camera: consuming Source, frames: Ring<Frame>, notices: Ring<CaptureNotice>, wakeUp: EventCounter,
        counters: CaptureCounters
    ) {
        self.init(
            camera, frames: frames, notices: notices, wakeUp: wakeUp, noticeWakeUp: wakeUp,
            counters: counters, admit: { _ in .inspect(ticket: 0) })
    }
}
