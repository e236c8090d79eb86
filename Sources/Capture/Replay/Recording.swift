import Glibc
import Imaging
import Platform
import Synchronization

/// What a `ReplayCamera` plays: the frames of a recording, or the images of a folder.
@safe
public final class Recording: Sendable {
    /// The heads of its frames, in order.
    public let frames: [RecordedFrame]
    /// Why it has no more frames: what its heads show, and since then the bytes that were played; nil if nothing
    /// is wrong.
    public var damage: RecordingDamage? { found.withLock { $0 } }
    private let found: Mutex<RecordingDamage?>
    /// The folder or file that it was read from.
    public let path: String

    let content: Content

    /// Where the bytes of the frames are.
    enum Content: Sendable {
        /// `RecordedFrame.bytes` are ranges of this file.
        case file(MappedFile)
        /// One image file for each frame.
        case images([String])
        /// `RecordedFrame.bytes` are ranges of this memory, every frame decoded and checked.
        case memory(Memory)
    }

    init(frames: [RecordedFrame], damage: RecordingDamage?, path: String, content: Content) {
        (self.frames, self.path, self.content) = (frames, path, content)
        found = Mutex(damage)
    }

    /// Notes damage that playing found.
    func note(_ damage: RecordingDamage) {
        found.withLock { $0 = damage }
    }

    /// Opens `path`: a recording's folder or file, or a folder of images.
    ///
    /// The images come in rising order of their names, as RGB3, `framesPerSecond` of them in a second: frame k
    /// has the sequence number k and the time k / `framesPerSecond`. Blocks. Throws if there is nothing to play.
    public static func open(_ path: String, framesPerSecond: Double) throws(RecordingError) -> Recording {
        let file = path + "/" + RecordingFormat.fileName
        if isFolder(path) {
            var status = stat()
            return unsafe stat(file, &status) == 0
                ? try opened(file: file) : try opened(images: path, framesPerSecond: framesPerSecond)
        }
        return try opened(file: path)
    }

    private static func opened(file path: String) throws(RecordingError) -> Recording {
        let mapped: MappedFile
        do throws(PlatformError) {
            mapped = try MappedFile(path)
        } catch {
            throw .files(error)
        }
        let index = try mapped.withBytes { (bytes) throws(RecordingError) in
            try RecordingIndex(of: bytes, path: path)
        }
        guard !index.frames.isEmpty else { throw .empty(path: path) }
        return Recording(frames: index.frames, damage: index.damage, path: path, content: .file(mapped))
    }

    private static func opened(images path: String, framesPerSecond: Double) throws(RecordingError)
        -> Recording
    {
        let rate = framesPerSecond > 0 ? framesPerSecond : 10
        let files: [String]
        do throws(ImagingError) {
            files = try ImageFolder.images(in: path)
        } catch {
            throw .images(error)
        }
        let frames = files.indices.map { number in
            var header = FrameHeader()
            header.sequence = UInt32(truncatingIfNeeded: number)
            header.driverNanoseconds = Int64((Double(number) * 1e9 / rate).rounded())
            header.arrivalNanoseconds = header.driverNanoseconds
            // The size is the image's, read when it is played.
            let format = StreamFormat(
                pixelFormat: .rgb24, size: Size(width: 0, height: 0), bytesPerRow: 0, framesPerSecond: rate)
            return RecordedFrame(header: header, format: format, isJPEG: false, bytes: 0..<0, checksum: 0)
        }
        return Recording(frames: frames, damage: nil, path: path, content: .images(files))
    }

    /// The same with every frame checked, decoded and in memory, up to the first damaged one: playing it then
    /// costs nothing but the clock. Blocks.
    public func inMemory() throws(RecordingError) -> Recording {
        var loader = try FrameLoader(self, slotCount: 1)
        var loaded: [RecordedFrame] = [], byteCount = 0
        for number in frames.indices {
            guard let frame = loader.load(number, into: 0) else { break }
            var head = RecordedFrame(
                header: frame.header, format: frame.format, isJPEG: false, bytes: 0..<0, checksum: 0)
            head.bytes = byteCount..<byteCount + frame.byteCount
            byteCount = RecordingFormat.aligned(head.bytes.upperBound)
            loaded.append(head)
        }
        guard !loaded.isEmpty else { throw .empty(path: path) }
        do throws(PlatformError) {
            let memory = try Memory(byteCount: byteCount)
            for number in loaded.indices {
                // A second pass, because the memory's size was not known in the first.
                guard let frame = loader.load(number, into: 0) else { break }
                unsafe frame.withBytes { bytes in
                    // Inside the memory: made for the sum of all.
                    unsafe (memory.base + loaded[number].bytes.lowerBound).copyMemory(
                        from: bytes.baseAddress!, byteCount: bytes.count)
                }
            }
            return Recording(
                frames: loaded, damage: loader.damage ?? damage, path: path, content: .memory(memory))
        } catch {
            throw .files(error)
        }
    }
}
