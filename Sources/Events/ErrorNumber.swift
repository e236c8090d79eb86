/// Why a request was refused: the frozen numbers of the protocol (LWP/1, 4.4).
public enum ErrorNumber: Int16, CaseIterable, Error, Sendable {
    case badJSON = 1
    case lineTooLong = 2
    case unknownOperation = 3
    case badArgument = 4
    case forbidden = 5
    case protocolMismatch = 6
    case needHello = 7
    case anonymousClient = 8
    case tooManyClients = 9
    case cursorAhead = 10
    case logChanged = 11
    case notReady = 12
    case busy = 13
    case badState = 14
    case noCamera = 15
    case deadlineImpossible = 16
    case unknownConsumer = 17
    case outOfRange = 18
    case notFound = 19
    case diskFull = 20
    case storageError = 21
    case recipeUnknown = 22
    case modelInvalid = 23
    case insufficientSamples = 24
    case goldenFailed = 25
    case configInvalid = 26
    case rateLimited = 27
    case shuttingDown = 28
    case `internal` = 30

    /// The name that stands in the line, at most 24 characters.
    public var code: StaticString { entry.code }

    /// What to do, as the protocol prints it.
    public var remedy: StaticString { entry.remedy }

    /// Whether the same request may succeed later: only then `retry` is above 0.
    public var isTransient: Bool {
        switch self {
        case .notReady, .busy, .diskFull, .rateLimited, .shuttingDown, .tooManyClients: true
        default: false
        }
    }

    private var entry: (code: StaticString, remedy: StaticString) {
        switch self {
        case .badJSON: ("bad_json", "fix the client; the connection stays open, 10 in a row close it")
        case .lineTooLong: ("line_too_long", "connection is closed; shorten the request")
        case .unknownOperation: ("unknown_op", "check `minor` or `describe`")
        case .badArgument: ("bad_arg", "see `key`; ranges in 4.1")
        case .forbidden: ("forbidden", "use the right socket or `[access]`")
        case .protocolMismatch: ("proto_mismatch", "`a`..`b` are; update the client")
        case .needHello: ("need_hello", "send `hello` first")
        case .anonymousClient: ("anon_client", "reconnect without `anon`")
        case .tooManyClients: ("too_many_clients", "close a connection; closed")
        case .cursorAhead: ("cursor_ahead", "wrong log or restored PLC data: read `hello` again")
        case .logChanged: ("log_changed", "resynchronise, 10.3")
        case .notReady: ("not_ready", "wait `retry`, or `recipe`/`reset`")
        case .busy: ("busy", "wait `retry` ms; slow the line or raise `queue`")
        case .badState: ("bad_state", "see section 8")
        case .noCamera: ("no_camera", "restore the camera; `linewatch doctor`")
        case .deadlineImpossible: ("deadline_impossible", "ask for at least `a`")
        case .unknownConsumer: ("unknown_consumer", "`consumer.list`")
        case .outOfRange: ("out_of_range", "restart from `a`; numbers before it are gone")
        case .notFound: ("not_found", "it was aged out")
        case .diskFull: ("disk_full", "free space; parts must be rejected")
        case .storageError: ("storage_error", "`linewatch doctor`; look at the medium")
        case .recipeUnknown: ("recipe_unknown", "`linewatch recipe list`")
        case .modelInvalid: ("model_invalid", "rebuild or re-install the package")
        case .insufficientSamples: ("insufficient_samples", "teach more, or accept a higher rate")
        case .goldenFailed: ("golden_failed", "see the report; `--force` does not exist")
        case .configInvalid: ("config_invalid", "message has file:line:column")
        case .rateLimited: ("rate_limited", "wait `retry`")
        case .shuttingDown: ("shutting_down", "reconnect")
        case .internal: ("internal", "report with the journal entry; counted")
        }
    }
}

/// Why the server ends a connection (LWP/1, 5.4).
public enum FarewellReason: UInt8, CaseIterable, Sendable {
    case helloTimeout = 1
    case halfLine, slow, shuttingDown, replaced, protocolErrors

    /// The name that stands in the line.
    public var code: StaticString {
        switch self {
        case .helloTimeout: "hello_timeout"
        case .halfLine: "half_line"
        case .slow: "slow"
        case .shuttingDown: "shutting_down"
        case .replaced: "replaced"
        case .protocolErrors: "protocol_errors"
        }
    }
}
