import Imaging

/// A property of a settings table; key paths to stored properties are safe to share.
typealias Property<Table, Value> = WritableKeyPath<Table, Value> & Sendable

/// One function per kind of setting.
extension Setting {
    private init<Value: Sendable>(
        _ name: String, _ property: any Property<Table, Value>, _ kind: SettingKind, _ unit: String,
        _ meaning: String, read: @escaping @Sendable (Value) -> SettingValue,
        write: @escaping @Sendable (Node) -> Value?
    ) {
        description = SettingDescription(name: name, kind: kind, unit: unit, meaning: meaning)
        self.read = { read($0[keyPath: property]) }
        self.write = { table, node in
            if let value = write(node) { table[keyPath: property] = value }
        }
    }

    static func text(
        _ name: String, _ property: any Property<Table, String>, _ rule: TextRule, _ meaning: String
    ) -> Self {
        Self(name, property, .text(rule), "", meaning, read: { .text($0) }, write: \.text)
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ property: any Property<Table, Choice>, _ meaning: String
    ) -> Self {
        Self(
            name, property, .choice(Choice.allCases.map(\.rawValue)), "", meaning,
            read: { .text($0.rawValue) }, write: { $0.text.flatMap(Choice.init(rawValue:)) })
    }

    static func integer(
        _ name: String, _ property: any Property<Table, Int>, _ range: ClosedRange<Int>, _ unit: String,
        _ meaning: String
    ) -> Self {
        Self(name, property, .integer(range), unit, meaning, read: { .integer($0) }, write: \.integer)
    }

    static func number(
        _ name: String, _ property: any Property<Table, Double>, _ range: ClosedRange<Double>, _ unit: String,
        _ meaning: String
    ) -> Self {
        Self(name, property, .number(range), unit, meaning, read: { .number($0) }, write: \.number)
    }

    static func optionalNumber(
        _ name: String, _ property: any Property<Table, Double?>, _ range: ClosedRange<Double>,
        _ meaning: String
    ) -> Self {
        Self(
            name, property, .number(range), "", meaning, read: { $0.map { .number($0) } ?? .absent },
            write: { $0.number.map { .some($0) } })
    }

    static func flag(_ name: String, _ property: any Property<Table, Bool>, _ meaning: String) -> Self {
        Self(
            name, property, .flag, "", meaning, read: { .flag($0) },
            write: { if case .flag(let flag) = $0.value { flag } else { nil } })
    }

    /// A whole number of `unit` in the file, a duration in the program.
    static func duration(
        _ name: String, _ property: any Property<Table, Duration>, _ range: ClosedRange<Int>,
        _ unit: TimeUnit, _ meaning: String
    ) -> Self {
        Self(
            name, property, .integer(range), unit.rawValue, meaning,
            read: { .integer(Int($0 / unit.duration)) },
            write: { $0.integer.map { unit.duration * $0 } })
    }

    static func texts(
        _ name: String, _ property: any Property<Table, [String]>, _ rule: TextRule,
        _ count: ClosedRange<Int>,
        _ meaning: String
    ) -> Self {
        Self(
            name, property, .list(.text(rule), count: count), "", meaning,
            read: { .list($0.map { .text($0) }) }, write: { $0.list?.compactMap(\.text) })
    }

    static func choices<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
        _ name: String, _ property: any Property<Table, [Choice]>, _ meaning: String
    ) -> Self {
        let words = Choice.allCases.map(\.rawValue)
        return Self(
            name, property, .list(.choice(words), count: 0...words.count), "", meaning,
            read: { .list($0.map { .text($0.rawValue) }) },
            write: { $0.list?.compactMap { $0.text.flatMap(Choice.init(rawValue:)) } })
    }

    static func textOrTexts(
        _ name: String, _ property: any Property<Table, [String]>, _ rule: TextRule, _ meaning: String
    ) -> Self {
        Self(
            name, property, .textOrTexts(rule), "", meaning,
            read: { $0.count == 1 ? .text($0[0]) : .list($0.map { .text($0) }) },
            write: { node in node.text.map { [$0] } ?? node.list?.compactMap(\.text) })
    }

    static func integers(
        _ name: String, _ property: any Property<Table, [Int]>, _ range: ClosedRange<Int>,
        _ count: ClosedRange<Int>, _ meaning: String
    ) -> Self {
        Self(
            name, property, .list(.integer(range), count: count), "", meaning,
            read: { .list($0.map { .integer($0) }) }, write: { $0.list?.compactMap(\.integer) })
    }

    /// `[x, y, w, h]` in pixels.
    static func region(_ name: String, _ property: any Property<Table, Region>, _ meaning: String) -> Self {
        Self(
            name, property, .list(.integer(0...Size.maximumSide), count: 4...4), "px", meaning,
            read: { .list([$0.x, $0.y, $0.width, $0.height].map { .integer($0) }) },
            write: { node in
                guard let sides = node.list?.compactMap(\.integer), sides.count == 4 else { return nil }
                return Region(x: sides[0], y: sides[1], width: sides[2], height: sides[3])
            })
    }

    static func table<Inner: SettingTable>(
        _ name: String, _ property: any Property<Table, Inner>, _ meaning: String = ""
    ) -> Self {
        Self(
            description: SettingDescription(
                name: name, kind: .table(Inner.description), unit: "", meaning: meaning),
            read: { $0[keyPath: property].value },
            write: { $0[keyPath: property] = Inner($1, standard: $0[keyPath: property]) })
    }

    static func tables<Inner: SettingTable>(
        _ name: String, _ property: any Property<Table, [Inner]>, _ count: ClosedRange<Int>
    ) -> Self {
        Self(
            name, property, .tables(Inner.description, count: count), "", "",
            read: { .list($0.map(\.value)) }, write: { $0.list.map { $0.map { Inner($0) } } })
    }
}

/// The units that durations are written in.
enum TimeUnit: String, Sendable {
    case milliseconds = "ms"
    case seconds = "s"
    case minutes = "min"

    var duration: Duration {
        switch self {
        case .milliseconds: .milliseconds(1)
        case .seconds: .seconds(1)
        case .minutes: .seconds(60)
        }
    }
}

extension Node {
    var text: String? { if case .text(let text) = value { text } else { nil } }
    var integer: Int? { if case .integer(let integer) = value { integer } else { nil } }

    /// A number, or a whole number where one may also be fractional.
    var number: Double? {
        switch value {
        case .number(let number): number
        case .integer(let integer): Double(integer)
        default: nil
        }
    }
}
