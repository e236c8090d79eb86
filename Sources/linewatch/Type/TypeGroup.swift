import ArgumentParser

/// `linewatch type`: the kinds of defects that the station has found.
struct TypeGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "type",
        abstract: "Shows, names and changes the kinds of defects that the station has found.",
        subcommands: [
            TypeList.self, TypeShow.self, TypeName.self, TypeMerge.self, TypeSplit.self, TypeForget.self,
            TypeRecluster.self, TypeApply.self,
        ])
}
