import Events
import Foundation
import Sockets
import Testing

/// C58: what `describe` says against the text of the protocol.
struct DescriptionTests {
    /// PROTOCOL.md of the shared folder, where there is one.
    private static let text: String? = {
        let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let shared =
            ProcessInfo.processInfo.environment["LINEWATCH_SHARED"].map { URL(fileURLWithPath: $0) }
            ?? checkout.appendingPathComponent("../shared")
        return try? String(contentsOf: shared.appendingPathComponent("design/PROTOCOL.md"), encoding: .utf8)
    }()

    private static let isThere = text != nil

    private func described(_ key: String) async throws -> [JSONValue] {
        nonisolated(unsafe) var values: [JSONValue] = []
        try await Rig.run { rig in
            let answer = try rig.client(profile: .full, isAnonymous: true).answer("{\"op\":\"describe\"}")
            #expect(answer.kind == "describe" && answer.bytes.count < LineLimit.full)
            unsafe values = answer[key]?.elements ?? []
        }
        return unsafe values
    }

    /// The lines of the document between two of its headings.
    private func section(_ from: String, _ to: String) throws -> [Substring] {
        let text = try #require(Self.text)
        let start = try #require(text.range(of: "\n" + from))
        let end = try #require(text[start.upperBound...].range(of: "\n" + to))
        return text[start.upperBound..<end.lowerBound].split(separator: "\n")
    }

    /// The cells of a table's row.
    private func cells(_ row: Substring) -> [String] {
        row.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
            .map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test(
        "C58: the errors are those of the document, with its remedies",
        .enabled(if: isThere, "needs ../shared"))
    func errors() async throws {
        let rows = try section("### 4.4", "## 5").filter { $0.hasPrefix("| ") }.map(cells).filter {
            Int($0[0]) != nil
        }
        let errors = try await described("errors")
        #expect(rows.map { Int64($0[0]) } == errors.map { $0["num"]?.integer })
        #expect(rows.map { $0[1] } == errors.map { $0["code"]?.text })
        #expect(rows.map { $0[3] } == errors.map { $0["remedy"]?.text })
    }

    @Test(
        "C58: the operations are those of the document, each with its role",
        .enabled(if: isThere, "needs ../shared"))
    func operations() async throws {
        var expected = ["hello": 1, "describe": 1]
        for (role, bounds) in [("### 4.1", "### 4.2"), ("### 4.2", "### 4.3"), ("### 4.3", "### 4.4")]
            .enumerated()
        {
            for row in try section(bounds.0, bounds.1) where row.hasPrefix("| `") {
                var family = ""
                for name in cells(row)[0].split(separator: "`").filter({ $0.contains { $0.isLetter } }) {
                    if !name.hasPrefix(".") { family = String(name.prefix { $0 != "." }) }
                    expected[name.hasPrefix(".") ? family + name : String(name)] = role + 1
                }
            }
        }
        let found = try await described("ops").map { ($0["op"]?.text ?? "", Int($0["role"]?.integer ?? 0)) }
        #expect(Dictionary(uniqueKeysWithValues: found) == expected)
    }

    @Test(
        "C58: reasons, flags and alarm bits are those of the document",
        .enabled(if: isThere, "needs ../shared"))
    func reasonsAndFlags() async throws {
        let reasons = try section("### 5.5", "### 5.6").joined(separator: " ")
        let found = try await described("reasons").map { "\($0["num"]!.integer!) \($0["name"]!.text!)" }
        #expect(found.count == 23)
        for reason in found { #expect(reasons.contains(reason), "\(reason)") }
        let flags = try section("### 5.6", "## 6").joined()
        for (bit, flag) in try await described("flags").enumerated() {
            #expect(flags.contains("\(bit) \(flag.text!)"), "\(flag)")
        }
        let alarms = try section("### 8.3", "## 9").joined()
        for (bit, alarm) in try await described("alarms").enumerated() {
            #expect(alarms.contains("\(bit) \(alarm.text!)"), "\(alarm)")
        }
    }

    @Test("C58: the event codes are those of the document", .enabled(if: isThere, "needs ../shared"))
    func events() async throws {
        var expected: [Int64: String] = [:]
        for row in try section("### 5.2", "### 5.3").filter({ $0.hasPrefix("| 1") }).map(cells) {
            var code = try #require(Int64(row[0].prefix(4)))
            for name in row[1].components(separatedBy: " · ") {
                expected[code] = String(name.prefix { $0 != " " })
                code += 1
            }
        }
        let found = try await described("events").map { ($0["num"]!.integer!, $0["name"]!.text!) }
        #expect(Dictionary(uniqueKeysWithValues: found) == expected)
    }
}
