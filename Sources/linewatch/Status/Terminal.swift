import Glibc

/// The terminal as a screen that is drawn anew again and again; letting it go gives back what was there before.
///
/// While it lives, SIGINT, SIGTERM, SIGHUP and SIGQUIT do not end the process but are seen by `wait`, so that no way
/// out leaves the terminal without echo or cursor. Use one at a time.
struct Terminal: ~Copyable {
    private var saved: termios?
    private var lastSize = (columns: 0, rows: 0)

    /// What a person or the system asked for.
    enum Request { case nothing, leave }

    /// Takes the screen that standard output is on. Keys are read where standard input is a terminal too.
    init() {
        _ = unsafe Self.withEndingSignals { unsafe pthread_sigmask(SIG_BLOCK, $0, nil) }
        var settings = termios()
        if isatty(STDIN_FILENO) == 1, unsafe tcgetattr(STDIN_FILENO, &settings) == 0 {
            saved = settings
            settings.c_lflag &= ~UInt32(ICANON | ECHO | ISIG)
            _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        }
        // The second screen, without cursor and wrapping.
        Self.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l")
    }

    deinit {
        Self.write("\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
        if var saved { _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &saved) }
        _ = unsafe Self.withEndingSignals { unsafe pthread_sigmask(SIG_UNBLOCK, $0, nil) }
    }

    /// Columns and rows of now; 80x24 where the terminal does not say.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Shows `lines` from the top, in one write that terminals show at once; the rest of the screen is blank.
    mutating func draw(_ lines: [StyledLine], ability: TerminalAbility) {
        let size = Self.size
        // Between these two marks a terminal that knows them holds the picture back; others skip them.
        var text = "\u{1B}[?2026h"
        if size != lastSize { text += "\u{1B}[2J" }
        lastSize = size
        text += "\u{1B}[H"
        text += lines.prefix(size.rows).map { $0.clipped(to: size.columns).text(for: ability) + "\u{1B}[K" }
            .joined(separator: "\r\n")
        Self.write(text + "\u{1B}[J\u{1B}[?2026l")
    }

    /// Waits for a key or a signal for at most `milliseconds`, and less where the window changes its size.
    func wait(milliseconds: Int) -> Request {
        var left = milliseconds
        while left > 0 {
            var ready = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            let step = min(left, 100)
            if saved != nil {
                guard unsafe poll(&ready, 1, Int32(step)) >= 0 || errno == EINTR else { return .leave }
            } else {
                usleep(UInt32(step) * 1_000)
            }
            if Self.isEndingSignalPending { return .leave }
            if ready.revents != 0 {
                guard let key = Self.readKey() else { return .leave }
                // q, Q, Ctrl-C, Ctrl-D
                if [113, 81, 3, 4].contains(key) { return .leave }
            }
            if Self.size != lastSize { return .nothing }
            left -= step
        }
        return .nothing
    }

    /// The byte that is ready; nil at the end of the input.
    private static func readKey() -> UInt8? {
        var key: UInt8 = 0
        // One byte is there for the call.
        return unsafe read(STDIN_FILENO, &key, 1) == 1 ? key : nil
    }

    private static var isEndingSignalPending: Bool {
        var now = timespec()
        // The set and the time live through the call; nothing is stored beyond it.
        return unsafe withEndingSignals { unsafe sigtimedwait($0, nil, &now) } > 0
    }

    private static func withEndingSignals(_ body: (UnsafePointer<sigset_t>) -> Int32) -> Int32 {
        var signals = sigset_t()
        // The set is filled here and lives until body returns.
        unsafe sigemptyset(&signals)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { unsafe sigaddset(&signals, signal) }
        return unsafe withUnsafePointer(to: &signals) { unsafe body($0) }
    }

    private static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // The slice is alive during the call, which reads no more than its count.
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            guard count > 0 || (count < 0 && errno == EINTR) else { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}

/// How far the clock of this place is from UTC now, in seconds.
func secondsFromUTC() -> Int {
    var now = time(nil)
    var local = unsafe tm()  // its zone is a constant of the C library
    // Both live through the call, which fills the second.
    guard unsafe localtime_r(&now, &local) != nil else { return 0 }
    return unsafe Int(local.tm_gmtoff)
}
