/// `text` from outside for a message: in quotes, on one line, at most 80 characters of it.
package func quoted(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(80).map { scalar in
        scalar.properties.generalCategory == .control ? "?" : String(scalar)
    }
    return "'" + shown.joined() + (text.unicodeScalars.count > shown.count ? "..." : "") + "'"
}
