import Foundation
import Glibc
import Sockets
import Testing

/// How the real daemon starts, and how it says that it cannot.
@Suite("starts", .serialized)
struct StartTests {
    @Test("settings with an error end it with 7, naming file, line and column, before anything is made")
    func brokenSettings() throws {
        var plan = LinePlan()
        plan.inspection = "deadlin_ms = 80"
        let service = try ServiceProcess(plan)
        try service.launch()
        #expect(service.ended() == 7)
        let line = plan.text.split(separator: "\n", omittingEmptySubsequences: false)
            .firstIndex { $0.hasPrefix("deadlin_ms") }
        let place = "\(service.settings.path):\(try #require(line) + 1):1"
        #expect(service.said.contains(place) && service.said.contains("deadline_ms"), "\(service.said)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: service.state.path).isEmpty)
    }

    @Test(
        "a socket that another daemon serves, and a state folder that another has, are one line each and exit 1"
    )
    func taken() throws {
        let first = try ServiceProcess(LinePlan(isArmed: false))
        try first.start()
        try first.reach(state: 3)
        let second = try ServiceProcess(LinePlan(), in: first.folder)
        try second.launch()
        #expect(second.ended() == 1)
        #expect(second.lines.count == 1 && second.said.contains(first.plc), "\(second.said)")

        let third = try ServiceProcess(LinePlan())
        try third.launch(environment: ["LINEWATCH_STATE_DIR": first.state.path])
        #expect(third.ended() == 1)
        #expect(third.lines.count == 1 && third.said.contains(first.state.path), "\(third.said)")
        #expect(try first.client().ask("state").number("st") == 3, "and the first one lives on")
    }

    @Test("a camera whose folder is missing keeps nothing from starting, and one line says which folder")
    func missingFolder() throws {
        let plan = LinePlan(recording: URL(filePath: "/nowhere/parts"))
        let service = try ServiceProcess(plan)
        try service.start()
        try service.reach(state: 5, cameras: 0)
        let state = try service.client().ask("state")
        #expect(state.number("cok") == 0 && state.number("rdy") == 0, "\(state.text)")
        #expect(service.lines.count(where: { $0.contains("/nowhere/parts") }) == 1, "\(service.said)")
        #expect(service.stop() == 0)
    }

    @Test("systemd is told READY=1 at the start, and STOPPING=1 at the end")
    func ready() throws {
        let service = try ServiceProcess(LinePlan(), from: Taught.state())
        let socket = try NotifySocket()
        try service.launch(environment: ["NOTIFY_SOCKET": socket.name])
        #expect(try socket.message { $0.contains("READY=1") } != nil)
        try service.reach(state: 5)
        #expect(service.stop() == 0)
        #expect(try socket.message { $0.contains("STOPPING=1") } != nil)
    }
}

/// Stands in for systemd at the other end of NOTIFY_SOCKET.
private struct NotifySocket: ~Copyable {
    /// As the environment has it.
    let name: String
    private let descriptor: Int32

    init() throws {
        // An abstract address needs no folder and is gone with the descriptor.
        let bare = "linewatch-notify-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        name = "@" + bare
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        try #require(descriptor >= 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // Byte 0 stays 0: that makes it abstract. The name is shorter than the field.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
            for (index, byte) in bare.utf8.enumerated() { unsafe path[index + 1] = byte }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + bare.utf8.count)
        // The address lives until the call is over.
        let bound = unsafe withUnsafePointer(to: &address) {
            unsafe bind(descriptor, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self), length)
        }
        try #require(bound == 0)
    }

    deinit { close(descriptor) }

    /// The next message that `isWanted`; nil if none comes for half a minute.
    func message(where isWanted: (String) -> Bool) throws -> String? {
        while true {
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            var bytes = [UInt8](repeating: 0, count: 4_096)
            // Both calls fill what is theirs only, for the time of the call.
            guard unsafe poll(&ready, 1, 30_000) == 1 else { return nil }
            let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
            let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
            if isWanted(text) { return text }
        }
    }
}
