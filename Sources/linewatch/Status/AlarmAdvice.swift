import Events

/// One alarm that is set: its bit, what it is called, and what to do.
package struct AlarmRow: Hashable, Encodable, Sendable {
    package let bit: Int
    package let name: String
    package let remedy: String

    /// The alarms of the word `bits`, the lowest bit first. A bit that this version does not know is named by its
    /// number.
    package static func all(in bits: UInt32) -> [AlarmRow] {
        (0..<32).filter { bits & 1 << UInt32($0) != 0 }.map { bit in
            let isKnown = bit < Alarms.meanings.count
            return AlarmRow(
                bit: bit, name: isKnown ? Alarms.meanings[bit].description : "alarm \(bit)",
                remedy: isKnown
                    ? remedy(Alarms(rawValue: 1 << UInt32(bit))) : "Update linewatch, which is older.")
        }
    }

    private static func remedy(_ alarm: Alarms) -> String {
        switch alarm {
        case .cameraLost: "Check the cable and the power of the camera; 'linewatch doctor' says which."
        case .cameraStalled:
            "Check exposure, trigger and bandwidth of the camera; it is opened anew by itself."
        case .diskLow: "Make room on the disk of the state folder; pictures are not kept until then."
        case .diskFull: "Make room on the disk of the state folder: nothing is OK until then."
        case .storeSlow: "Use a faster disk, or longer deadlines; 'linewatch doctor' measures the disk."
        case .overload: "Slow the line, or take inspections away: parts come faster than they are judged."
        case .uncalibrated: "Confirm good parts until the rate is supported: 'linewatch threshold explain'."
        case .scoreDrift:
            "Look at the newest pictures; if parts have changed, teach again, then 'linewatch reset'."
        case .clockNotSynchronised:
            "Start a time service, such as systemd-timesyncd; times are not to be trusted."
        case .consumerOverrun: "A reader was too slow and lost records: 'linewatch consumer list'."
        case .clientLost: "The control program fell silent: check it and its connection."
        case .modelProbation:
            "Wait until the probation ends, or 'linewatch model rollback': 'linewatch model list'."
        case .configRejected: "Correct the settings, which were refused: 'linewatch config check'."
        case .safeMode: "Read 'journalctl -u linewatchd' for the crashes, then 'linewatch resume'."
        case .imagesOff: "Make room on the disk of the state folder; pictures are not kept until then."
        case .encoderLost: "Check the encoder and its cable: positions are not known."
        default: "Update linewatch, which is older."
        }
    }
}

/// The states of the station in words.
package enum StateWords {
    /// A word for `state`, and what to do where it is not the usual one.
    package static func describe(_ state: Int) -> (word: String, remedy: String?) {
        switch UInt8(exactly: state).flatMap(StationState.init(rawValue:)) {
        case .preoperational: ("starting", "Wait: it is loading its models.")
        case .halted: ("halted", "Say 'linewatch resume' to inspect again.")
        case .error: ("error", "Remove the cause that the alarms name, then 'linewatch reset'.")
        case .ready: ("ready", nil)
        case .single: ("inspecting", nil)
        case .continuous: ("running", nil)
        case .initialized:
            ("no recipe", "Choose one: 'linewatch recipe list', then 'linewatch recipe use ID'.")
        case nil: ("state \(state)", "Update linewatch, which is older.")
        }
    }
}
