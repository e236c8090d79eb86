import Configuration
import Foundation
import Testing

/// The defaults, held against the page that promises them.
@Suite(.enabled(if: TestTexts.operations != nil, Comment(rawValue: TestTexts.operationsMissing)))
struct StandardValueTests {
    private let loaded = LoadedSettings.of(TestTexts.operationsFile)

    @Test("the file in the operations manual is accepted without a finding")
    func accepted() {
        #expect(loaded.lines == [])
    }

    @Test("every value in the operations manual is the default")
    func defaults() {
        #expect(loaded.settings.value.toml == Settings.example.value.toml)
        #expect(loaded.settings == Settings.example)
    }

    @Test("the operations manual names every key but what it does not know yet, and no other")
    func keys() {
        let set = loaded.effective.filter { !$0.path.hasSuffix(".replay.rounds") }
        // The settings that another one may stand in for, and the wholly optional one.
        let unset = set.filter { $0.origin == .standard }.map(\.path)
        #expect(unset == [])
    }

    @Test("the ranges in the operations manual are those of the description")
    func ranges() throws {
        var table = "", checked = 0
        for line in TestTexts.operationsFile.split(separator: "\n") {
            if let header = line.wholeMatch(of: /\[+([a-z.]+)\]+.*/) { table = String(header.1) }
            guard let key = line.wholeMatch(of: /([a-z_0-9]+) = .*?# .*?\[(-?[0-9e.-]+)\.\.(-?[0-9e.-]+)\].*/)
            else { continue }
            let path = (table + "." + key.1).split(separator: ".").map(String.init)
            guard let kind = kind(at: path[...], Settings.file) else {
                Issue.record("\(path) is not described")
                continue
            }
            let low = try #require(Double(key.2)), high = try #require(Double(key.3))
            switch kind {
            case .integer(let range):
                #expect(Double(range.lowerBound) == low && Double(range.upperBound) == high, "\(path)")
            case .number(let range): #expect(range == low...high, "\(path)")
            // `inspect.threshold` has one range per inner key.
            default: continue
            }
            checked += 1
        }
        #expect(checked > 50)
    }

    private func kind(at path: ArraySlice<String>, _ description: TableDescription) -> SettingKind? {
        guard let name = path.first, let setting = description[name] else { return nil }
        if path.count == 1 { return setting.kind }
        switch setting.kind {
        case .table(let inner), .tables(let inner, _): return kind(at: path.dropFirst(), inner)
        default: return nil
        }
    }
}
