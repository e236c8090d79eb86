import Glibc

/// Who has the device at `path` open: "name (pid 12)" for each process, itself excepted, as far as `proc`
/// shows other users' processes.
func deviceHolders(of path: String, proc: String) -> [String] {
    let device = realPath(path) ?? path
    return folderNames(proc).compactMap { name in
        guard let process = Int32(name), process != getpid() else { return nil }
        let folder = "\(proc)/\(name)"
        let holds = folderNames(folder + "/fd").contains { linkText("\(folder)/fd/\($0)") == device }
        return holds ? "\(smallFile(folder + "/comm") ?? "a program") (pid \(name))" : nil
    }
}
