/// `[access]`: who may do what, beside the groups of the sockets.
package struct AccessSettings: SettingTable {
    /// Users or @groups with role operator on the PLC's socket.
    package var operators: [String] = []
    /// Users or @groups; uid 0 always is one.
    package var admins = ["@linewatch-admin"]
    /// A consumer that has not come back for so long is forgotten.
    package var consumerExpireDays = 14

    package init() {}

    private static let subject = TextRule(1...64, "a user or an @group") {
        !$0.contains(" ") && $0 != "@"
    }

    package static let settings: [Setting<AccessSettings>] = [
        .texts(
            "operators", \.operators, subject, 0...64, "users or @groups that get role operator on plc.sock"),
        .texts("admins", \.admins, subject, 0...64, "uid 0 always"),
        .integer("consumer_expire_days", \.consumerExpireDays, 1...365, "days", ""),
    ]
}
