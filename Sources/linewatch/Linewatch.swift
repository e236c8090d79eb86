package import ArgumentParser

/// The command line of Linewatch: every command an operator types on the box.
@main
package struct Linewatch: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "linewatch",
        abstract: "Finds anomalies in camera pictures of a production line.",
        subcommands: [Doctor.self, Try.self]
    )

    package init() {}
}
