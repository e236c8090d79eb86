import CLinux
import Glibc

/// Creates the folder `path` and those above it that are missing (mode 0755, less the process's mask). Does
/// nothing if it is there. Throws if one cannot be created.
package func createFolder(_ path: String) throws(PlatformError) {
    if unsafe mkdir(path, 0o755) == 0 || isFolder(path) { return }
    guard errno == ENOENT, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex
    else {
        throw .last("mkdir", path)
    }
    try createFolder(String(path[..<slash]))
    guard unsafe mkdir(path, 0o755) == 0 || isFolder(path) else { throw .last("mkdir", path) }
}

/// Whether `path` is a folder, or a link to one. Leaves `errno` as it was.
package func isFolder(_ path: String) -> Bool {
    let code = errno
    defer { errno = code }
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Renames `path` to `newPath` in one step, or returns false if something is there. Throws if the kernel or
/// the file system refuses.
package func move(_ path: String, toFree newPath: String) throws(PlatformError) -> Bool {
    if unsafe cl_rename_new(path, newPath) == 0 { return true }
    guard errno == EEXIST else { throw .last("rename", newPath) }
    return false
}

/// Lets `path` and `other`, which must both be there, change places in one step. Throws if the kernel or the
/// file system refuses.
package func exchange(_ path: String, _ other: String) throws(PlatformError) {
    guard unsafe cl_rename_exchange(path, other) == 0 else { throw .last("rename", other) }
}

/// Makes renames inside the folder `path` survive a power cut. Blocks.
package func flushFolder(_ path: String) throws(PlatformError) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last("open", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .last("fsync", path) }
}

/// The folder of `path` without the slash after it: "." for a bare name, "" for a name in the root folder.
package func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return String(path[..<slash])
}
