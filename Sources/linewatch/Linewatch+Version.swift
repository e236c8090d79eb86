extension Linewatch {
    /// The version of this program, as CHANGELOG.md has it.
    package static let version = "0.1.0"
}
