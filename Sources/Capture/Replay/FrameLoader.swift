import Imaging
import Platform

/// Brings the frames of a recording into memory, one at a time: as they lie in the file, or decoded.
struct FrameLoader: ~Copyable, @unchecked Sendable {
    // @unchecked: the decoder is this value's alone, and the value has one owner.
    let recording: Recording
    /// Where playing had to stop; nil until it did.
    private(set) var damage: RecordingDamage?
    private let slots: Slots
    private let decoder: JPEGFrameDecoder

    /// A frame that is in memory. Its bytes live as long as `owner`, and in a slot until the slot is used again.
    @safe
    struct Loaded {
        var header: FrameHeader
        var format: StreamFormat
        var owner: any AnyObject & Sendable
        var byteCount: Int { unsafe bytes.count }
        fileprivate(set) var bytes: UnsafeRawBufferPointer

        func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
            unsafe body(bytes)
            withExtendedLifetime(owner) {}
        }
    }

    /// Memory for decoded pictures, one piece for each frame on loan; grows with the pictures.
    private final class Slots: @unchecked Sendable {
        // @unchecked: only the thread of the camera touches the list; frames read the memory of their slot.
        var memory: [Memory?]
        init(count: Int) { memory = Array(repeating: nil, count: count) }
    }

    init(_ recording: Recording, slotCount: Int) throws(RecordingError) {
        guard let decoder = JPEGFrameDecoder() else {
            throw .images(.damaged(path: recording.path, format: "JPEG", reason: "no decoder could be made"))
        }
        self.recording = recording
        self.decoder = decoder
        slots = Slots(count: slotCount)
    }

    /// What keeps every frame's bytes: the file or memory that they are lent from, or the slots.
    var owner: any AnyObject & Sendable { PairOwner(first: recording, second: slots) }

    /// Frame `number`, decoded into `slot` if it is a picture; nil if it is damaged, and `damage` tells where.
    mutating func load(_ number: Int, into slot: Int) -> Loaded? {
        let frame = recording.frames[number]
        switch recording.content {
        case .memory(let memory):
            // The ranges were laid out for this memory.
            let bytes = unsafe UnsafeRawBufferPointer(
                start: memory.base + frame.bytes.lowerBound, count: frame.bytes.count)
            return unsafe Loaded(header: frame.header, format: frame.format, owner: memory, bytes: bytes)
        case .file(let file):
            return unsafe file.withUnsafeBytes { all in
                // The index has checked the range against the file.
                let bytes = unsafe UnsafeRawBufferPointer(rebasing: all[frame.bytes])
                guard unsafe XXHash64.checksum(of: bytes.bytes) == frame.checksum else {
                    return stop(number, at: frame.bytes.lowerBound, .badBytes)
                }
                guard frame.isJPEG else {
                    return unsafe Loaded(
                        header: frame.header, format: frame.format, owner: file, bytes: bytes)
                }
                return unsafe decode(bytes, frame, number, into: slot)
            }
        case .images(let paths):
            guard let image = try? RGBImage(contentsOf: paths[number]),
                let target = unsafe memory(of: slot, byteCount: image.pixels.count)
            else { return stop(number, at: 0, .badPicture) }
            unsafe image.pixels.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
            var (header, format) = (frame.header, frame.format)
            header.bytesUsed = UInt32(image.pixels.count)
            format.size = image.size
            format.bytesPerRow = 3 * image.size.width
            return unsafe Loaded(
                header: header, format: format, owner: slots, bytes: UnsafeRawBufferPointer(target))
        }
    }

    private mutating func decode(
        _ jpeg: UnsafeRawBufferPointer, _ frame: RecordedFrame, _ number: Int, into slot: Int
    ) -> Loaded? {
        let size = frame.format.size
        guard let target = unsafe memory(of: slot, byteCount: 3 * size.pixelCount),
            unsafe decoder.decode(jpeg, size: size, into: target)
        else { return stop(number, at: frame.bytes.lowerBound, .badPicture) }
        return unsafe Loaded(
            header: frame.header, format: frame.format, owner: slots, bytes: UnsafeRawBufferPointer(target))
    }

    private func memory(of slot: Int, byteCount: Int) -> UnsafeMutableRawBufferPointer? {
        if slots.memory[slot].map({ $0.byteCount < byteCount }) ?? true {
            slots.memory[slot] = try? Memory(byteCount: byteCount)
        }
        guard let memory = slots.memory[slot] else { return nil }
        return unsafe UnsafeMutableRawBufferPointer(start: memory.base, count: byteCount)
    }

    private mutating func stop(_ number: Int, at offset: Int, _ reason: RecordingDamage.Reason) -> Loaded? {
        var path = recording.path
        if case .images(let paths) = recording.content { path = paths[number] }
        let damage = RecordingDamage(path: path, frame: number, offset: offset, reason: reason)
        recording.note(damage)
        self.damage = damage
        return nil
    }
}

/// Keeps two objects alive.
private final class PairOwner: Sendable {
    let first: any AnyObject & Sendable
    let second: any AnyObject & Sendable

    init(first: any AnyObject & Sendable, second: any AnyObject & Sendable) {
        (self.first, self.second) = (first, second)
    }
}
