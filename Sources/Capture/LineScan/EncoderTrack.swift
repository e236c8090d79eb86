import Imaging

/// What the encoder said at which line, and which way the material goes.
///
/// Devices stamp buffers, not lines: the count of a line in between is interpolated from the stamps around it,
/// or drawn on from the two before it while no later one has come.
struct EncoderTrack {
    private struct Stamp {
        var line: UInt64
        /// Counts since the start of the stream: the encoder's 32 bits wrap, this does not.
        var position: Int64
    }

    /// The newest stamps, the last one at `(next - 1) % capacity`.
    private var stamps: [Stamp]
    private var count = 0
    private var next = 0
    private let countsPerLine: Double

    /// +1 or -1: the sign of the counts in the direction of production; 0 until it is known.
    private var direction: Int64
    /// The last stamp ever, whatever was forgotten since.
    private var last: (encoder: Int32, position: Int64)?
    private var furthest: Int64 = .min
    private(set) var isReversing = false
    /// Whether the last stamp lies at material that was seen before.
    private(set) var isBehind = false

    /// - Parameter lineCapacity: lines that are asked for at most before the newest stamp.
    init(lineCapacity: Int, countsPerLine: Double) {
        stamps = Array(repeating: Stamp(line: 0, position: 0), count: lineCapacity + 2)
        self.countsPerLine = countsPerLine
        direction = countsPerLine > 0 ? 1 : countsPerLine < 0 ? -1 : 0
    }

    /// Counts by which the encoder may tremble without the material moving back: a line's, at least one.
    private var tolerance: Int64 { max(1, Int64(abs(countsPerLine).rounded())) }

    /// Whether the material has changed its direction when the encoder now says `encoder`.
    func isTurn(_ encoder: Int32) -> Bool {
        guard let last, direction != 0 else { return false }
        let step = Int64(encoder &- last.encoder) * direction
        return isReversing ? step > tolerance : step < -tolerance
    }

    /// Notes that `line`, the first of a block, came at `encoder`.
    mutating func note(_ encoder: Int32, at line: UInt64) {
        if isTurn(encoder) {
            isReversing.toggle()
            forget()
        }
        var position: Int64 = 0
        if let last {
            position = last.position + Int64(encoder &- last.encoder)
            if direction == 0 { direction = position.signum() }
        }
        last = (encoder, position)
        isBehind = furthest != .min && position * direction < furthest - tolerance
        furthest = max(furthest, position * direction)
        stamps[next] = Stamp(line: line, position: position)
        next = (next + 1) % stamps.count
        count = min(count + 1, stamps.count)
    }

    /// Forgets what lies before a break, across which nothing can be interpolated.
    mutating func forget() { count = 0 }

    /// The lines between the last stamp and one that says `encoder` now; nil if the counts of a line are not
    /// known or there is no stamp.
    func lineCount(until encoder: Int32) -> Int? {
        guard let last, countsPerLine != 0 else { return nil }
        let lines = (Double(encoder &- last.encoder) / countsPerLine).rounded()
        return lines >= 0 ? Int(lines) : nil
    }

    /// The encoder's count at `line`, rounded; nil if no stamp lies at or before it.
    func encoder(at line: UInt64) -> Int32? {
        guard count > 0 else { return nil }
        var age = 1
        while age < count, stamp(age).line > line { age += 1 }
        let before = stamp(age)
        guard before.line <= line else { return nil }
        let distance = Double(line - before.line)
        let other = age > 1 ? stamp(age - 1) : age < count ? stamp(age + 1) : nil
        var slope = countsPerLine
        if let other, other.line != before.line {
            let lines = Double(Int64(bitPattern: other.line &- before.line))
            slope = Double(other.position - before.position) / lines
        }
        return Int32(truncatingIfNeeded: absolute(before) + Int64((slope * distance).rounded()))
    }

    private func stamp(_ age: Int) -> Stamp { stamps[(next - age + stamps.count) % stamps.count] }

    /// Positions count from the first stamp; the encoder's own zero is elsewhere.
    private func absolute(_ stamp: Stamp) -> Int64 {
        guard let last else { return stamp.position }
        return Int64(last.encoder) + stamp.position - last.position
    }
}
