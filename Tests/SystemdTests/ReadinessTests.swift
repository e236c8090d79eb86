import Glibc
import Systemd
import Testing

@Test("a status stays on one line whatever is in it")
func statusLine() {
    #expect(Readiness.State.status("ready,\n2 cameras\r\nREADY=1").line == "STATUS=ready, 2 cameras READY=1")
}

/// One suite, run in order: the environment is the process's.
@Suite("systemd's sockets", .serialized)
struct NotificationTests {
    @Test("all states of a call arrive in one message at the socket that NOTIFY_SOCKET names")
    func arrives() throws {
        // An abstract address needs no folder and is gone with the descriptor.
        let name = "linewatch-notify-\(getpid())"
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // Byte 0 stays 0: that makes it abstract. The name is shorter than the field.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
            for (index, byte) in name.utf8.enumerated() { unsafe path[index + 1] = byte }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
        let bound = unsafe withUnsafePointer(to: &address) {
            unsafe bind(descriptor, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self), length)
        }
        try #require(bound == 0)

        unsafe setenv("NOTIFY_SOCKET", "@" + name, 1)
        defer { unsafe unsetenv("NOTIFY_SOCKET") }
        #expect(Readiness.notify(.ready, .status("up")))
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        #expect(String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self) == "READY=1\nSTATUS=up")
    }

    @Test("without systemd nothing is sent, nothing is passed and there is no watchdog")
    func withoutSystemd() {
        for name in ["NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID", "WATCHDOG_USEC"] { unsafe unsetenv(name) }
        #expect(!Readiness.notify(.watchdog))
        #expect(PassedSocket.takeAll().isEmpty)
        #expect(Readiness.watchdogPeriod == nil)
    }

    @Test("the watchdog's period is the one of the unit")
    func watchdog() {
        unsafe setenv("WATCHDOG_USEC", "10000000", 1)
        defer { unsafe unsetenv("WATCHDOG_USEC") }
        #expect(Readiness.watchdogPeriod == .seconds(10))
    }
}
