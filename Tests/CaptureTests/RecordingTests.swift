import Capture
import Imaging
import Testing

/// A frame as it was played: its header, its looks and all its bytes.
struct PlayedFrame: Equatable {
    var header: FrameHeader
    var format: StreamFormat
    var bytes: [UInt8]

    init(_ frame: borrowing Frame) {
        header = frame.header
        format = frame.format
        bytes = frame.withBytes { span in
            span.byteOffsets.map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
    }
}

/// Plays `recording` to its end, as fast as it goes.
func played(_ recording: Recording) throws -> (frames: [PlayedFrame], damage: RecordingDamage?) {
    let pace = ReplayPace(speed: 0, lentFrames: 3, isRestamped: false)
    var camera = try ReplayCamera(recording, pace: pace)
    var frames: [PlayedFrame] = []
    while true {
        switch camera.next(timeoutMilliseconds: 1000) {
        case .frame(let frame): frames.append(PlayedFrame(frame))
        case .ended: return (frames, camera.damage)
        default: break
        }
    }
}

/// Recordings of a few small frames, each with another header.
enum SmallRecordings {
    static let width = 12, height = 4, count = 5

    /// Records frames of grey noise in `folder` and returns what was recorded.
    static func record(in folder: String, finish: Bool = true) throws -> [PlayedFrame] {
        var steps: [ScriptedCamera.Step] = []
        for index in 0..<count {
            var header = FrameHeader()
            header.camera = 3
            header.sequence = UInt32(index * 2)
            header.lostCount = UInt32(index % 2)
            header.driverNanoseconds = Int64(index) * 10_000_000 - 7
            header.arrivalNanoseconds = Int64(index) * 10_000_000 + 123
            header.bytesUsed = UInt32(width * height)
            header.hasError = index == 3
            header.hasEncoder = index > 1
            header.encoder = -Int32(index)
            header.firstLine = 1 << 40 + UInt64(index)
            header.validLineCount = UInt32(index)
            header.lineFlags = index == 2 ? [.incomplete, .repeated] : []
            let rows = (0..<height).map { row in
                (0..<width).map { UInt8(truncatingIfNeeded: ($0 + row * 37) &* 113 &+ index &* 71) }
            }
            steps.append(.block(header, rows: rows))
        }
        var camera = ScriptedCamera(steps, width: width, padding: 4)
        var writer = try RecordingWriter(folder: folder)
        var recorded: [PlayedFrame] = []
        while case .frame(let frame) = camera.next(timeoutMilliseconds: 0) {
            try writer.append(frame)
            recorded.append(PlayedFrame(frame))
        }
        if finish { try writer.finish() }
        return recorded
    }
}

struct RecordingTests {
    @Test("a recording plays the very bytes and headers that were recorded, twice, from disk and memory")
    func roundTrip() throws {
        let folder = TemporaryFolder()
        let recorded = try SmallRecordings.record(in: folder.path + "/line/top")
        let recording = try Recording.open(folder.path + "/line/top", framesPerSecond: 0)
        #expect(recording.damage == nil)
        for source in [recording, recording, try recording.inMemory()] {
            let (frames, damage) = try played(source)
            #expect(frames == recorded)
            #expect(damage == nil)
        }
    }

    @Test("a camera that is closed plays from the start again")
    func rewind() throws {
        let folder = TemporaryFolder()
        _ = try SmallRecordings.record(in: folder.path)
        let recording = try Recording.open(folder.path, framesPerSecond: 0)
        var camera = try ReplayCamera(
            recording, pace: ReplayPace(speed: 0, lentFrames: 1, isRestamped: false))
        var passes: [[UInt32]] = []
        for _ in 0..<2 {
            var sequences: [UInt32] = []
            loop: while true {
                switch camera.next(timeoutMilliseconds: 100) {
                case .frame(let frame): sequences.append(frame.header.sequence)
                case .ended: break loop
                default: break
                }
            }
            passes.append(sequences)
            camera.close()
        }
        #expect(passes == [[0, 2, 4, 6, 8], [0, 2, 4, 6, 8]])
    }

    @Test("a recording that was never closed plays whole, and says that it was not closed")
    func unclosed() throws {
        let folder = TemporaryFolder()
        let recorded = try SmallRecordings.record(in: folder.path, finish: false)
        let (frames, damage) = try played(try Recording.open(folder.path, framesPerSecond: 0))
        #expect(frames == recorded)
        #expect(damage?.reason == .noEnd && damage?.frame == recorded.count)
    }

    @Test("a recording cut at any byte plays every whole frame and says where it ends, or is refused")
    func cutAnywhere() throws {
        let folder = TemporaryFolder()
        let recorded = try SmallRecordings.record(in: folder.path)
        let file = folder.read("frames.lwr")
        for length in file.indices {
            let cut = folder.write(Array(file.prefix(length)), to: "cut.lwr")
            guard let recording = try? Recording.open(cut, framesPerSecond: 0) else {
                #expect(length < 64 + 128 + 64, "cut at byte \(length)")
                continue
            }
            let (frames, damage) = try played(recording)
            #expect(frames == Array(recorded.prefix(frames.count)))
            let found = try #require(damage, "cut at byte \(length)")
            #expect(found.frame == frames.count && found.offset <= length)
        }
    }

    @Test("a flipped bit in any byte is found: what is played is what was recorded before it")
    func flippedBits() throws {
        let folder = TemporaryFolder()
        let recorded = try SmallRecordings.record(in: folder.path)
        let file = folder.read("frames.lwr")
        for offset in stride(from: 0, to: file.count, by: 3) {
            var mutant = file
            mutant[offset] ^= 1 << UInt8(offset % 8)
            let path = folder.write(mutant, to: "flip.lwr")
            guard let recording = try? Recording.open(path, framesPerSecond: 0) else { continue }
            let (frames, damage) = try played(recording)
            // Padding behind a frame is the only thing that may change.
            #expect(frames == Array(recorded.prefix(frames.count)))
            #expect(frames.count == recorded.count || damage?.frame == frames.count)
        }
    }

    @Test("any bytes give frames, a damage or an error, never a trap")
    func fuzz() throws {
        let folder = TemporaryFolder()
        _ = try SmallRecordings.record(in: folder.path)
        let file = folder.read("frames.lwr")
        var state: UInt64 = 0x5EED
        func random(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        for _ in 0..<3000 {
            var mutant = file
            for _ in 0...random(4) {
                let at = random(mutant.count)
                switch random(4) {
                case 0: mutant[at] = UInt8(random(256))
                case 1: mutant.insert(UInt8(random(256)), at: at)
                case 2: if mutant.count > 8 { mutant.remove(at: at) }
                default:
                    SealedRecords.write(
                        random(4) == 0 ? random(1 << 31) : random(300), into: &mutant, at: random(24) * 4)
                }
            }
            _ = try? unsafe RecordingIndex(of: mutant.span.bytes, path: "fuzz")
        }
    }

    @Test("another file, another version and an empty recording are refused with what to do")
    func refusals() throws {
        let folder = TemporaryFolder()
        let text = folder.write(Array("hello".utf8), to: "text")
        #expect(throws: RecordingError.notARecording(path: text)) {
            try Recording.open(text, framesPerSecond: 0)
        }
        let empty = folder.path + "/empty"
        try RecordingWriter(folder: empty).finish()
        #expect(throws: RecordingError.empty(path: empty + "/frames.lwr")) {
            try Recording.open(empty, framesPerSecond: 0)
        }
        #expect(throws: RecordingError.alreadyThere(path: empty + "/frames.lwr")) {
            _ = try RecordingWriter(folder: empty)
        }
        #expect(throws: RecordingError.self) { try Recording.open(folder.path, framesPerSecond: 0) }
        #expect(throws: RecordingError.self) { try Recording.open(folder.path + "/none", framesPerSecond: 0) }
    }
}
