import CKernels

extension KernelTable {
    /// Multiply-adds done by `steps` rounds of dot products on registers alone, for timing: this core's
    /// ceiling in int8.
    public func multiplyAddsAtPeak(steps: Int) -> Int {
        Int(unsafe table.pointee.peak(UInt64(steps)))
    }
}
