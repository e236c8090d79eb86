/// `[model]`: where model packages come from and how they enter service.
package struct ModelSettings: SettingTable {
    package enum RollbackCause: String, CaseIterable, Sendable {
        case crash, latency
        case scoreShift = "score_shift"
    }

    /// Folders; the first that has a package wins.
    package var path = ["/var/lib/linewatch/models", "/usr/share/linewatch/models"]
    /// Folders of Ed25519 public keys in minisign's format.
    package var trustedKeys = ["/etc/linewatch/keys"]
    /// Whether packages installed from outside must be signed.
    package var requireSignature = false
    package var probationParts = 500
    package var probationMinimum = Duration.seconds(30 * 60)
    package var rollbackOn = RollbackCause.allCases
    /// The share of frames that a shadow model sees, 0...1.
    package var shadowSample = 1.0

    package init() {}

    package static let settings: [Setting<ModelSettings>] = [
        .texts("path", \.path, .filledPath, 1...16, "first hit wins"),
        .texts(
            "trusted_keys", \.trustedKeys, .filledPath, 0...16, "Ed25519 public keys, minisign format"),
        .flag(
            "require_signature", \.requireSignature, "true: packages installed from outside must be signed"),
        .integer("probation_parts", \.probationParts, 0...1_000_000, "parts", ""),
        .duration("probation_min", \.probationMinimum, 0...10_080, .minutes, ""),
        .choices("rollback_on", \.rollbackOn, "what ends a probation early"),
        .number(
            "shadow_sample", \.shadowSample, 0...1, "",
            "share of frames the shadow model sees, spare time only"
        ),
    ]
}
