package import ArgumentParser

/// `linewatch fine`: kinds of defects in any folder of images.
package struct FineGroup: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "fine", abstract: "Sorts images of defects by kind, without labels.",
        subcommands: [FineCluster.self])

    package init() {}
}
