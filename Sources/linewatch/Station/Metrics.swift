import ArgumentParser
import Sockets

/// `linewatch metrics`: the counters and gauges for a monitoring system.
struct Metrics: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the daemon's metrics as Prometheus text.")

    @OptionGroup var socket: StationSocket

    @Flag(help: "Print one JSON document with the text in it.")
    var json = false

    private struct Report: Encodable {
        let schema = "linewatch.metrics/1"
        let text: String
    }

    func run() throws {
        let bytes = try socket.connect().blob(.metrics)
        let text = String(decoding: bytes, as: UTF8.self)
        print(
            json ? try jsonText(Report(text: text)) : text, terminator: json || text.last != "\n" ? "\n" : "")
    }
}
