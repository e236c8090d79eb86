/// `[[recipe]]`: inspections that run together. Without any, all inspections form recipe 1.
package struct RecipeSettings: SettingTable {
    package var id = 1
    package var name = "default"
    /// Names of inspections.
    package var inspect: [String] = []

    package init() {}

    package static let identity: String? = "id"
    package static let meaning = "optional; without any, all inspections form recipe 1"

    package static let settings: [Setting<RecipeSettings>] = [
        .integer("id", \.id, 1...65_535, "", "its number towards the PLC").required,
        .text("name", \.name, .name, ""),
        .texts("inspect", \.inspect, .name, 0...512, "names of inspections"),
    ]
}
