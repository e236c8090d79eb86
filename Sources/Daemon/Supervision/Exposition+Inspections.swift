import Configuration
import EventStorage
import Events
import Inspection
import Sockets
import Synchronization

extension Exposition {
    /// What judges: by which model, taught or by words alone.
    func models(_ page: inout ExpositionPage) {
        page.family(
            "model_info", "gauge", "1 for the model that judges.",
            inspections.filter { $0.model != 0 }.map {
                ("inspect=\"\($0.settings.name)\",model=\"\($0.digest.prefix(12))\"", 1)
            })
        page.family(
            "inspection_head", "gauge",
            "What judges: 0 nothing, 1 the words of the class, 2 what was taught.",
            inspections.map { inspection in
                let head: Double = inspection.product != nil ? 2 : inspection.zeroShot != nil ? 1 : 0
                return ("inspect=\"\(inspection.settings.name)\"", inspection.failure == nil ? head : 0)
            })
    }

    /// Who asks at the sockets.
    func clients(_ page: inout ExpositionPage) {
        guard let counters = core.clients.withLock({ $0 })?() else { return }
        page.one(
            "clients", "gauge", "Connections that are open.", Double(counters.clients.values.reduce(0, +)))
        page.one(
            "clients_total", "counter", "Connections that were accepted.",
            Double(counters.connections.values.reduce(0, +)))
        page.family(
            "errors_total", "counter", "Error lines that were sent.",
            counters.errors.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                ("code=\"\($0.key.rawValue)\"", Double($0.value))
            })
        page.one(
            "protocol_errors_total", "counter", "Lines that broke the protocol.",
            Double(counters.protocolErrors))
        page.one(
            "role_denied_total", "counter", "What was refused for who asked.", Double(counters.rolesDenied))
    }

    func thresholds(_ page: inout ExpositionPage) {
        func family(_ name: String, _ help: String, _ value: (ActiveInspection) -> Double?) {
            page.family(
                name, "gauge", help,
                inspections.compactMap { inspection in
                    value(inspection).map { ("inspect=\"\(inspection.settings.name)\"", $0) }
                })
        }
        family("threshold_raw", "The limit in the model's own units.") {
            $0.threshold.map { Double($0.limit) }
        }
        family("score_median", "That of good parts, in the model's own units.") {
            $0.threshold.map { Double($0.median) }
        }
        family("drift_p", "How likely the newest scores are those of the calibration; where that was tested.")
        {
            figures.driftProbabilities[$0.settings.name]
        }
        family("shadow_disagree_total", "Parts that the candidate would have judged otherwise.") {
            figures.disagreements[$0.settings.name].map(Double.init)
        }
        family("calibration_level", "0 none, 1 provisional, 2 calibrated.") {
            Double($0.threshold?.level.rawValue ?? 0)
        }
        family("calibration_parts", "Good parts that are known.") { Double($0.goodParts.sample.count) }
        family("false_reject_bound_ppm", "Upper bound of the false-reject rate; calibrated only.") {
            inspection in
            guard inspection.threshold?.level == .calibrated else { return nil }
            return inspection.calibration?.boundPPM.map(Double.init)
        }
    }
}
