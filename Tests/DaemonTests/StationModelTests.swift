import Daemon
import Events
import Sockets
import Testing

@Suite("the state of the station")
struct StationModelTests {
    @Test("is the protocol's number of where it is in its life")
    func states() {
        var model = StationModel()
        #expect(model.state(isArmed: false, hasPending: false) == .preoperational && !model.isRunning)
        let fixed: [(StationModel.Phase, StationState)] = [
            (.starting, .preoperational), (.halted, .halted), (.failed, .error),
            (.withoutRecipe, .initialized),
        ]
        for (phase, state) in fixed {
            model.phase = phase
            for isArmed in [false, true] {
                #expect(model.state(isArmed: isArmed, hasPending: true) == state && !model.isRunning)
            }
        }
        model.phase = .ready
        #expect(model.state(isArmed: false, hasPending: false) == .ready)
        #expect(model.state(isArmed: false, hasPending: true) == .single)
        #expect(model.state(isArmed: true, hasPending: false) == .continuous)
        #expect(model.state(isArmed: true, hasPending: true) == .continuous)
        #expect(model.isRunning)
        model.isStopping = true
        #expect(!model.isRunning)
    }

    @Test("a safe mode ends after an hour without a crash, and nothing else does so by itself")
    func safeMode() {
        var model = StationModel()
        let hour = 3_600_000_000_000
        (model.phase, model.isSafeMode) = (.halted, true)
        #expect(!model.isSafeModeOver(upNanoseconds: hour - 1) && model.isSafeModeOver(upNanoseconds: hour))
        model.isSafeMode = false
        #expect(!model.isSafeModeOver(upNanoseconds: 10 * hour), "halted by an operator")
        (model.phase, model.isSafeMode) = (.starting, true)
        #expect(!model.isSafeModeOver(upNanoseconds: hour), "another call ends it already")
    }

    @Test("shows alarms that stay, alarms that come and go, and the safe mode together")
    func alarms() {
        var model = StationModel()
        #expect(model.alarms.isEmpty)
        model.latched = [.clientLost]
        model.present = [.overload, .diskLow]
        #expect(model.alarms == [.clientLost, .overload, .diskLow])
        model.isSafeMode = true
        model.present = []
        #expect(model.alarms == [.clientLost, .safeMode])
    }
}
