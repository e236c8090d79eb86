import Events

// The table of 4.1 to 4.3: one list drives the checks of a request and what `describe` says.

extension Operation {
    /// The arguments beside `op` and `id`.
    public var arguments: [Argument] {
        switch self {
        case .hello:
            [
                .required("name", .consumerName), .required("proto", .integer(0...99)),
                .required("profile", .word(["plc", "full"])), .optional("hb", .integer(100...10_000)),
                .optional("anon", .flag, 0),
            ]
        case .poll:
            [
                .optional("after", .integer(-1...Self.lastSeq), -1), .optional("max", .integer(1...256), 1),
                .optional("wait", .integer(0...5_000), 0), .optional("kinds", .integer(0...3), 3),
                .optional("strict", .flag, 0), .optional("log", .hexadecimal(digits: 8)),
            ]
        case .sub:
            [
                .optional("after", .integer(-2...Self.lastSeq), -1),
                .optional("credit", .integer(1...1_024), 16), .optional("kinds", .integer(0...3), 3),
                .optional("fast", .flag, 0), .optional("log", .hexadecimal(digits: 8)),
            ]
        case .ack: [.required("seq", .seq), .optional("log", .hexadecimal(digits: 8))]
        case .trigger:
            [
                .optional("cam", .camera(least: 1)), .optional("pn", .integer(0...Int64(UInt32.max)), 0),
                .optional("part", .text(least: 0, most: 48)), .optional("deadline", .integer(5...60_000)),
            ]
        case .get: [.required("seq", .integer(1...Self.lastSeq))]
        case .watch: [.required("ms", .integer(0...60_000))]
        case .recipe: [.required("rcp", .integer(1...65_535))]
        case .arm, .disarm: [.required("cam", .camera(least: 0))]
        case .mark:
            [
                .required("seq", .integer(1...Self.lastSeq)), .required("as", .integer(1...2)),
                .optional("absorb", .flag, 0),
            ] + ["x", "y", "w", "h"].map { .optional($0, .integer(0...65_535), 0) }
        default: adminArguments
        }
    }

    private var adminArguments: [Argument] {
        switch self {
        case .configCheck: [.required("toml", .text(least: 0, most: 32_000))]
        case .cameraProbe, .cameraSnap: [.required("cam", .camera(least: 1))]
        case .teachStart: [.inspect, .required("kind", .word(["reference", "calibration"]))]
        case .teachAdd:
            [
                .optional("set", .id), .optional("seq", .integer(1...Self.lastSeq)),
                .optional("next", .integer(1...1)),
            ]
        case .teachStatus: [.optional("set", .id)]
        case .teachCommit, .teachAbort: [.required("set", .id)]
        case .thresholdShow, .thresholdExplain: [.inspect]
        case .thresholdSet:
            [.inspect, .optional("raw", .number), .optional("ppm", .integer(1...1_000_000))]
        case .modelPut: [.required("model", .name)] + Self.pieces
        case .modelVerify, .modelActivate: [.required("model", .name), .optional("inspect", .name)]
        // An empty name ends the shadow.
        case .modelShadow:
            [.required("model", .text(least: 0, most: 100)), .optional("inspect", .name)]
        case .modelRollback: [.inspect]
        case .classSet: [.inspect] + Self.words
        case .classTry: [.required("cam", .camera(least: 1))] + Self.words
        case .typeShow, .typeForget: [.required("type", .type)]
        case .typeName: [.required("type", .type), .required("name", .name)]
        case .typeMerge: [.required("types", .integers(1...65_534, most: 64))]
        case .typeSplit:
            [.required("type", .type), .required("seqs", .integers(1...Self.lastSeq, most: 1_024))]
        case .typeApply:
            [.optional("proposal", .id)]
                + Self.pieces.map { .optional($0.key, $0.kind) }
        case .consumerDrop: [.required("name", .consumerName)]
        case .imageGet:
            [.optional("img", .integer(1...Int64.max)), .optional("seq", .integer(1...Self.lastSeq))]
        case .storeExport: [.required("after", .seq), .required("to", .seq)]
        case .logLevel:
            [
                .required(
                    "level",
                    .word(["trace", "debug", "info", "notice", "warning", "error", "critical"]))
            ]
        default: []
        }
    }

    static let lastSeq = Int64(LineLimit.seq)

    /// A package in pieces: where this one begins, the whole's size and SHA-256, the bytes in base64.
    private static let pieces: [Argument] = [
        .required("off", .integer(0...Int64(UInt32.max))), .required("size", .integer(1...Int64(UInt32.max))),
        .required("sha256", .hexadecimal(digits: 64)), .required("b64", .text(least: 0, most: 24_000)),
    ]

    private static let words: [Argument] = [
        .optional("class_name", .name), .optional("more_names", .texts(most: 15)),
        .optional("good_words", .texts(most: 64)),
        .optional("bad_words", .texts(most: 64)),
    ]
}

extension Argument {
    fileprivate static let inspect = Argument.required("inspect", .name)
}

extension Argument.Kind {
    fileprivate static let flag = Argument.Kind.integer(0...1)
    fileprivate static let seq = Argument.Kind.integer(0...Operation.lastSeq)
    fileprivate static let id = Argument.Kind.integer(1...Int64(Int32.max))
    fileprivate static let type = Argument.Kind.integer(1...65_534)
    fileprivate static let name = Argument.Kind.text(least: 1, most: 100)
}
