internal import Events
internal import FoundationEssentials
internal import Imaging
internal import Sockets

/// A daemon over its admin socket, as teaching asks it. Every method blocks, and throws `SocketError` or a
/// `CommandFailure` with the daemon's refusal.
struct TeachConnection {
    private let client: LineClient

    init(socket path: String) throws {
        client = try LineClient(path: path, patience: 10_000)
        let answer = try client.hello(name: "linewatch-teach", profile: .full, isAnonymous: true)
        guard answer.kind == "ok" else { throw CommandFailure(refusal: answer) }
    }

    /// Sends `operation` and returns its answer; waits for it as long as usual, or for `seconds`.
    func ask(_ operation: Sockets.Operation, _ arguments: [JSONMember] = [], within seconds: Int = 10) throws
        -> ServerLine
    {
        client.patience = seconds * 1_000
        let answer = try client.ask(operation.rawValue, arguments)
        guard answer.kind != "err" else { throw CommandFailure(refusal: answer) }
        return answer
    }

    /// The inspection that `name` means: its own name, or the name or number of a camera with one inspection.
    func inspection(_ name: String) throws -> String {
        let text = try ask(.configShow)["text"]?.text ?? ""
        guard let settings = try? JSONDecoder().decode(Plan.self, from: Data(text.utf8)) else {
            throw CommandFailure(
                "The daemon's settings cannot be read. Is it of this version? See 'linewatch version'.")
        }
        return try settings.inspection(name)
    }

    /// What of the settings says which inspection a camera has.
    struct Plan: Decodable {
        struct Camera: Decodable {
            let id: Int
            let name: String
        }
        struct Inspect: Decodable {
            let name: String
            let camera: Int
        }
        let camera: [Camera]?
        let inspect: [Inspect]?

        func inspection(_ name: String) throws(CommandFailure) -> String {
            let inspections = inspect ?? []
            if inspections.contains(where: { $0.name == name }) { return name }
            let all = inspections.map { "'\($0.name)'" }.joined(separator: ", ")
            guard let camera = (camera ?? []).first(where: { $0.name == name || "\($0.id)" == name }) else {
                throw CommandFailure(
                    "There is no inspection or camera '\(name)'. Inspections are: \(all.isEmpty ? "none" : all)."
                )
            }
            let own = inspections.filter { $0.camera == camera.id }
            guard own.count == 1 else {
                throw CommandFailure(
                    own.isEmpty
                        ? "No inspection looks at the camera '\(name)'. Add an [[inspect]] with camera = \(camera.id)."
                        : "The camera '\(name)' has several inspections. Name one of "
                            + own.map { "'\($0.name)'" }.joined(separator: ", ") + ".")
            }
            return own[0].name
        }
    }
}

/// A set of good parts that the daemon has closed, and what its inspection looks at.
struct CommittedSet {
    struct Look {
        let rect: Region
        let tile: Int
        let overlap: Double
        /// The file of the mask; empty where there is none.
        let mask: String
    }

    let set: Int64
    let inspect: String
    let camera: String
    let count: Int
    /// Where the pictures are.
    let folder: String
    /// The daemon's state folder, with the folder of the models.
    let state: String
    /// The package of the network.
    let trunk: String
    let isOriented: Bool
    let looks: [Look]
    /// What the parts are called, and what is good and bad about them; no name from a daemon that does not say.
    let names: [String]
    let goodWords: [String]
    let badWords: [String]

    /// Throws if the daemon's answer to teach.commit lacks anything, or has what cannot be.
    init(_ answer: ServerLine) throws(CommandFailure) {
        func damaged(_ key: String) -> CommandFailure {
            CommandFailure(
                "The daemon's answer to teach.commit has no usable '\(key)'. Is it of this version? See 'linewatch version'."
            )
        }
        func text(_ key: String) throws(CommandFailure) -> String {
            guard let text = answer[key]?.text, !text.isEmpty else { throw damaged(key) }
            return text
        }
        guard let set = answer.number("set") else { throw damaged("set") }
        guard let count = answer.number("count").flatMap({ Int(exactly: $0) }) else { throw damaged("count") }
        self.set = set
        self.count = count
        inspect = try text("inspect")
        camera = answer["camera"]?.text ?? ""
        folder = try text("folder")
        state = try text("state")
        trunk = try text("trunk")
        isOriented = answer.number("oriented") == 1
        func texts(_ key: String) -> [String] { answer[key]?.elements?.compactMap(\.text) ?? [] }
        (names, goodWords, badWords) = (texts("class_names"), texts("good_words"), texts("bad_words"))
        var looks: [Look] = []
        for region in answer["regions"]?.elements ?? [] {
            guard let look = Self.look(region) else { throw damaged("regions") }
            looks.append(look)
        }
        guard !looks.isEmpty else { throw damaged("regions") }
        self.looks = looks
    }

    private static func look(_ region: Sockets.JSONValue) -> Look? {
        let sides = ["x", "y", "w", "h", "tile"].compactMap {
            region[$0]?.integer.flatMap { Int(exactly: $0) }
        }
        guard sides.count == 5, 0...4096 ~= sides[4] else { return nil }
        let overlap: Double
        switch region["overlap"] {
        case .number(let value): overlap = value
        case .integer(let value): overlap = Double(value)
        default: return nil
        }
        guard 0...0.5 ~= overlap else { return nil }
        return Look(
            rect: Region(x: sides[0], y: sides[1], width: sides[2], height: sides[3]), tile: sides[4],
            overlap: overlap, mask: region["mask"]?.text ?? "")
    }
}
