package import ArgumentParser

/// `linewatch class`: what parts are called.
package struct ClassGroup: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "class", abstract: "Tries and sets the words that zero-shot inspection looks for.",
        subcommands: [ClassTry.self, ClassSet.self])

    package init() {}
}
