import ArgumentParser
import Testing
import linewatch

/// The help texts as an operator sees them: a change of the command line shows up here.
struct HelpTextTests {
    @Test("linewatch --help lists the commands")
    func root() {
        #expect(
            Linewatch.helpMessage(columns: 100) == """
                OVERVIEW: Finds anomalies in camera pictures of a production line.

                USAGE: linewatch <subcommand>

                OPTIONS:
                  --version               Show the version.
                  -h, --help              Show help information.

                SUBCOMMANDS:
                  arm                     Begins continuous inspection of a camera, or of all.
                  bench                   Measures the speed of an inspection, or of a part of it, on this machine.
                  camera                  Works with cameras, real and simulated.
                  class                   Tries and sets the words that zero-shot inspection looks for.
                  config                  Checks, shows, compares and reloads the settings.
                  conform                 Checks a server against the protocol LWP/1, row by row of its table.
                  consumer                Shows and drops the registered readers of the log.
                  describe                Prints the daemon's operations, codes and limits, as it knows them.
                  disarm                  Ends continuous inspection of a camera, or of all, once the queue is
                                          empty.
                  doctor                  Checks this machine and its daemon, one line per check with its remedy.
                  eval                    Measures how well defects are found in labelled images.
                  events                  Reads the log of results and events.
                  fine                    Sorts images of defects by kind, without labels.
                  halt                    Stops inspection and closes the cameras; sockets and log stay served.
                  image                   Gets pictures that the daemon keeps.
                  mark                    Stores a person's verdict beside a result: a false reject, or a missed
                                          defect.
                  metrics                 Prints the daemon's metrics as Prometheus text.
                  model                   Imports, lists, verifies and times models, and puts them into service.
                  recipe                  Lists the recipes and switches between them.
                  replay                  Judges a recording as this box does, and compares it with before.
                  reset                   Leaves the state error where its cause is gone, and clears latched alarms.
                  resume                  Inspects again after 'halt', or leaves safe mode.
                  status                  Shows how the station is: cameras, results, latency, calibration, alarms
                                          and what to do.
                  teach                   Teaches an inspection what good parts look like.
                  threshold               Shows, explains and sets the limits of inspections.
                  train                   Trains models, and shows what they are trained with.
                  trigger                 Has one part inspected, and with --wait says what came of it.
                  type                    Shows, names and changes the kinds of defects that the station has found.
                  version                 Prints the version of this program and that of the daemon, if it runs.

                  See 'linewatch help <subcommand>' for detailed help.
                """)
    }

    @Test("linewatch doctor refuses an argument that it does not know")
    func unknownArgument() {
        #expect(throws: (any Error).self) { try Linewatch.parseAsRoot(["doctor", "--yaml"]) }
    }
}
