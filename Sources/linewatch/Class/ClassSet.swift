package import ArgumentParser
import Sockets

/// `linewatch class set`: what the parts of an inspection are called from now on.
package struct ClassSet: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Sets what the parts of an inspection are called, for the zero-shot head.",
        discussion: """
            The words are kept in the state folder and win over those of the settings, until 'class set INSPECT' alone \
            lets the settings count again. An inspection that was taught goes on as it was taught.
            """
    )

    @OptionGroup var socket: StationSocket

    @ArgumentParser.Argument(help: "The inspection.")
    var inspect: String

    @ArgumentParser.Argument(
        help: "What a good part is called. Repeat for synonyms, or for the parts that a region may show.")
    var names: [String] = []

    @Option(help: "A word of the normal state, as in \"polished\". Repeatable.")
    var good: [String] = []

    @Option(help: "A word of a defect, as in \"scratch\". Repeatable.")
    var bad: [String] = []

    @Flag(help: "Print the answer as JSON.")
    var json = false

    package init() {}

    package func validate() throws {
        guard !names.isEmpty || (good.isEmpty && bad.isEmpty) else {
            throw ValidationError("Words need a name: linewatch class set \(inspect) NAME.")
        }
    }

    package func run() throws {
        var members = [JSONMember("inspect", .text(inspect))]
        if let name = names.first {
            members.append(JSONMember("class_name", .text(name)))
            members.append(JSONMember("more_names", .array(names.dropFirst().map { .text($0) })))
            members.append(JSONMember("good_words", .array(good.map { .text($0) })))
            members.append(JSONMember("bad_words", .array(bad.map { .text($0) })))
        }
        let answer = try socket.connect().ask(.classSet, members)
        guard !json else { return print(answer.json("linewatch.class.set/1")) }
        let known =
            [answer["class_name"]?.text ?? ""] + (answer["more_names"]?.elements ?? []).compactMap(\.text)
        print("Inspection '\(inspect)' looks for defects of '\(known.joined(separator: "', '"))'.")
    }
}
