/// `[plc]`: the socket that the control program reads.
package struct PLCSettings: SettingTable {
    package enum Publication: String, CaseIterable, Sendable {
        /// After the commit.
        case durable
        case fast
    }

    package enum LostClient: String, CaseIterable, Sendable { case event, disarm }

    /// Used when systemd passes none.
    package var socket = "/run/linewatch/plc.sock"
    package var heartbeat = Duration.seconds(1)
    package var publish = Publication.durable
    package var acknowledgeTimeout = Duration.seconds(10)
    package var slowClient = Duration.seconds(10)
    package var onClientLost = LostClient.event
    /// Whether a trigger is answered only after its commit.
    package var triggerDurable = true

    package init() {}

    package static let settings: [Setting<PLCSettings>] = [
        .text("socket", \.socket, .socket, "used when systemd passes none").restarting(.restart),
        .duration("heartbeat_ms", \.heartbeat, 100...10_000, .milliseconds, ""),
        .choice("publish", \.publish, "fast: before the commit; may be lost at power cut")
            .restarting(.restart),
        .duration("ack_timeout_ms", \.acknowledgeTimeout, 500...600_000, .milliseconds, ""),
        .duration("slow_client_ms", \.slowClient, 1000...600_000, .milliseconds, ""),
        .choice("on_client_lost", \.onClientLost, ""),
        .flag("trigger_durable", \.triggerDurable, "false: a trigger is answered before its commit"),
    ]
}
