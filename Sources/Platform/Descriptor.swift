import Glibc

/// A file descriptor with one owner, closed when the value ends.
public struct Descriptor: ~Copyable, Sendable {
    /// The kernel's number, valid as long as this value lives.
    public let number: Int32

    /// Takes `number` over.
    ///
    /// - Precondition: `number` is open and nobody else will close it.
    public init(owning number: Int32) {
        precondition(number >= 0, "descriptor \(number)")
        self.number = number
    }

    deinit { close(number) }
}
