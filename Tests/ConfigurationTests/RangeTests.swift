import Configuration
import Testing

/// Every key of the description, tried beyond its limits; new keys are tried by themselves.
struct RangeTests {
    /// A key somewhere in the file, with the way there.
    private struct Place {
        let tables: [(name: String, isArray: Bool, isInline: Bool)]
        let setting: SettingDescription

        /// A file that says nothing but `key = value`.
        func file(_ value: String, key: String? = nil) -> String {
            var path = "", text = ""
            var inline: [String] = []
            for table in tables {
                if table.isInline {
                    inline.append(table.name)
                } else {
                    path += (path.isEmpty ? "" : ".") + table.name
                    text += table.isArray ? "[[\(path)]]\n" : "[\(path)]\n"
                }
            }
            return text + (inline + [key ?? setting.name]).joined(separator: ".") + " = \(value)\n"
        }
    }

    private static let places: [Place] = all(in: Settings.file, [])

    private static func all(
        in description: TableDescription, _ tables: [(name: String, isArray: Bool, isInline: Bool)]
    ) -> [Place] {
        description.settings.flatMap { setting in
            switch setting.kind {
            case .table(let inner): all(in: inner, tables + [(setting.name, false, inner.isInline)])
            case .tables(let inner, _): all(in: inner, tables + [(setting.name, true, inner.isInline)])
            default: [Place(tables: tables, setting: setting)]
            }
        }
    }

    /// Values just outside, by the kind.
    private static func outside(_ kind: SettingKind) -> [String] {
        switch kind {
        case .integer(let range): ["\(range.lowerBound - 1)", "\(range.upperBound + 1)"]
        case .number(let range):
            [range.lowerBound.nextDown, range.upperBound.nextUp].map { "\($0)" } + ["nan", "inf", "-inf"]
        case .choice: ["\"neither\"", "\"\""]
        case .text(let rule):
            ["\"\(String(repeating: "x", count: rule.count.upperBound + 1))\"", "\"a\\u0007b\""]
                + (rule.count.lowerBound > 0 ? ["\"\""] : [])
        case .textOrTexts: ["\"\"", "[\"\"]"]
        case .list(let element, let count):
            outside(element).map { value in
                "[\(Array(repeating: value, count: max(count.lowerBound, 1)).joined(separator: ", "))]"
            }
        default: []
        }
    }

    private static func wrongTypes(_ kind: SettingKind) -> [String] {
        switch kind {
        case .integer: ["1.5", "\"1\"", "true", "[1]", "1979-05-27"]
        case .number: ["\"1\"", "true", "[1.0]", "{ a = 1 }"]
        case .flag: ["1", "\"true\"", "[]"]
        case .text, .choice: ["1", "true", "[\"a\"]", "07:32:00"]
        case .textOrTexts: ["1", "[1]", "[]"]
        case .list: ["1", "\"a\"", "[{ a = 1 }]"]
        default: []
        }
    }

    @Test("the description has every key")
    func count() {
        #expect(Self.places.count == 129)
    }

    @Test("every value out of its range is refused with the range, both ways")
    func ranges() {
        var count = 0
        for place in Self.places {
            for value in Self.outside(place.setting.kind) {
                let errors = LoadedSettings.of(place.file(value)).errors.map(\.message)
                let found = errors.contains {
                    $0.hasPrefix("\"\(place.setting.name)\" in ") && $0.contains("allowed is")
                }
                #expect(found, "\(place.file(value)): \(errors)")
                count += 1
            }
        }
        #expect(count > 300)
    }

    @Test("every value of a wrong type is refused with the right one")
    func types() {
        for place in Self.places {
            for value in Self.wrongTypes(place.setting.kind) {
                let errors = LoadedSettings.of(place.file(value)).errors.map(\.message)
                let found = errors.contains {
                    $0.hasPrefix("\"\(place.setting.name)\" in ")
                        && ($0.contains(" must be ") || $0.contains("allowed is"))
                }
                #expect(found, "\(place.file(value)): \(errors)")
            }
        }
    }

    @Test("the least and the greatest value are accepted")
    func limits() {
        for place in Self.places {
            var values: [String] = []
            switch place.setting.kind {
            case .integer(let range): values = ["\(range.lowerBound)", "\(range.upperBound)"]
            case .number(let range): values = ["\(range.lowerBound)", "\(range.upperBound)"]
            case .choice(let words): values = words.map { "\"\($0)\"" }
            case .flag: values = ["true", "false"]
            default: break
            }
            for value in values {
                let errors = LoadedSettings.of(place.file(value)).errors.map(\.message)
                let found = errors.contains {
                    $0.hasPrefix("\"\(place.setting.name)\" in ") && $0.contains(" is \(value),")
                        && !$0.contains("here") && !$0.contains("no [[camera]]")
                }
                #expect(!found, "\(place.file(value)): \(errors)")
            }
        }
    }

    @Test("a mistyped key is refused with the right one, in every table")
    func suggestions() {
        for place in Self.places where place.setting.name.count > 3 {
            let typed = place.setting.name + "x"
            let errors = LoadedSettings.of(place.file("1", key: typed)).errors
            // Any key is a V4L2 control.
            guard place.tables.last?.name != "controls" else { continue }
            let found = errors.contains {
                $0.message.hasPrefix("unknown key \"\(typed)\" in ")
                    // Where two keys are as near, either will do.
                    && $0.message.contains(" - did you mean \"\(place.setting.name.prefix(3))")
            }
            #expect(found, "\(typed): \(errors)")
        }
    }
}
