internal import AnomalyModels
internal import ArgumentParser
internal import FoundationEssentials

/// `linewatch teach`: a product from a few good parts.
struct TeachGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "teach",
        abstract: "Teaches an inspection what good parts look like.",
        discussion: """
            'linewatch teach INSPECTION --good 2' takes the next two frames as good parts, learns them, practises on \
            defects that it paints on them, checks itself and switches the inspection to what it learned. The verbs below \
            do the same in steps.
            """,
        subcommands: [
            TeachProduct.self, TeachStart.self, TeachAdd.self, TeachStatus.self, TeachCommit.self,
            TeachAbort.self,
        ],
        defaultSubcommand: TeachProduct.self
    )
}

/// Which daemon to teach.
struct TeachSocket: ParsableArguments {
    @Option(
        help: "The admin socket. (default: admin.sock in LINEWATCH_RUNTIME_DIR or /run/linewatch)")
    var socket: String?

    /// Connects and introduces itself. Throws what the connection throws.
    func connect() throws -> TeachConnection {
        let folder = ProcessInfo.processInfo.environment["LINEWATCH_RUNTIME_DIR"] ?? ""
        let standard = (folder.isEmpty ? "/run/linewatch" : folder) + "/admin.sock"
        return try TeachConnection(socket: socket ?? standard)
    }
}

/// How a product is learned.
struct TeachOptions: ParsableArguments {
    @Option(
        help: "Views of the parts: fixed, mirrored or turned. Default: as the settings say of the inspection."
    )
    var views: TeachViews?

    @Option(
        help: ArgumentHelp(
            "Whether each tile of a region is known by its place: compared, always or never.",
            discussion: """
                With 'oriented = true' and tiles. 'always' is for parts in a fixture: a thing that belongs elsewhere is a defect. \
                'compared' does it where good parts score hardly higher for it.
                """))
    var positions = TilePositions.compared

    @Option(help: "Instruction set. Default: LINEWATCH_ISA, or the best.")
    var isa: String?

    @Flag(
        help: ArgumentHelp(
            "Leave out the full stage: do not practise on painted defects of the good parts.",
            discussion:
                "A second in the place of some 20 on a free core; it finds and marks defects a little less well on most products."
        )
    )
    var quick = false

    @Flag(
        help: ArgumentHelp(
            "Learn the patches of the good parts alone, without the class name and the weights that ship.",
            discussion:
                "What would be trained goes on from these weights, so it leaves out the full stage too."))
    var plain = false

    @Option(
        help:
            "Minutes after which the full stage ends; a head that is not trained by then is left out (1...600)."
    )
    var budget = 15

    @Flag(help: "Learn and check, but do not switch the inspection.")
    var keepActive = false

    @Flag(
        help: ArgumentHelp(
            "Also use what operators marked.",
            discussion: """
                Parts of 'linewatch mark SEQ ok --absorb' are learned as well; defects of 'linewatch mark SEQ ng' are \
                practice of the self-check and, with a box, of the full stage.
                """))
    var corrections = false

    @Flag(
        name: [.long, .customLong("force")],
        help:
            "Learn parts that look wrong, and switch although the self-check found too few painted defects. The daemon's log says so."
    )
    var yes = false

    /// Whether the full stage follows the quick one.
    var isFull: Bool { !quick && !plain }
}

extension TilePositions: ExpressibleByArgument {}

enum TeachViews: String, ExpressibleByArgument, CaseIterable {
    case fixed, mirrored, turned
}
