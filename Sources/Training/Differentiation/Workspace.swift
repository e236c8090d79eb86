/// The memory of a tape: blocks of numbers that go round from step to step.
///
/// A step of the same network asks for the same sizes again, so after the first step nothing is allocated.
/// Sizes are rounded up to one of eight steps per power of two, so that batches of uneven length share blocks.
@safe
final class Workspace<Scalar: TrainingScalar> {
    // Blocks are freed when the workspace goes, and not before; a tape or its parameters own it.
    private var free: [Int: [UnsafeMutablePointer<Scalar>]] = unsafe [:]
    private var all: [UnsafeMutablePointer<Scalar>] = unsafe []
    /// The numbers in all blocks, lent or not.
    private(set) var capacity = 0

    /// Lends `count` numbers of unknown value. Give them back with `giveBack`.
    func borrow(_ count: Int) -> Cells<Scalar> {
        let size = Self.roundedUp(count)
        if let block = unsafe free[size]?.popLast() {
            return unsafe Cells(base: block, count: count)  // a block of at least `count` numbers
        }
        let bytes = size * MemoryLayout<Scalar>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        // Zeros once, so that every number in a block is initialised from here on.
        let block = unsafe memory.initializeMemory(as: Scalar.self, repeating: 0, count: size)
        unsafe all.append(block)
        capacity += size
        return unsafe Cells(base: block, count: count)
    }

    /// Takes back what `borrow` lent, whole.
    func giveBack(_ cells: Cells<Scalar>) {
        // The view began its block: it came from `borrow`.
        unsafe free[Self.roundedUp(cells.count), default: []].append(cells.base)
    }

    private static func roundedUp(_ count: Int) -> Int {
        let least = max(count, 64)
        let step = max(64, 1 << (Int.bitWidth - least.leadingZeroBitCount - 4))
        return (least + step - 1) / step * step
    }

    deinit {
        // All came from `borrow`; numbers need no deinitialisation.
        while let block = unsafe all.popLast() { unsafe block.deallocate() }
    }
}
