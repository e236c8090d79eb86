import CAllocationCounter
import Capture
import Imaging
import Platform
import Testing

struct ReplayTests {
    /// A folder of three small pictures, of different sizes.
    private func pictures() throws -> (folder: TemporaryFolder, images: [RGBImage]) {
        let folder = TemporaryFolder()
        let images = try (0..<3).map { index in
            let size = Size(width: 8 + index * 4, height: 6)
            return try RGBImage(
                size: size,
                pixels: (0..<3 * size.pixelCount).map { UInt8(truncatingIfNeeded: $0 * 7 + index * 31) })
        }
        for index in images.indices { folder.write(try images[index].encodedAsPNG(), to: "\(index).png") }
        return (folder, images)
    }

    @Test(
        "the images of a folder are played in order, as they are, with the times of their rate, twice alike")
    func folder() throws {
        let (folder, images) = try pictures()
        let recording = try Recording.open(folder.path, framesPerSecond: 4)
        let first = try played(recording).frames
        #expect(first.map(\.bytes) == images.map(\.pixels))
        #expect(first.map(\.format.size) == images.map(\.size))
        #expect(first.map(\.header.driverNanoseconds) == [0, 250_000_000, 500_000_000])
        #expect(first.map(\.header.sequence) == [0, 1, 2])
        #expect(try played(recording).frames == first)
        #expect(try played(try recording.inMemory()).frames == first)
    }

    @Test("several rounds play the frames again, and the numbers of the driver go on without a gap")
    func rounds() throws {
        let (folder, images) = try pictures()
        let recording = try Recording.open(folder.path, framesPerSecond: 4)
        var camera = try ReplayCamera(
            recording, pace: ReplayPace(speed: 0, lentFrames: 1, isRestamped: false, rounds: 3))
        var frames: [PlayedFrame] = [], hasEnded = false
        while !hasEnded, frames.count < 20 {
            switch camera.next(timeoutMilliseconds: 0) {
            case .frame(let frame): frames.append(PlayedFrame(frame))
            case .ended: hasEnded = true
            default: continue
            }
        }
        #expect(hasEnded && frames.map(\.header.sequence) == Array(0..<9))
        #expect(frames.map(\.bytes) == images.map(\.pixels) + images.map(\.pixels) + images.map(\.pixels))

        camera = try ReplayCamera(
            recording, pace: ReplayPace(speed: 0, lentFrames: 1, isRestamped: false, rounds: 0))
        var last: UInt32?
        for _ in 0..<100 {
            if case .frame(let frame) = camera.next(timeoutMilliseconds: 0) { last = frame.header.sequence }
        }
        #expect(last == 98, "without end: one of the hundred was the start")
    }

    @Test("a damaged image ends the play at its place, and is named")
    func damagedImage() throws {
        let (folder, images) = try pictures()
        let bad = folder.write([1, 2, 3], to: "1.png")
        let (frames, damage) = try played(try Recording.open(folder.path, framesPerSecond: 4))
        #expect(frames.map(\.bytes) == [images[0].pixels])
        #expect(damage?.path == bad && damage?.frame == 1 && damage?.reason == .badPicture)
    }

    @Test("while all frames are on loan the next one waits, and none is dropped")
    func waits() throws {
        let (folder, _) = try pictures()
        let recording = try Recording.open(folder.path, framesPerSecond: 4)
        var camera = try ReplayCamera(
            recording, pace: ReplayPace(speed: 0, lentFrames: 1, isRestamped: false))
        guard case .transition = camera.next(timeoutMilliseconds: 0),
            case .frame(let held) = camera.next(timeoutMilliseconds: 0)
        else {
            Issue.record("no first frame")
            return
        }
        let bytes = PlayedFrame(held).bytes
        guard case .nothing = camera.next(timeoutMilliseconds: 1) else {
            Issue.record("a frame came over the loan")
            return
        }
        #expect(PlayedFrame(held).bytes == bytes)
        _ = consume held
        guard case .frame(let second) = camera.next(timeoutMilliseconds: 100) else {
            Issue.record("no second frame")
            return
        }
        #expect(second.header.sequence == 1)
    }

    @Test("a frame's pixels stay after its camera and recording are gone")
    func outlives() throws {
        let (folder, images) = try pictures()
        var frame: Frame?
        do {
            let recording = try Recording.open(folder.path, framesPerSecond: 4)
            var camera = try ReplayCamera(
                recording, pace: ReplayPace(speed: 0, lentFrames: 1, isRestamped: false))
            _ = camera.next(timeoutMilliseconds: 0)
            if case .frame(let first) = camera.next(timeoutMilliseconds: 0) { frame = consume first }
        }
        if let frame { #expect(PlayedFrame(frame).bytes == images[0].pixels) }
    }

    @Test("JPEG pictures in a recording are played decoded, twice alike")
    func motionJPEG() throws {
        let folder = TemporaryFolder()
        let jpeg = SmallPicture.jpeg
        let size = SmallPicture.size
        var writer = try RecordingWriter(folder: folder.path)
        for index in 0..<3 {
            var header = FrameHeader()
            header.sequence = UInt32(index)
            unsafe try writer.append(jpeg: jpeg.span.bytes, header: header, size: size, framesPerSecond: 30)
        }
        try writer.finish()
        let recording = try Recording.open(folder.path, framesPerSecond: 0)
        let frames = try played(recording).frames
        let expected = try RGBImage(encoded: jpeg, path: "jpeg")
        #expect(frames.count == 3)
        #expect(frames.allSatisfy { $0.bytes == expected.pixels && $0.format.pixelFormat == .rgb24 })
        #expect(try played(recording).frames == frames)
    }

    @Test("playing from memory allocates nothing for a frame")
    func allocatesNothing() throws {
        let folder = TemporaryFolder()
        _ = try SmallRecordings.record(in: folder.path)
        let recording = try Recording.open(folder.path, framesPerSecond: 0).inMemory()
        var camera = try ReplayCamera(
            recording, pace: ReplayPace(speed: 0, lentFrames: 2, isRestamped: true))
        var allocations: UInt64 = 0, frames = 0
        for pass in 0..<20 {
            camera.close()
            let before = ca_thread_allocations()
            loop: while true {
                switch camera.next(timeoutMilliseconds: 100) {
                case .frame: frames += 1
                case .ended: break loop
                default: break
                }
            }
            if pass > 0 { allocations += ca_thread_allocations() - before }
        }
        #expect(frames == 100 && allocations == 0)
    }
}
