import ArgumentParser
import FoundationEssentials
import Sockets

/// `linewatch recipe`: which inspections run together.
struct RecipeGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recipe", abstract: "Lists the recipes and switches between them.",
        subcommands: [RecipeList.self, RecipeUse.self])
}

/// `linewatch recipe list`
struct RecipeList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the recipes, and which of them is in force.")

    @OptionGroup var socket: StationSocket

    @Flag(help: "Print one JSON document.")
    var json = false

    private struct Report: Encodable {
        let schema = "linewatch.recipe.list/1"
        let active: Int
        let recipes: [Recipe]
    }

    func run() throws {
        let client = try socket.connect()
        let active = try client.ask(.state).integer("rcp")
        let recipes = try Recipe.all(in: client.ask(.configShow)["text"]?.text ?? "")
        guard !json else {
            print(try jsonText(Report(active: active, recipes: recipes)))
            return
        }
        let rows = recipes.map { recipe in
            [
                "\(recipe.id)", recipe.name, recipe.id == active ? "in force" : "",
                recipe.inspect.joined(separator: ", "),
            ]
        }
        for line in columns([["id", "name", "", "inspections"]] + rows, right: [0]) {
            print(StyledLine(line).plain)
        }
    }
}

/// `linewatch recipe use`
struct RecipeUse: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "use", abstract: "Loads a recipe and switches to it between two frames.",
        discussion: "If it cannot be loaded the old one stays in force. The choice is kept over restarts.")

    @OptionGroup var control: ControlOptions

    @ArgumentParser.Argument(help: "Its id (1...65535).")
    var id: Int

    func validate() throws {
        guard (1...65_535).contains(id) else {
            throw ValidationError("A recipe's id is 1...65535, not \(id).")
        }
    }

    func run() throws {
        try control.carryOut(
            .recipe, [JSONMember("rcp", .integer(Int64(id)))], "Recipe \(id) is in force.", noun: "recipe.use"
        )
    }
}

/// One recipe of the settings.
package struct Recipe: Codable, Hashable, Sendable {
    package let id: Int
    package let name: String
    /// The names of its inspections.
    package let inspect: [String]

    package init(id: Int, name: String, inspect: [String]) {
        (self.id, self.name, self.inspect) = (id, name, inspect)
    }

    private struct Settings: Decodable {
        struct Named: Decodable { let name: String }
        var recipe: [Recipe]?
        var inspect: [Named]?
    }

    /// The recipes of `settings`, the effective settings as JSON; without any, all inspections form recipe 1.
    ///
    /// Throws `CommandFailure` if that is no settings.
    package static func all(in settings: String) throws(CommandFailure) -> [Recipe] {
        guard let settings = try? JSONDecoder().decode(Settings.self, from: Data(settings.utf8)) else {
            throw CommandFailure(
                "The daemon's settings cannot be read. Is it of another version? See 'linewatch version'.")
        }
        if let recipes = settings.recipe, !recipes.isEmpty { return recipes.sorted { $0.id < $1.id } }
        return [Recipe(id: 1, name: "default", inspect: settings.inspect?.map(\.name) ?? [])]
    }
}
