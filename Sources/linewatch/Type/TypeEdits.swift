import ArgumentParser
import Sockets

/// `linewatch type name`
struct TypeName: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "name", abstract: "Gives a kind of defect a name.",
        discussion: "Its number stays; records and the control program go on with that.")

    @OptionGroup var socket: StationSocket

    @ArgumentParser.Argument(help: "The type's number (1...65534).")
    var type: UInt16

    @ArgumentParser.Argument(help: "Its new name, 1 to 64 characters.")
    var name: String

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func run() throws {
        guard 1...100 ~= name.utf8.count else {
            throw CommandFailure(exit: .usage, "A name has 1 to 64 characters, and 100 bytes at most.")
        }
        let answer = try socket.connect().ask(
            .typeName, [JSONMember("type", .integer(Int64(type))), JSONMember("name", .text(name))])
        print(
            json ? answer.json("linewatch.type.name/1") : "Type \(type) is '\(StyledLine(name).plain)' now.")
    }
}

/// `linewatch type merge`
struct TypeMerge: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge", abstract: "Makes one kind of defect of several.",
        discussion:
            "The first keeps its number and its name. The numbers of the others are never given again.")

    @OptionGroup var socket: StationSocket

    @ArgumentParser.Argument(help: "The type that stays, and then those that become part of it.")
    var types: [UInt16]

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func validate() throws {
        guard types.count > 1 else { throw ValidationError("Name two types or more.") }
        guard types.count <= 64 else { throw ValidationError("Name 64 types at most.") }
    }

    func run() throws {
        let answer = try socket.connect().ask(
            .typeMerge, [JSONMember("types", .array(types.map { .integer(Int64($0)) }))])
        let others = types.dropFirst().map(String.init).joined(separator: ", ")
        print(json ? answer.json("linewatch.type.merge/1") : "Type \(types[0]) has what was of \(others).")
    }
}

/// `linewatch type split`
struct TypeSplit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split", abstract: "Makes two kinds of defects of one.",
        discussion: """
            The results that are named show the second kind; every kept defect goes to the kind that it is more like. \
            Without any, the defect that is least like the others is taken. Both kinds get new numbers.
            """)

    @OptionGroup var socket: StationSocket

    @ArgumentParser.Argument(help: "The type's number.")
    var type: UInt16

    @ArgumentParser.Argument(help: "Numbers of results that show the second kind; see 'linewatch type show'.")
    var results: [UInt64] = []

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func validate() throws {
        guard results.count <= 1_024 else { throw ValidationError("Name 1024 results at most.") }
    }

    func run() throws {
        let client = try socket.connect(), type = JSONMember("type", .integer(Int64(type)))
        var results = results
        if results.isEmpty {
            let shown = try client.ask(.typeShow, [type]).rows("exemplars")
            guard shown.count > 1, let least = shown.last?["seq"]?.integer else {
                throw CommandFailure(
                    "Type \(self.type) cannot be split: one defect of it is kept, and both parts need one. Wait for more."
                )
            }
            results = [UInt64(clamping: least)]
        }
        let answer = try client.ask(
            .typeSplit, [type, JSONMember("seqs", .array(results.map { .integer(Int64(clamping: $0)) }))])
        let parts = answer.rows("types").compactMap(\.integer).map(String.init).joined(separator: " and ")
        print(json ? answer.json("linewatch.type.split/1") : "Type \(self.type) is now \(parts).")
    }
}

/// `linewatch type forget`
struct TypeForget: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Forgets a kind of defect, with the defects that are kept of it.",
        discussion: "Defects like it are new again when they come; they get another number then.")

    @OptionGroup var socket: StationSocket

    @ArgumentParser.Argument(help: "The type's number.")
    var type: UInt16

    @Flag(help: "Really do it: it cannot be undone.")
    var yes = false

    @Flag(help: "Print the answer as JSON.")
    var json = false

    func run() throws {
        guard yes else {
            throw ValidationError("Forgetting type \(type) cannot be undone. Say --yes if that is meant.")
        }
        let answer = try socket.connect().ask(.typeForget, [JSONMember("type", .integer(Int64(type)))])
        print(json ? answer.json("linewatch.type.forget/1") : "Forgot type \(type).")
    }
}
