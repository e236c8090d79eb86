/// The mean of the highest hundredth of a map, found without sorting it.
@safe
final class TopMean {
    /// The values of a map.
    let count: Int
    private static let digits = 1 << 11
    private let tally: UnsafeMutablePointer<Int32>
    /// The values that may be among the highest, in their order.
    private let kept: UnsafeMutablePointer<Float>

    init(count: Int) {
        self.count = count
        unsafe tally = .allocate(capacity: Self.digits)
        unsafe kept = .allocate(capacity: count)
    }

    deinit {
        unsafe tally.deallocate()
        unsafe kept.deallocate()
    }

    /// The mean of the highest hundredth, at least one, of the `looked` values that are looked at; no other is above any
    /// of these. No value looked at gives 0. Allocation-free.
    ///
    /// - Precondition: there are `count` values, none NaN.
    func of(_ values: UnsafePointer<Float>, looked: Int) -> Float {
        guard looked > 0 else { return 0 }
        let top = max(1, looked / 100)
        // The bits of the value that is number `top` from above, eleven, eleven and ten at a time.
        var prefix: UInt32 = 0, mask: UInt32 = 0, wanted = Int32(top)
        var (list, length) = unsafe (values, count)
        for step in 0..<3 {
            let shift: UInt32 = step == 0 ? 21 : step == 1 ? 10 : 0,
                digits = step == 2 ? 1 << 10 : Self.digits
            unsafe tally.update(repeating: 0, count: digits)
            for index in 0..<length {
                let bits = unsafe Self.rank(list[index])
                if bits & mask == prefix { unsafe tally[Int(bits >> shift) & (digits - 1)] += 1 }
            }
            var digit = digits - 1
            while unsafe tally[digit] < wanted {
                unsafe wanted -= tally[digit]
                digit -= 1
            }
            prefix |= UInt32(digit) << shift
            mask |= UInt32(digits - 1) << shift
            // Most values are below the first digits already.
            if step == 0 { unsafe (list, length) = unsafe (UnsafePointer(kept), keep(values, from: prefix)) }
        }
        let limit = Float(bitPattern: prefix ^ (prefix >> 31 == 1 ? Self.sign : .max))
        var sum = 0.0
        for index in 0..<length where unsafe list[index] > limit { unsafe sum += Double(list[index]) }
        return Float((sum + Double(wanted) * Double(limit)) / Double(top))
    }

    /// Copies the values whose rank is at least `least` to `kept`; returns how many.
    private func keep(_ values: UnsafePointer<Float>, from least: UInt32) -> Int {
        var length = 0
        for index in 0..<count where unsafe Self.rank(values[index]) >= least {
            // At most `count` are kept.
            unsafe kept[length] = values[index]
            length += 1
        }
        return length
    }

    private static let sign: UInt32 = 1 << 31

    /// Bits that sort as the values do: those of negative ones turned over.
    @inline(__always)
    private static func rank(_ value: Float) -> UInt32 {
        let bits = value.bitPattern
        return bits ^ (UInt32(bitPattern: Int32(bitPattern: bits) >> 31) | sign)
    }
}
