internal import Glibc
internal import Platform

/// A program that this one has started. Letting it go kills it.
final class ChildProcess {
    let id: Int32
    private var isOver = false

    /// Starts the program at `path`; what it says goes to the end of the file `log`.
    ///
    /// Throws `PlatformError` if it cannot be started.
    init(_ path: String, _ arguments: [String], environment: [String: String], log: String)
        throws(PlatformError)
    {
        var actions = unsafe posix_spawn_file_actions_t()
        // Of this call alone; the C strings below live until it is over.
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
        var settings = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for index in unsafe words.indices { unsafe free(words[index]) }
            for index in unsafe settings.indices { unsafe free(settings[index]) }
        }
        var id: pid_t = 0
        // Both lists end with nil and outlive the call, which copies them.
        let code = unsafe posix_spawn(&id, path, &actions, nil, &words, &settings)
        guard code == 0 else { throw .refused(call: "posix_spawn", path: path, code: code) }
        self.id = id
    }

    deinit {
        guard !isOver else { return }
        kill(id, SIGKILL)
        _ = ended()
    }

    /// Asks it to end, as systemd does.
    func terminate() { kill(id, SIGTERM) }

    /// Whether it has not ended yet.
    var isRunning: Bool {
        if isOver { return false }
        // Only looks: the process stays to be waited for.
        var information = unsafe siginfo_t()
        let code = unsafe waitid(P_PID, id_t(id), &information, WEXITED | WNOHANG | WNOWAIT)
        let signal = unsafe information.si_signo
        return code == 0 && signal == 0
    }

    /// Waits for its end, and returns its exit status; 128 and the signal if one ended it.
    @discardableResult
    func ended() -> Int32 {
        var status: Int32 = 0
        // Fills the status for the time of the call.
        while unsafe waitpid(id, &status, 0) < 0, errno == EINTR {}
        isOver = true
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : 128 + signal
    }

    /// This program's own file.
    static func own() throws(PlatformError) -> String {
        var bytes = [CChar](repeating: 0, count: 4_096)
        // At most one byte fewer than there are: a zero stays at the end.
        guard unsafe readlink("/proc/self/exe", &bytes, bytes.count - 1) > 0 else {
            throw .last("readlink", "/proc/self/exe")
        }
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The program `name` in the folder of this one.
    static func beside(_ name: String) throws -> String {
        let own = try own()
        let path = own[...(own.lastIndex(of: "/") ?? own.startIndex)] + name
        guard unsafe access(String(path), X_OK) == 0 else {
            throw CommandFailure("There is no '\(path)'. Build or install it, or name it with --daemon.")
        }
        return String(path)
    }
}
