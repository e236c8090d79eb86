import Glibc

/// The stream for messages, as the target of `print(_:to:)`. Writing blocks, and is given up if nobody reads.
public struct StandardError: TextOutputStream {
    public init() {}

    public mutating func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // The slice is alive during the call, which reads no more than its count.
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            guard count > 0 || (count < 0 && errno == EINTR) else { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}
