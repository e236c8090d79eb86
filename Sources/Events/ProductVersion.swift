/// The version of Linewatch: of its programs, of the greeting, and of the Debian package, which reads it here.
public enum ProductVersion {
    public static let text = "0.1.0"
}
