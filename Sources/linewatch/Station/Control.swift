import ArgumentParser
import Sockets

/// `linewatch arm`
struct Arm: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Begins continuous inspection of a camera, or of all.")

    @OptionGroup var control: ControlOptions

    @ArgumentParser.Argument(help: "The camera: its id or its name. (default: all)")
    var camera: String?

    func run() throws {
        try control.carryOut(
            .arm, [.camera(camera ?? "0")], "Armed \(camera.map { "camera \($0)" } ?? "all cameras").")
    }
}

/// `linewatch disarm`
struct Disarm: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ends continuous inspection of a camera, or of all, once the queue is empty.")

    @OptionGroup var control: ControlOptions

    @ArgumentParser.Argument(help: "The camera: its id or its name. (default: all)")
    var camera: String?

    func run() throws {
        try control.carryOut(
            .disarm, [.camera(camera ?? "0")], "Disarmed \(camera.map { "camera \($0)" } ?? "all cameras").")
    }
}

/// `linewatch reset`
struct Reset: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Leaves the state error where its cause is gone, and clears latched alarms.")

    @OptionGroup var control: ControlOptions

    func run() throws { try control.carryOut(.reset, [], "Reset.") }
}

/// `linewatch halt`
struct Halt: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stops inspection and closes the cameras; sockets and log stay served.")

    @OptionGroup var control: ControlOptions

    func run() throws { try control.carryOut(.halt, [], "Halted. 'linewatch resume' goes on.") }
}

/// `linewatch resume`
struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Inspects again after 'halt', or leaves safe mode.")

    @OptionGroup var control: ControlOptions

    func run() throws { try control.carryOut(.resume, [], "Resumed.") }
}

/// What commands share that only tell the daemon to do something.
struct ControlOptions: ParsableArguments {
    @OptionGroup var socket: StationSocket

    @Flag(help: "Print the answer as JSON.")
    var json = false

    /// Disarming drains the queue and a recipe loads its models: half a minute is enough for both.
    static let patience = 30_000

    /// Has the daemon do `operation`, then prints `done` and the state it is in. `noun` names the schema where the
    /// operation does not.
    func carryOut(
        _ operation: Sockets.Operation, _ arguments: [JSONMember], _ done: String, noun: String? = nil
    ) throws {
        let client = try socket.connect()
        _ = try client.ask(operation, arguments, within: Self.patience)
        let state = try client.ask(.state)
        let word = StateWords.describe(state.integer("st")).word
        print(
            json ? state.json("linewatch.\(noun ?? operation.rawValue)/1") : "\(done) The station is \(word)."
        )
    }
}
