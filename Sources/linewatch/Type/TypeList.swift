import ArgumentParser
import Platform
import Sockets

/// `linewatch type list`
struct TypeList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the kinds of defects: since when, how many, and how often lately.")

    @OptionGroup var socket: StationSocket

    @Flag(help: "Print one JSON document.")
    var json = false

    func run() throws {
        let listing = TypeListing(try socket.connect().ask(.typeList))
        guard !json else {
            print(try jsonReport(listing))
            return
        }
        for line in listing.lines(now: WallClock.now, secondsFromUTC: secondsFromUTC()) {
            print(StyledLine(line).plain)
        }
    }
}
