import Events

/// A checked request of role admin that the station carries out (LWP/1, 4.3).
public enum AdminRequest: Equatable, Sendable {
    case configShow
    case configCheck(toml: String)
    case configReload
    case cameraList
    case cameraProbe(CameraName)
    case cameraSnap(CameraName)
    case teachStart(inspect: String, kind: TeachKind)
    case teachAdd(set: Int32?, frame: TeachFrame)
    case teachStatus(set: Int32?)
    case teachCommit(set: Int32)
    case teachAbort(set: Int32)
    case thresholdShow(inspect: String)
    case thresholdExplain(inspect: String)
    case thresholdSet(inspect: String, Threshold)
    case modelList
    case modelPut(model: String, Piece)
    case modelVerify(model: String, inspect: String?)
    case modelShadow(model: String, inspect: String?)
    case modelActivate(model: String, inspect: String?)
    case modelRollback(inspect: String)
    case classSet(inspect: String, ClassWords?)
    case classTry(CameraName, ClassWords)
    case typeList
    case typeShow(UInt16)
    case typeName(UInt16, name: String)
    case typeMerge([UInt16])
    case typeSplit(UInt16, seqs: [UInt64])
    case typeForget(UInt16)
    case typeApplyPiece(Piece)
    case typeApplyProposal(Int32)
    case imageGet(StoredImage)
    case storeStat
    case metrics
    case logLevel(String)
    case halt
    case resume

    public enum TeachKind: String, Sendable { case reference, calibration }

    public enum TeachFrame: Equatable, Sendable {
        /// The frame of a record.
        case seq(UInt64)
        /// The next frame that comes.
        case next
    }

    public enum Threshold: Equatable, Sendable {
        /// In the model's own units.
        case raw(Double)
        /// Good parts of a million that may be rejected.
        case ppm(UInt32)
    }

    public enum StoredImage: Equatable, Sendable {
        case image(Int64)
        case seq(UInt64)
    }

    /// Part of an upload.
    public struct Piece: Equatable, Sendable {
        /// Where the bytes begin, and how many bytes the whole has.
        public var offset: UInt32
        public var size: UInt32
        /// SHA-256 of the whole, 64 hexadecimal digits.
        public var sha256: String
        /// At most 24,000 characters of base64, not yet decoded.
        public var base64: String
    }

    /// What a class is called and how its good and bad parts are described.
    public struct ClassWords: Equatable, Sendable {
        public var className: String
        /// Synonyms beside it.
        public var moreNames: [String]
        public var good: [String]
        public var bad: [String]
    }
}

extension AdminRequest {
    /// `values` have passed the table of `operation`; throws 4 `bad_arg` where keys contradict each other.
    init(_ operation: Operation, _ values: Arguments, id: UInt32) throws(ErrorLine) {
        let inspect = values.text("inspect")
        switch operation {
        case .configShow: self = .configShow
        case .configCheck: self = .configCheck(toml: values.text("toml"))
        case .configReload: self = .configReload
        case .cameraList: self = .cameraList
        case .cameraProbe: self = .cameraProbe(values.camera ?? .number(1))
        case .cameraSnap: self = .cameraSnap(values.camera ?? .number(1))
        case .teachStart:
            self = .teachStart(inspect: inspect, kind: TeachKind(rawValue: values.text("kind")) ?? .reference)
        case .teachAdd:
            let isNext = try values.one(of: ["seq", "next"], id: id) == "next"
            self = .teachAdd(set: values.optional("set"), frame: isNext ? .next : .seq(values.number("seq")))
        case .teachStatus: self = .teachStatus(set: values.optional("set"))
        case .teachCommit: self = .teachCommit(set: values.number("set"))
        case .teachAbort: self = .teachAbort(set: values.number("set"))
        case .thresholdShow: self = .thresholdShow(inspect: inspect)
        case .thresholdExplain: self = .thresholdExplain(inspect: inspect)
        case .thresholdSet:
            let isRaw = try values.one(of: ["raw", "ppm"], id: id) == "raw"
            self = .thresholdSet(
                inspect: inspect, isRaw ? .raw(values.double("raw")) : .ppm(values.number("ppm")))
        case .classSet:
            self = .classSet(inspect: inspect, values.hasWords ? try ClassWords(values, id: id) : nil)
        case .classTry: self = .classTry(values.camera ?? .number(1), try ClassWords(values, id: id))
        case .imageGet:
            let isImage = try values.one(of: ["img", "seq"], id: id) == "img"
            self = .imageGet(isImage ? .image(values.number("img")) : .seq(values.number("seq")))
        case .storeStat: self = .storeStat
        case .logLevel: self = .logLevel(values.text("level"))
        case .halt: self = .halt
        case .resume: self = .resume
        default: self = try Self.ofModelsAndTypes(operation, values, id: id)
        }
    }

    private static func ofModelsAndTypes(
        _ operation: Operation, _ values: Arguments, id: UInt32
    ) throws(ErrorLine) -> AdminRequest {
        let model = values.text("model")
        let inspect = values["inspect"]?.text
        switch operation {
        case .modelList: return .modelList
        case .modelPut: return .modelPut(model: model, Piece(values))
        case .modelVerify: return .modelVerify(model: model, inspect: inspect)
        case .modelShadow: return .modelShadow(model: model, inspect: inspect)
        case .modelActivate: return .modelActivate(model: model, inspect: inspect)
        case .modelRollback: return .modelRollback(inspect: values.text("inspect"))
        case .typeList: return .typeList
        case .typeShow: return .typeShow(values.number("type"))
        case .typeName: return .typeName(values.number("type"), name: values.text("name"))
        case .typeMerge: return .typeMerge(values.numbers("types"))
        case .typeSplit: return .typeSplit(values.number("type"), seqs: values.numbers("seqs"))
        case .typeForget: return .typeForget(values.number("type"))
        case .typeApply:
            guard try values.one(of: ["proposal", "b64"], id: id) == "b64" else {
                return .typeApplyProposal(values.number("proposal"))
            }
            for key in ["off", "size", "sha256"] where values[key] == nil {
                throw .badArgument(id: id, key: key, "a piece needs 'off', 'size', 'sha256' and 'b64'")
            }
            return .typeApplyPiece(Piece(values))
        default: return .metrics
        }
    }
}

extension AdminRequest.Piece {
    fileprivate init(_ values: Arguments) {
        (offset, size) = (values.number("off"), values.number("size"))
        (sha256, base64) = (values.text("sha256"), values.text("b64"))
    }
}

extension AdminRequest.ClassWords {
    fileprivate init(_ values: Arguments, id: UInt32) throws(ErrorLine) {
        guard values["class_name"] != nil else {
            throw .badArgument(id: id, key: "class_name", "a class needs its name")
        }
        className = values.text("class_name")
        moreNames = values.texts("more_names")
        (good, bad) = (values.texts("good_words"), values.texts("bad_words"))
    }
}

extension Arguments {
    fileprivate var hasWords: Bool {
        ["class_name", "more_names", "good_words", "bad_words"].contains { self[$0] != nil }
    }

    fileprivate func double(_ key: String) -> Double {
        if case .number(let value) = self[key] { return value }
        return Double(integer(key))
    }

    /// The one of `keys` that is there; throws 4 `bad_arg` where none or several are.
    fileprivate func one(of keys: [String], id: UInt32) throws(ErrorLine) -> String {
        let present = keys.filter { self[$0] != nil }
        guard present.count == 1 else {
            throw .badArgument(
                id: id, key: present.last ?? keys[0], "exactly one of: " + keys.joined(separator: ", "))
        }
        return present[0]
    }
}
