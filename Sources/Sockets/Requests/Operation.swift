/// Every operation of the protocol (LWP/1, section 4).
public enum Operation: String, CaseIterable, Sendable {
    case hello, describe
    case ping, poll, sub, unsub, ack, trigger, state, stats, get, watch
    case recipe, arm, disarm, reset, mark
    case configShow = "config.show"
    case configCheck = "config.check"
    case configReload = "config.reload"
    case cameraList = "camera.list"
    case cameraProbe = "camera.probe"
    case cameraSnap = "camera.snap"
    case teachStart = "teach.start"
    case teachAdd = "teach.add"
    case teachStatus = "teach.status"
    case teachCommit = "teach.commit"
    case teachAbort = "teach.abort"
    case thresholdShow = "threshold.show"
    case thresholdExplain = "threshold.explain"
    case thresholdSet = "threshold.set"
    case modelList = "model.list"
    case modelPut = "model.put"
    case modelVerify = "model.verify"
    case modelShadow = "model.shadow"
    case modelActivate = "model.activate"
    case modelRollback = "model.rollback"
    case classSet = "class.set"
    case classTry = "class.try"
    case typeList = "type.list"
    case typeShow = "type.show"
    case typeName = "type.name"
    case typeMerge = "type.merge"
    case typeSplit = "type.split"
    case typeForget = "type.forget"
    case typeApply = "type.apply"
    case consumerList = "consumer.list"
    case consumerDrop = "consumer.drop"
    case imageGet = "image.get"
    case storeStat = "store.stat"
    case storeExport = "store.export"
    case metrics
    case logLevel = "log.level"
    case halt, resume

    /// The least role that may ask for it.
    public var role: Role {
        switch self {
        case .hello, .describe, .ping, .poll, .sub, .unsub, .ack, .trigger, .state, .stats, .get, .watch: .plc
        case .recipe, .arm, .disarm, .reset, .mark: .operator
        default: .admin
        }
    }

    /// Answered only to connections of profile full.
    public var needsFullProfile: Bool {
        switch self {
        case .describe, .get: true
        default: role == .admin
        }
    }
}

/// What a peer may do (LWP/1, section 2); a higher role may do all of a lower one.
public enum Role: UInt8, CaseIterable, Comparable, Sendable {
    case plc = 1
    case `operator` = 2
    case admin = 3

    public static func < (a: Role, b: Role) -> Bool { a.rawValue < b.rawValue }
}

/// One argument of an operation: its key and what it may be.
public struct Argument: Equatable, Sendable {
    public let key: String
    public let kind: Kind
    public let isRequired: Bool
    /// What an absent argument means, where it is a number.
    public let standard: Int64?

    public enum Kind: Equatable, Sendable {
        case integer(ClosedRange<Int64>)
        /// Any finite number.
        case number
        /// At most so many bytes of UTF-8, and at least `least`.
        case text(least: Int, most: Int)
        /// 1...24 of a-z, 0-9, underscore and hyphen.
        case consumerName
        /// Exactly so many lower-case hexadecimal digits.
        case hexadecimal(digits: Int)
        /// A camera's number, in profile full also its name.
        case camera(least: Int64)
        /// One of these words.
        case word([String])
        /// Strings of 1 to 100 bytes, at most so many.
        case texts(most: Int)
        /// Log numbers or type numbers, at most so many.
        case integers(ClosedRange<Int64>, most: Int)
    }

    /// An argument that may be absent.
    public static func optional(_ key: String, _ kind: Kind, _ standard: Int64? = nil) -> Argument {
        Argument(key: key, kind: kind, isRequired: false, standard: standard)
    }

    /// An argument that must be there.
    public static func required(_ key: String, _ kind: Kind) -> Argument {
        Argument(key: key, kind: kind, isRequired: true, standard: nil)
    }
}
