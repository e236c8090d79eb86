import Events
import FoundationEssentials
import Sockets

// What the scripted station answers to admins: two cameras, two inspections, and a picture for every number.

extension ScriptedStation {
    static let model = String(repeating: "a1b2c3d4", count: 8)
    static let previous = String(repeating: "0f1e2d3c", count: 8)

    /// The answers of one moment; what changes something only looks as if it did.
    static func answer(_ request: AdminRequest) throws(Refusal) -> AdminReply {
        switch request {
        case .cameraList: return .ok([JSONMember("cameras", .array([top, side]))])
        case .configShow:
            return .ok([
                JSONMember("cfg", .integer(48_211)),
                JSONMember("files", .array([.text("/etc/linewatch/linewatch.toml")])),
                JSONMember("text", .text(settings)),
            ])
        case .configReload:
            return .ok([
                JSONMember("cfg", .integer(7)), JSONMember("restart", .array([.text("infer.threads")])),
            ])
        case .modelList:
            return .ok([
                JSONMember("models", .array([])),
                JSONMember(
                    "inspections",
                    .array([inspection("weld", "provisional"), inspection("seam", "calibrated")])),
            ])
        case .modelActivate(_, let inspect), .modelShadow(_, let inspect):
            return .ok([
                JSONMember("inspect", .text(inspect ?? "")), JSONMember("model", .text(model)),
                JSONMember("shadow", .text(model)),
            ])
        case .modelRollback(let inspect):
            return .ok([
                JSONMember("inspect", .text(inspect)), JSONMember("model", .text(previous)),
                JSONMember("level", .text("provisional")),
            ])
        case .storeStat:
            let numbers: [(String, Int64)] = [
                ("records", 5_833), ("first", 1), ("last", 5_833), ("bytes", 12_000_000),
                ("images_bytes", 230_000_000),
                ("free_bytes", 12_300_000_000), ("fsync_p50_us", 200), ("fsync_p99_us", 900), ("pending", 0),
                ("lost", 0),
            ]
            return .ok(
                numbers.map { JSONMember($0.0, .integer($0.1)) } + [JSONMember("condition", .text("ok"))])
        case .thresholdShow(let inspect): return .ok(try threshold(inspect))
        case .thresholdExplain(let inspect): return .ok(try threshold(inspect) + explanation)
        case .thresholdSet(let inspect, .ppm(let ppm)):
            guard ppm >= 1_000 else {
                throw Refusal(
                    .insufficientSamples, a: 2_995, b: 612, message: "teach more, or accept a higher rate")
            }
            return .ok(try threshold(inspect))
        case .thresholdSet(let inspect, .raw): return .ok(try threshold(inspect))
        case .imageGet(.seq(let seq)):
            // The first hundred were never kept.
            guard seq > 100, let bytes = Data(base64Encoded: picture) else { throw Refusal(.notFound) }
            return .blob(Array(bytes))
        case .metrics: return .blob(Array("linewatch_ready 1\n".utf8))
        default: throw Refusal(.notFound, message: "this station is scripted and has no such thing")
        }
    }

    private static let top = camera(1, "top", "streaming", "", fps: 29.97)
    private static let side = camera(2, "side", "lost", "unplugged", fps: 0)

    private static func camera(
        _ id: Int64, _ name: String, _ state: String, _ reason: String, fps: Double
    ) -> JSONValue {
        .object([
            JSONMember("id", .integer(id)), JSONMember("name", .text(name)),
            JSONMember("source", .text("v4l2")),
            JSONMember("kind", .text("area")), JSONMember("trigger", .text("free")),
            JSONMember("armed", .integer(1)),
            JSONMember("state", .text(state)), JSONMember("reason", .text(reason)),
            JSONMember("since_ms", .integer(now - 65_000)), JSONMember("device", .text("/dev/video0")),
            JSONMember("format", .text("GREY")), JSONMember("width", .integer(1_280)),
            JSONMember("height", .integer(1_024)), JSONMember("fps", .number(fps)),
            JSONMember("frames", .integer(5_901)), JSONMember("lost", .integer(2)),
            JSONMember("refused", .integer(0)),
        ])
    }

    private static func inspection(_ name: String, _ level: String) -> JSONValue {
        .object([
            JSONMember("inspect", .text(name)), JSONMember("model", .text(model)),
            JSONMember("previous", .text(previous)), JSONMember("shadow", .text("")),
            JSONMember("probation_parts", .integer(340)), JSONMember("probation_s", .integer(720)),
            JSONMember("level", .text(level)),
        ])
    }

    private static func threshold(_ inspect: String) throws(Refusal) -> [JSONMember] {
        guard inspect == "weld" || inspect == "seam" else {
            throw Refusal(.notFound, message: "there is no such inspection")
        }
        let isCalibrated = inspect == "seam"
        let members = [
            JSONMember("inspect", .text(inspect)),
            JSONMember("level", .text(isCalibrated ? "calibrated" : "provisional")),
            JSONMember("model", .text(String(model.prefix(12)))), JSONMember("calib", .integer(3)),
            JSONMember("limit", .number(0.4125)), JSONMember("median", .number(0.25)),
            JSONMember("parts", .integer(isCalibrated ? 612 : 8)), JSONMember("mode", .text("ok_only")),
            JSONMember("asked_ppm", .integer(5_000)), JSONMember("missing", .integer(isCalibrated ? 0 : 590)),
        ]
        guard isCalibrated else { return members }
        return members + [
            JSONMember("ppm", .integer(5_000)), JSONMember("bound_ppm", .integer(4_883)),
            JSONMember("confidence", .number(0.95)),
        ]
    }

    private static let explanation: [JSONMember] = [
        JSONMember("rejects", .integer(0)), JSONMember("intervals", .integer(2)),
        JSONMember("supported_ppm", .null),
        JSONMember("needed", .integer(598)),
        JSONMember(
            "histogram",
            .array([
                .array([.number(0.2), .number(0.3), .integer(6)]),
                .array([.number(0.3), .number(0.4), .integer(1)]),
                .array([.number(0.4), .number(0.5), .integer(1)]),
            ])),
        JSONMember(
            "highest", .array([.object([JSONMember("score", .number(0.41)), JSONMember("ts", .integer(0))])])),
        JSONMember("one_more", .number(0.42)), JSONMember("one_less", .number(0.39)),
        JSONMember("note", .text("")),
    ]

    private static let settings =
        #"{"inspect":[{"name":"weld"},{"name":"seam"}],"recipe":[{"id":1,"inspect":["weld"],"#
        + #""name":"default"},{"id":2,"inspect":["weld","seam"],"name":"both"}]}"#

    /// A PNG of 32x24: grey, with a red spot.
    private static let picture =
        "iVBORw0KGgoAAAANSUhEUgAAACAAAAAYCAIAAAAUMWhjAAAAi0lEQVR42mOwsbFxcHBwcXHx8PDw8fEJCAgICQmJiIiIiYlJ"
        + "SEhISUnJyMjIyckpKCgoKSmpqKioqalpaGhoaWnp6Ojo6emZMGHClClTZsyYMWfOnAULFixZsmTFihVr1qzZsGHDli1bduzY"
        + "wTBqwagFw9yC/xoMcDRqwcBYMJpMRy0YtWDUAipZAAD0SkFNA8z6nQAAAABJRU5ErkJggg=="
}
