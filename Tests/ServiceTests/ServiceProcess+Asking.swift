import Events
import Foundation
import Sockets
import Testing

extension ServiceProcess {
    /// A connection of an administrator.
    func client() throws -> LineClient {
        let client = try LineClient(path: admin, patience: 60_000)
        let answer = try client.hello(name: "test", profile: .full, isAnonymous: true)
        try #require(answer.kind == "ok", "\(answer.text)")
        return client
    }

    /// Runs `linewatch` with the words of `line`, as an administrator of this daemon.
    func command(_ line: String) throws -> CommandRun {
        try CommandRun(line.split(separator: " ").map(String.init), environment: environment)
    }

    /// Waits until the station is in `state`, with the camera 1 there or none.
    func reach(state: Int64, cameras: Int64 = 1, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let client = try client()
        try eventually("the station is in state \(state)", sourceLocation: sourceLocation) {
            let line = try client.ask("state")
            return line.number("st") == state && line.number("cok") == cameras
        }
    }

    /// Waits until results that `isWanted` are in the log after number `after`, and returns all results after it.
    @discardableResult
    func results(
        _ count: Int, after: Int64 = 0, sourceLocation: SourceLocation = #_sourceLocation,
        where isWanted: (ServerLine) -> Bool = { _ in true }
    ) throws -> [ServerLine] {
        let client = try client()
        var found: [ServerLine] = []
        var cursor = after
        try eventually("\(count) results of the kind are there", sourceLocation: sourceLocation) {
            let lines = try client.records(after: cursor)
            cursor = lines.last?.number("seq") ?? cursor
            found += lines.filter { $0.kind == "r" }
            return found.count(where: isWanted) >= count
        }
        return found
    }

    /// Waits for the event `code` after number `after`.
    @discardableResult
    func event(
        _ code: Int64, after: Int64 = 0, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> ServerLine {
        let client = try client()
        var found: ServerLine?
        try eventually("event \(code) is in the log", sourceLocation: sourceLocation) {
            found = try client.records(after: after).first { $0.number("code") == code }
            return found != nil
        }
        return try #require(found)
    }

    /// The newest number of the log.
    func last() throws -> Int64 { try #require(try client().greeting.number("last")) }
}

extension LineClient {
    /// Everything in the log after number `after`, in its order.
    func records(after: Int64 = 0) throws -> [ServerLine] {
        var lines: [ServerLine] = []
        var cursor = after, hasMore = true
        while hasMore {
            let arguments = [JSONMember("after", .integer(cursor)), JSONMember("max", .integer(256))]
            let end = try ask("poll", arguments) { line in
                guard let seq = line.number("seq") else { return }
                lines.append(line)
                cursor = seq
            }
            if end.number("num") == 27 {
                Thread.sleep(forTimeInterval: 0.05)
                continue
            }
            try #require(end.kind == "end", "\(end.text)")
            hasMore = end.number("more") == 1
        }
        return lines
    }

    /// Asks for an inspection; the answer is `ok` with a job, or an error.
    func trigger(part: Int64, camera: Int64 = 1, deadline: Int64? = nil, name: String = "") throws
        -> ServerLine
    {
        var arguments = [
            JSONMember("cam", .integer(camera)), JSONMember("pn", .integer(part)),
            JSONMember("part", .text(name)),
        ]
        if let deadline { arguments.append(JSONMember("deadline", .integer(deadline))) }
        return try ask("trigger", arguments)
    }

    /// Tells the station to do something, and how it took it: 0, or the number of the error.
    func order(_ operation: String, _ arguments: [JSONMember] = []) throws -> Int64 {
        let answer = try ask(operation, arguments)
        return answer.kind == "ok" ? 0 : answer.number("num") ?? -1
    }
}

extension ServerLine {
    /// Without what may differ between two deliveries.
    var content: String {
        text.replacing(/"bk":[0-9]+/, with: "").replacing(/"fl":[0-9]+/, with: "")
    }

    /// Whether bit `bit` of its flags is set.
    func hasFlag(_ bit: Int64) -> Bool { (number("fl") ?? 0) >> bit & 1 == 1 }
}

/// What is wrong with `records` as the numbers after `after`: each has to be there once, in order.
func holes(in records: [ServerLine], after: Int64) -> [String] {
    var next = after + 1
    return records.compactMap { line in
        let seq = line.number("seq") ?? 0, from = line.number("from") ?? seq
        defer { next = seq + 1 }
        return from == next ? nil : "\(next) was due, and \(from) came"
    }
}

/// One run of `linewatch`, to its end.
struct CommandRun {
    let status: Int32
    let output: String
    let errors: String

    init(_ arguments: [String], environment: [String: String]) throws {
        let process = Process()
        let executable: URL = try #require(
            BuiltExecutable.url("linewatch"), "linewatch was not built beside the tests")
        process.executableURL = executable
        process.arguments = arguments
        process.environment = environment
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        // Errors are few: they fit into the pipe while the output is read.
        self.output = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        self.errors = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        status = process.terminationStatus
    }
}
