import ArgumentParser
import Foundation
import Glibc
import Synchronization
import Testing
import linewatch

struct TeachCommandTests {
    @Test(
        "what cannot be taught is refused before a daemon is asked",
        arguments: [
            "", "weld --good 0", "weld --good 65", "weld --budget 0", "weld --wait 0", "weld --views askew",
            "abort 3",
            "weld --quick --images /nowhere --socket /nowhere/admin.sock", "commit --quick",
            "add --wait 9000", "start", "start weld --kind bad",
        ])
    func refused(line: String) {
        #expect(throws: (any Error).self) { try Self.run(line) }
    }

    @Test("learns the next good parts, keeps them by their digest and activates them")
    func frames() throws {
        let daemon = try TaughtDaemon()
        try Self.run("top --quick --good 2 --json --views fixed --socket \(daemon.socket)")
        #expect(
            daemon.operations == [
                "hello", "config.show", "teach.start", "teach.add", "teach.add", "teach.commit",
                "model.activate", "threshold.show",
            ])
        let models = try FileManager.default.contentsOfDirectory(atPath: daemon.folder + "/models")
        #expect(models.count == 1 && models[0].utf8.count == 64)
        #expect(daemon.lastActivated == models[0])
    }

    @Test("learns pictures of a folder, for which it closes an empty set")
    func images() throws {
        let daemon = try TaughtDaemon()
        try Self.run(
            "weld --quick --good 1 --images \(daemon.frames) --json --keep-active --socket \(daemon.socket)")
        #expect(
            daemon.operations == ["hello", "config.show", "teach.start", "teach.commit"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: daemon.folder + "/models").count == 1)
    }

    @Test("changes nothing where good parts cannot be learned")
    func otherCamera() throws {
        let daemon = try TaughtDaemon(
            region: "{\"x\":600,\"y\":0,\"w\":256,\"h\":256,\"tile\":0,\"overlap\":0.125}")
        #expect(throws: (any Error).self) {
            try Self.run("weld --quick --good 2 --json --socket \(daemon.socket)")
        }
        #expect(!FileManager.default.fileExists(atPath: daemon.folder + "/models"))
        #expect(!daemon.operations.contains("model.activate"))
    }

    @Test("names the inspections there are where the name is none")
    func unknownInspection() throws {
        let daemon = try TaughtDaemon()
        let error = #expect(throws: (any Error).self) {
            try Self.run("bottom --quick --socket \(daemon.socket)")
        }
        #expect("\(try #require(error))".contains("'weld'"))
        #expect(daemon.operations == ["hello", "config.show"])
    }

    private static func run(_ line: String) throws {
        var command = try Linewatch.parseAsRoot(["teach"] + line.split(separator: " ").map(String.init))
        try command.run()
    }
}

/// An admin socket with one camera of the simulated line and one inspection.
private final class TaughtDaemon: Sendable {
    let folder: String
    let socket: String
    let frames: String
    private let region: String
    private let descriptor: Int32
    private let state = Mutex((operations: [String](), activated: "", count: 0))

    init(region: String = "{\"x\":0,\"y\":0,\"w\":128,\"h\":128,\"tile\":0,\"overlap\":0.125}") throws {
        self.region = region
        folder =
            FileManager.default.temporaryDirectory.appending(path: "lw-\(UInt32.random(in: 0...(.max)))").path
        (socket, frames) = (folder + "/admin.sock", folder + "/frames")
        try FileManager.default.createDirectory(atPath: folder + "/set", withIntermediateDirectories: true)
        var simulate = try Linewatch.parseAsRoot([
            "camera", "simulate", "-o", frames, "--surface", "cast", "--frames", "2", "--width", "128",
            "--height",
            "128", "--defects", "0",
        ])
        try simulate.run()
        for name in try FileManager.default.contentsOfDirectory(atPath: frames) where !name.hasSuffix(".png")
        {
            try FileManager.default.removeItem(atPath: frames + "/" + name)
        }
        descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // A temporary path is far shorter than the 108 bytes of the address, which is zero behind it.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: socket.utf8) }
        let bound = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && listen(descriptor, 1) == 0)
        Thread.detachNewThread { self.serve() }
    }

    deinit {
        close(descriptor)
        try? FileManager.default.removeItem(atPath: folder)
    }

    var operations: [String] { state.withLock(\.operations) }
    var lastActivated: String { state.withLock(\.activated) }

    private func serve() {
        let peer = accept(descriptor, nil, nil)
        let connection = FileHandle(fileDescriptor: peer, closeOnDealloc: true)
        try? connection.write(contentsOf: Data("{\"t\":\"hello\",\"proto\":1}\n".utf8))
        var received = Data()
        while true {
            let more = connection.availableData
            guard !more.isEmpty else { return }
            received += more
            while let end = received.firstIndex(of: 10) {
                let request = received[received.startIndex..<end]
                received = Data(received[(end + 1)...])
                try? connection.write(contentsOf: Data((answer(request) + "\n").utf8))
            }
        }
    }

    private struct Request: Decodable {
        let op: String
        let id: Int
        let model: String?
    }

    private func answer(_ line: Data) -> String {
        guard let request = try? JSONDecoder().decode(Request.self, from: line) else { return "{}" }
        let count = state.withLock { state in
            state.operations.append(request.op)
            if request.op == "teach.add" { state.count += 1 }
            if request.op == "model.activate" { state.activated = request.model ?? "" }
            return state.count
        }
        var members = ""
        switch request.op {
        case "config.show":
            members =
                #","text":"{\"camera\":[{\"id\":1,\"name\":\"top\"}],\"inspect\":[{\"name\":\"weld\",\"camera\":1}]}""#
        case "teach.start": members = ",\"set\":7"
        case "teach.add":
            let names = (try? FileManager.default.contentsOfDirectory(atPath: frames).sorted()) ?? []
            let file = "\(folder)/set/\(count - 1).png"
            try? FileManager.default.copyItem(atPath: frames + "/" + names[count - 1], toPath: file)
            members = ",\"set\":7,\"count\":\(count),\"file\":\"\(file)\",\"seq\":0"
        case "teach.commit":
            let models = URL(filePath: #filePath).appending(path: "../../../Models").standardized.path
            members =
                ",\"set\":7,\"inspect\":\"weld\",\"camera\":\"top\",\"count\":\(count),\"folder\":\"\(folder)/set\""
                + ",\"state\":\"\(folder)\",\"trunk\":\"\(models)/efficientnet-lite0\",\"oriented\":0"
                + ",\"regions\":[\(region)]"
        case "model.activate": members = ",\"previous\":\"\",\"level\":\"provisional\""
        case "threshold.show": members = ",\"asked_ppm\":5000,\"missing\":598"
        default: break
        }
        return "{\"t\":\"ok\",\"id\":\(request.id)\(members)}"
    }
}
