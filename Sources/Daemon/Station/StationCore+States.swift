import Configuration
import Events
import Sockets
import Synchronization

extension StationCore {
    /// Leads to state 2 for `error`: what is under way ends by itself, nothing new is taken.
    func fail(_ error: ErrorNumber) {
        for unit in units { arm(unit, false) }
        update { model in
            guard model.phase == .ready else { return }
            (model.phase, model.error) = (.failed, error.rawValue)
        }
    }

    /// Enters state 3, or 5 where the recipe has cameras that are armed from the start.
    func run(recipe: UInt16) {
        update { model in
            (model.phase, model.error, model.recipe) = (.ready, 0, recipe)
            model.isSafeMode = false
        }
        for unit in units {
            unit.gate.recipe.store(recipe, ordering: .relaxed)
            arm(unit, unit.settings.arm && unit.source != .none)
        }
    }

    /// Alarm bits of cameras are set as long as any camera needs them, and all results say that the station is not whole.
    func updateCameraAlarms() {
        let units = units, lives = units.map(\.state)
        update { model in
            model.present.subtract([.cameraLost, .cameraStalled])
            if lives.contains(where: \.isLossSaid) { model.present.insert(.cameraLost) }
            if lives.contains(where: \.isStalled) { model.present.insert(.cameraStalled) }
        }
        let isDegraded = lives.contains(where: \.isLossSaid)
        for unit in units { unit.lane.say(.stationDegraded, isDegraded) }
    }

    /// Whether `camera` is there, and its number's bit.
    var presentCameras: UInt32 {
        units.reduce(0) { $1.state.isPresent ? $0 | 1 << (UInt32($1.id) - 1) : $0 }
    }
}
