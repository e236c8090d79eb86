/// A place in a file, as an editor counts.
package struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// The path as the reader of the file was given it.
    package let path: String
    /// 1 for the first line.
    package let line: Int
    /// 1 for the first character of a line; counted in Unicode scalars.
    package let column: Int

    package init(path: String, line: Int, column: Int) {
        self.path = path
        self.line = line
        self.column = column
    }

    /// `/etc/linewatch/linewatch.toml:31:1`.
    package var description: String { "\(path):\(line):\(column)" }
}

/// Where a value came from.
package enum Origin: Hashable, Sendable, CustomStringConvertible {
    /// Nobody set it.
    case standard
    /// Its key stands here.
    case file(SourceLocation)
    /// An environment variable, by name.
    case environment(String)
    /// An option of the command line, as it is typed.
    case option(String)
    /// Kept by the daemon in its state folder, under this name.
    case state(String)

    /// `default`, `/etc/linewatch/linewatch.toml:31:1`, `environment LINEWATCH_ISA`, `option --foreground` or
    /// `state classes.json`.
    package var description: String {
        switch self {
        case .standard: "default"
        case .file(let location): "\(location)"
        case .environment(let name): "environment \(name)"
        case .option(let name): "option \(name)"
        case .state(let name): "state \(name)"
        }
    }
}
