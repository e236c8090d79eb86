import CLinux
import Glibc

/// Memory that appears twice in a row, so that a window over the end of a ring is in one piece.
///
/// The byte at `base + n` and the byte at `base + byteCount + n` are one and the same. Zeroed at first, all
/// pages present.
@safe
public final class MirroredMemory: @unchecked Sendable {
    // @unchecked: the address never changes; who may write where is the owner's business.

    /// Bytes of one appearance: a multiple of the page size.
    public let byteCount: Int
    /// The first of `2 * byteCount` bytes of address space.
    package let base: UnsafeMutableRawPointer

    /// Throws if the kernel has no `byteCount` bytes. Blocks while the pages are made present.
    ///
    /// - Precondition: `byteCount` is a positive multiple of 4096.
    public init(byteCount: Int) throws(PlatformError) {
        precondition(byteCount > 0 && byteCount % 4096 == 0, "\(byteCount) bytes to mirror")
        let name = "\(byteCount) bytes of memory"
        let number = unsafe cl_memfd("linewatch-ring")
        guard number >= 0 else { throw .last("memfd_create", name) }
        let file = Descriptor(owning: number)  // the mappings keep the memory
        guard ftruncate(file.number, byteCount) == 0 else { throw .last("ftruncate", name) }
        // Reserves both places, so that nothing else can come between them.
        let reserved = unsafe mmap(nil, 2 * byteCount, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let reserved = unsafe reserved, unsafe reserved != MAP_FAILED else { throw .last("mmap", name) }
        for place in 0..<2 {
            let mapping = unsafe mmap(
                reserved + place * byteCount, byteCount, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_FIXED | MAP_POPULATE, file.number, 0)
            guard unsafe mapping != MAP_FAILED else {
                let error = PlatformError.last("mmap", name)
                unsafe munmap(reserved, 2 * byteCount)
                throw error
            }
        }
        self.byteCount = byteCount
        unsafe base = reserved
    }

    deinit { _ = unsafe munmap(base, 2 * byteCount) }
}
