import Configuration
import Events
import FoundationEssentials
import Glibc
import Sockets

/// The cameras of a running daemon, asked through its admin socket.
struct DaemonCameras {
    private let client: LineClient

    /// A camera as the daemon describes it; keys that it leaves out are empty.
    struct Entry {
        /// The value of a key.
        let value: (String) -> Sockets.JSONValue?

        var id: Int { count("id") }
        var name: String { text("name") }
        /// The node it was opened as; empty while it is away.
        var device: String { text("device") }
        var state: String { text("state") }

        func text(_ key: String) -> String { value(key)?.text ?? "" }
        func count(_ key: String) -> Int { Int(value(key)?.integer ?? 0) }

        /// A number, whole or not.
        func number(_ key: String) -> Double {
            if case .number(let number)? = value(key) { return number }
            return Double(count(key))
        }
    }

    /// Connects to the socket that `options` name, else to that of the settings.
    ///
    /// Returns nil if no daemon answers there and the operator did not name one. Blocks for some seconds at most.
    /// Throws a failure of code 3 if the named one does not answer, 6 if it does not let this user in.
    static func connected(_ options: DaemonOptions) throws -> DaemonCameras? {
        do throws(SocketError) {
            return try DaemonCameras(options.socket ?? options.settings().settings.admin.socket)
        } catch {
            guard options.socket != nil else { return nil }
            throw CommandFailure(error)
        }
    }

    private init?(_ path: String) throws(SocketError) {
        // A capture test takes the daemon five seconds.
        client = try LineClient(path: path, patience: 20_000)
        let answer = try client.hello(name: "linewatch", profile: .full, isAnonymous: true)
        guard answer.kind == "ok" else { return nil }
    }

    /// All of its cameras.
    func list() throws -> [Entry] {
        (try ask("camera.list")["cameras"]?.elements ?? []).map { camera in Entry { camera[$0] } }
    }

    /// The rate and losses of camera `id`, measured for five seconds.
    func probe(_ id: Int) throws -> Entry {
        let answer = try ask("camera.probe", [JSONMember("cam", .integer(Int64(id)))])
        return Entry { answer[$0] }
    }

    /// The PNG file of the newest frame of camera `id`.
    func snap(_ id: Int) throws -> [UInt8] {
        var file: [UInt8] = [], isWhole = true
        _ = try ask("camera.snap", [JSONMember("cam", .integer(Int64(id)))]) { line in
            guard line.kind == "blob", let text = line["b64"]?.text, let piece = Data(base64Encoded: text),
                line.number("off") == Int64(file.count)
            else {
                isWhole = isWhole && line.kind != "blob"
                return
            }
            file += piece
        }
        guard isWhole, !file.isEmpty else {
            throw CommandFailure("The daemon's picture of camera \(id) is not whole. Try again.")
        }
        return file
    }

    private func ask(
        _ operation: String, _ arguments: [JSONMember] = [], other: (ServerLine) -> Void = { _ in }
    ) throws -> ServerLine {
        let answer = try client.ask(operation, arguments, other: other)
        guard answer.kind != "err" else { throw CommandFailure(refusal: answer) }
        return answer
    }
}

/// A camera that a running daemon has.
struct HeldCamera {
    let daemon: DaemonCameras
    let entry: DaemonCameras.Entry

    /// `camera 1 'top'`.
    var label: String { "camera \(entry.id)" + (entry.name.isEmpty ? "" : " '\(entry.name)'") }
}

extension CameraOptions {
    /// The camera that `target` means, where a daemon answers and has it. Blocks.
    ///
    /// Throws if options would change it: only who has a camera can do that.
    func held(_ target: CameraTarget) throws -> HeldCamera? {
        guard case .configured(let camera) = target, let daemon = try DaemonCameras.connected(daemon),
            let entry = try daemon.list().first(where: { $0.id == camera.id })
        else { return nil }
        return try unchanged(HeldCamera(daemon: daemon, entry: entry))
    }

    /// The camera of the daemon that keeps `path` busy.
    ///
    /// Throws `busy` if it is none of the daemon's, a failure of code 3 if the daemon does not answer.
    func holder(of path: String, busy: any Error) throws -> HeldCamera {
        guard let daemon = try DaemonCameras.connected(daemon) else {
            guard "\(busy)".contains("linewatchd (pid") else { throw busy }
            throw CommandFailure(
                exit: .unreachable,
                "\(busy) The daemon does not answer on its admin socket: run this as a member of "
                    + "'linewatch-admin', or name its socket with --socket.")
        }
        let node = resolved(path)
        guard
            let entry = try daemon.list().first(where: { !$0.device.isEmpty && resolved($0.device) == node })
        else { throw busy }
        return try unchanged(HeldCamera(daemon: daemon, entry: entry))
    }

    private func unchanged(_ camera: HeldCamera) throws -> HeldCamera {
        guard changes.isEmpty else {
            throw CommandFailure(
                "The daemon has \(camera.label), so \(changes.joined(separator: ", ")) cannot change it. "
                    + "Leave that out, or stop the daemon first.")
        }
        return camera
    }

    /// Where `path` is once all links are followed.
    private func resolved(_ path: String) -> String {
        guard let text = unsafe realpath(path, nil) else { return path }
        // The C library's copy, freed here.
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}
