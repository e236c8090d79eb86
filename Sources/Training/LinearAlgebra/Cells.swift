/// A run of numbers in memory that somebody else owns: the tape's workspace or the parameters.
///
/// Whoever cuts a part is checked; single elements are checked in debug builds only, because a check for each
/// stops the compiler from vectorising. Loops therefore take their bounds from `count` or from shapes that
/// were held against it.
///
/// - Invariant: the memory outlives the view. The tape hands out views that are good until its next `begin`.
@safe
package struct Cells<Scalar: TrainingScalar>: @unchecked Sendable {
    // Threads that share a view write disjoint parts of it: `Workers` splits by index.
    @usableFromInline let base: UnsafeMutablePointer<Scalar>
    package let count: Int

    /// - Precondition: `base` points at `count` initialised numbers for as long as the view is used.
    @unsafe init(base: UnsafeMutablePointer<Scalar>, count: Int) {
        unsafe self.base = base
        self.count = count
    }

    package subscript(index: Int) -> Scalar {
        @inline(__always) get {
            assert(0 <= index && index < count, "cell \(index) of \(count)")
            return unsafe base[index]  // within the view: see the type
        }
        @inline(__always) nonmutating set {
            assert(0 <= index && index < count, "cell \(index) of \(count)")
            unsafe base[index] = newValue  // within the view: see the type
        }
    }

    /// The cells `start..<start + count`.
    ///
    /// - Precondition: they lie in the view.
    @inline(__always)
    package func part(_ start: Int, _ count: Int) -> Cells {
        precondition(
            start >= 0 && count >= 0 && start + count <= self.count,
            "cells \(start)..<\(start + count) of \(self.count)")
        return unsafe Cells(base: base + start, count: count)  // just checked
    }

    /// `width` cells from `index`, filled up to eight lanes with `fill`.
    @inline(__always)
    func lanes(_ index: Int, _ width: Int, fill: Scalar = 0) -> Lanes<Scalar> {
        assert(0 <= index && index + width <= count, "cells \(index)..<\(index + width) of \(count)")
        if width == 8 {
            // Eight cells of the view, see above; any alignment will do.
            return unsafe UnsafeRawPointer(base + index).loadUnaligned(as: Lanes<Scalar>.self)
        }
        var lanes = Lanes<Scalar>(repeating: fill)
        for lane in 0..<width { lanes[lane] = self[index &+ lane] }
        return lanes
    }

    /// Writes the first `width` lanes from `index` on.
    @inline(__always)
    func put(_ lanes: Lanes<Scalar>, _ index: Int, _ width: Int) {
        assert(0 <= index && index + width <= count, "cells \(index)..<\(index + width) of \(count)")
        if width == 8 {
            // Eight cells of the view, see above; numbers need no initialisation in order.
            unsafe UnsafeMutableRawPointer(base + index).storeBytes(of: lanes, as: Lanes<Scalar>.self)
        } else {
            for lane in 0..<width { self[index &+ lane] = lanes[lane] }
        }
    }

    /// Adds the first `width` lanes to the cells from `index` on.
    @inline(__always)
    func add(_ lanes: Lanes<Scalar>, _ index: Int, _ width: Int) {
        put(self.lanes(index, width) + lanes, index, width)
    }

    /// Sets every cell to `value`.
    package func fill(_ value: Scalar) {
        unsafe base.update(repeating: value, count: count)  // the whole view and no more
    }

    /// Takes over all cells of `other`.
    ///
    /// - Precondition: both have the same count.
    package func copy(_ other: Cells) {
        precondition(count == other.count, "\(other.count) cells into \(count)")
        unsafe base.update(from: other.base, count: count)  // just checked
    }

    /// The cells as an array.
    package var array: [Scalar] { unsafe Array(UnsafeBufferPointer(start: base, count: count)) }

    /// Takes over `values`.
    ///
    /// - Precondition: there are `count` of them.
    package func copy(_ values: [Scalar]) {
        precondition(count == values.count, "\(values.count) values into \(count) cells")
        // Just checked; the pointer does not leave the closure.
        unsafe values.withUnsafeBufferPointer { values in
            if let start = values.baseAddress { unsafe base.update(from: start, count: values.count) }
        }
    }
}

/// Calls `body` for positions 0, 8, 16, ... below `count` with the number of lanes that are left, at most 8.
///
/// After inlining this is a loop over whole vectors and one rest, without a branch inside.
@inline(__always)
func sweep(_ count: Int, _ body: (_ index: Int, _ width: Int) -> Void) {
    sweep(0..<count, body)
}

/// The same over a range.
@inline(__always)
func sweep(_ range: Range<Int>, _ body: (_ index: Int, _ width: Int) -> Void) {
    var index = range.lowerBound
    let end = range.upperBound
    while index &+ 8 <= end {
        body(index, 8)
        index &+= 8
    }
    if index < end { body(index, end &- index) }
}
