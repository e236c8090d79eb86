import Glibc

/// A refused system call or an unsuitable file, with the path that it was about.
public enum PlatformError: Error, Hashable, CustomStringConvertible {
    /// The system call `call` failed on `path` with the error number `code`.
    case refused(call: String, path: String, code: Int32)

    /// `path` is a folder, a pipe or a device where a regular file is needed.
    case notRegular(path: String)

    /// The error of the system call `call` that just failed on `path`. Ask before any other call is made.
    package static func last(_ call: String, _ path: String) -> PlatformError {
        .refused(call: call, path: path, code: errno)
    }

    /// What failed on which path, and what to do, in one line.
    public var description: String {
        switch self {
        case .refused(let call, let path, let code):
            "'\(path)': \(call) failed: \(Self.text(of: code)). \(Self.remedy(for: code))"
        case .notRegular(let path):
            "'\(path)' is not a regular file. Name a file, not a folder, a pipe or a device."
        }
    }

    private static func text(of code: Int32) -> String {
        // The C library's text is only valid until this thread's next call, so it is copied here.
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    private static func remedy(for code: Int32) -> String {
        switch code {
        case ENOENT, ENOTDIR: "Check the path."
        case EACCES, EPERM, EROFS: "Check the owner and the permissions."
        case ENOSPC, EDQUOT: "Make room on the disk."
        case EMFILE, ENFILE: "Close files or raise the limit of open files."
        default: "Check the file and its disk."
        }
    }
}
