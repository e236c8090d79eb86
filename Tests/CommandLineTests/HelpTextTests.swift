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
                  -h, --help              Show help information.

                SUBCOMMANDS:
                  bench                   Measures the speed of one part of an inspection on this machine.
                  camera                  Works with cameras, real and simulated.
                  config                  Checks, shows and compares the settings.
                  conform                 Checks a server against the protocol LWP/1, row by row of its table.
                  consumer                Shows and drops the registered readers of the log.
                  doctor                  Checks this machine, one line per check with its remedy.
                  eval                    Measures how well defects are found in labelled images.
                  events                  Reads the log of results and events.
                  model                   Imports, lists, verifies and times models.

                  See 'linewatch help <subcommand>' for detailed help.
                """)
    }

    @Test("linewatch doctor refuses an argument that it does not know")
    func unknownArgument() {
        #expect(throws: (any Error).self) { try Linewatch.parseAsRoot(["doctor", "--yaml"]) }
    }
}
