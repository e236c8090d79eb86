import CLinux
import Glibc

/// Anonymous memory of the kernel's: zeroed, page-aligned, with huge pages where the kernel gives them, all
/// pages present.
///
/// Touching it later causes no page fault. It is locked if the process may lock memory, which keeps it from
/// being swapped out; `isLocked` says so.
@safe
public final class Memory: @unchecked Sendable {
    // @unchecked: the address never changes; who may write where is the owner's business.
    public let byteCount: Int
    public let isLocked: Bool
    package let base: UnsafeMutableRawPointer
    private let mapping: UnsafeMutableRawPointer
    private let mappedCount: Int

    /// Throws if the kernel has no `byteCount` bytes. Blocks while the pages are made present.
    public init(byteCount: Int) throws(PlatformError) {
        let hugePage = 2 << 20
        self.byteCount = byteCount
        // Small memory keeps small pages: a huge one would be resident as a whole.
        let alignment = byteCount >= hugePage ? hugePage : 4096
        mappedCount = (byteCount + 4095) / 4096 * 4096 + alignment
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let address = unsafe mmap(nil, mappedCount, PROT_READ | PROT_WRITE, flags, -1, 0),
            unsafe address != MAP_FAILED
        else { throw .last("mmap", "\(byteCount) bytes of memory") }
        unsafe mapping = address
        let misalignment = Int(bitPattern: address) % alignment
        unsafe base = address + (misalignment == 0 ? 0 : alignment - misalignment)
        // Only whole huge pages are asked for: a part of one would be resident as a whole.
        let huge = byteCount / hugePage * hugePage
        if huge > 0 { _ = unsafe madvise(base, huge, 14) }  // MADV_HUGEPAGE
        for offset in stride(from: 0, to: byteCount, by: 4096) {
            unsafe base.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
        }
        isLocked = unsafe mlock(base, byteCount) == 0
    }

    deinit { _ = unsafe munmap(mapping, mappedCount) }

    /// Gives freed memory of the heap back to the kernel, which is worth it after a phase that needed much.
    /// Blocks.
    public static func releaseFreed() { cl_trim_heap() }
}
