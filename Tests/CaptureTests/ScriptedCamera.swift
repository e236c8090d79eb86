import Capture
import Imaging

/// A camera that gives what it was told to give, then nothing.
struct ScriptedCamera: Camera, ~Copyable {
    enum Step {
        case block(FrameHeader, rows: [[UInt8]])
        case transition(CameraTransition)
        case refused(FrameHeader)
        case nothing
        case ended
    }

    private var steps: [Step]
    private let width: Int
    /// All blocks after each other; frames lend them as long as the camera's returns live.
    @safe
    private final class Storage: Sendable {
        nonisolated(unsafe) let bytes: UnsafeMutableRawBufferPointer
        init(byteCount: Int) {
            // Written before any frame is lent, read after; freed with the last of them.
            unsafe bytes = .allocate(byteCount: max(1, byteCount), alignment: 64)
        }
        deinit { unsafe bytes.deallocate() }
    }
    private let storage: Storage
    private let returns: FrameReturns
    private var offset = 0
    var format: StreamFormat? { nil }

    /// - Parameter padding: bytes between two rows.
    init(_ steps: [Step], width: Int, padding: Int = 0) {
        self.steps = steps
        self.width = width
        self.padding = padding
        let rowCount = steps.reduce(0) {
            if case .block(_, let rows) = $1 { $0 + rows.count } else { $0 }
        }
        storage = Storage(byteCount: rowCount * (width + padding))
        returns = FrameReturns(keeping: storage)
    }

    private let padding: Int

    mutating func next(timeoutMilliseconds: Int32) -> CameraSignal {
        guard !steps.isEmpty else { return .nothing }
        switch steps.removeFirst() {
        case .transition(let transition): return .transition(transition)
        case .refused(let header): return .refused(header)
        case .nothing: return .nothing
        case .ended: return .ended
        case .block(let header, let rows):
            let stride = width + padding, start = offset
            for row in rows {
                unsafe storage.bytes[offset..<offset + stride].copyBytes(
                    from: row + [UInt8](repeating: 0xEE, count: padding))
                offset += stride
            }
            let format = StreamFormat(
                pixelFormat: .grey, size: Size(width: width, height: rows.count), bytesPerRow: stride)
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: storage.bytes[start..<offset])
            return unsafe .frame(
                Frame(header: header, format: format, unsafeBytes: bytes, returns: returns, index: 0))
        }
    }

    mutating func close() {}
}

/// Lines that say their own number: line n of the material begins with n in four bytes.
enum CodedLines {
    static let width = 100

    static func line(_ number: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
            + (4..<width).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0 &* 7 | 1) }
    }

    static func lines(_ numbers: Range<Int>) -> [[UInt8]] { numbers.map(line) }

    static func number(_ row: [UInt8]) -> Int {
        (0..<4).reduce(0) { $0 | Int(row[$1]) << (8 * $1) }
    }
}

/// A strip as it came, copied.
struct StripCopy {
    var header: FrameHeader
    var rows: [[UInt8]]

    init(_ frame: borrowing Frame) {
        header = frame.header
        rows = []
        guard let view = frame.view else { return }
        for row in 0..<view.size.height {
            // Inside the view, by its invariant.
            let start = row * view.bytesPerRow
            rows.append(unsafe Array(view.bytes[start..<start + view.size.width]))
        }
    }

    /// The rows that are real.
    var realRows: ArraySlice<[UInt8]> { rows.prefix(Int(header.validLineCount)) }
    /// Whether all others are zero.
    var hasNoStaleRow: Bool {
        rows.dropFirst(Int(header.validLineCount)).allSatisfy { $0.allSatisfy { $0 == 0 } }
    }
    /// Whether every real row shows the line of its number.
    var isAtItsPosition: Bool {
        realRows.enumerated().allSatisfy { CodedLines.number($1) == Int(header.firstLine) + $0 }
    }
}

/// All strips that `camera` gives until it has nothing `patience` times in a row.
func strips(of camera: consuming LineScanCamera<ScriptedCamera>, patience: Int = 3) -> [StripCopy] {
    var camera = camera
    var result: [StripCopy] = [], idle = 0
    while idle < patience {
        switch camera.next(timeoutMilliseconds: 0) {
        case .frame(let frame):
            result.append(StripCopy(frame))
            idle = 0
        case .nothing: idle += 1
        case .ended: return result
        default: break
        }
    }
    return result
}
