/// Counts of values in equal bins around zero. The range doubles when a value falls outside, which merges
/// bins in pairs, so that memory stays the same however many values come.
struct RangeHistogram {
    /// Bins on either side of zero.
    private static let half = 4096
    private static let binCount = 2 * half

    /// All values lie in -limit...limit.
    private(set) var limit: Float = 0x1p-6
    private(set) var counts = [Int](repeating: 0, count: Self.binCount)
    private(set) var least = Float.infinity
    private(set) var greatest = -Float.infinity
    /// Values that are exactly zero, which every quantisation keeps: counted here, in no bin.
    private(set) var zeros = 0
    private(set) var total = 0

    var binWidth: Float { limit / Float(Self.half) }

    /// The middle of bin `index`.
    func centre(_ index: Int) -> Float { (Float(index - Self.half) + 0.5) * binWidth }

    mutating func add(_ values: UnsafeMutableBufferPointer<Float>) {
        var low = Float.infinity, high = -Float.infinity
        for i in values.indices {
            low = min(low, unsafe values[i])
            high = max(high, unsafe values[i])
        }
        least = min(least, low)
        greatest = max(greatest, high)
        while max(-low, high) > limit { widen() }
        total += values.count
        let factor = Float(Self.half) / limit
        for i in values.indices {
            let value = unsafe values[i]
            if value == 0 {
                zeros += 1
                continue
            }
            let bin = Int((value * factor).rounded(.down)) + Self.half
            counts[min(max(bin, 0), Self.binCount - 1)] += 1
        }
    }

    private mutating func widen() {
        var wider = [Int](repeating: 0, count: Self.binCount)
        for i in counts.indices { wider[Self.half / 2 + i / 2] += counts[i] }
        counts = wider
        limit *= 2
    }

    /// The range that all but `share` of the values lie in, with zero: half of `share` is cut off on each
    /// side where there are values on both.
    func range(cuttingOff share: Double) -> ClosedRange<Float> {
        guard least < 0 else { return 0...upper(cuttingOff: share) }
        let excess = Int(Double(total) * share / 2)
        var below = 0, index = 0
        while index < Self.half, below + counts[index] <= excess {
            below += counts[index]
            index += 1
        }
        let low = max(least, Float(index - Self.half) * binWidth)
        return min(low, 0)...upper(cuttingOff: share / 2)
    }

    private func upper(cuttingOff share: Double) -> Float {
        let excess = Int(Double(total) * share)
        var above = 0, index = Self.binCount - 1
        while index >= Self.half, above + counts[index] <= excess {
            above += counts[index]
            index -= 1
        }
        return max(min(greatest, Float(index + 1 - Self.half) * binWidth), 0)
    }
}

// The range of least error.
extension RangeHistogram {
    /// The range whose 255 steps give the least squared error of these values: a narrow one has finer steps
    /// but clips more.
    func rangeOfLeastError() -> ClosedRange<Float> {
        var range = min(least, 0)...max(greatest, 0)
        for _ in 0..<3 {
            let low = range.lowerBound, high = range.upperBound
            range = low...(best { low...max(greatest, 0) * $0 }.upperBound)
            if low < 0 { range = best { min(least, 0) * $0...range.upperBound } }
            if range == low...high { break }
        }
        return range
    }

    private func best(_ candidate: (Float) -> ClosedRange<Float>) -> ClosedRange<Float> {
        let candidates = (1...100).map { candidate(Float($0) / 100) }
        return candidates.min { error(of: $0) < error(of: $1) } ?? 0...1
    }

    private func error(of range: ClosedRange<Float>) -> Double {
        let step = Double(range.upperBound - range.lowerBound) / 255
        var sum = 0.0
        for i in counts.indices where counts[i] > 0 {
            let x = centre(i)
            let clipped = Double(
                x < range.lowerBound ? range.lowerBound - x : x > range.upperBound ? x - range.upperBound : 0)
            sum += Double(counts[i]) * (clipped > 0 ? clipped * clipped : step * step / 12)
        }
        return sum
    }
}
