extension EventCode {
    /// The name of the protocol's table (LWP/1, 5.2).
    public var name: StaticString { entry.name }

    /// What `a` and `b` mean, as far as the code gives them a meaning.
    public var numbers: [String] { entry.numbers }

    private var entry: (name: StaticString, numbers: [String]) {
        switch self {
        case .runStarted: ("run_started", ["run"])
        case .runStopped: ("run_stopped", ["reason"])
        case .uncleanStopRecovered: ("unclean_stop_recovered", ["jobs closed", "numbers skipped"])
        case .configChanged: ("config_changed", ["old cfg", "new cfg"])
        case .configRejected: ("config_rejected", ["line"])
        case .clockStep: ("clock_step", ["ms"])
        case .clockUnsynced: ("clock_unsynced", [])
        case .clockSynced: ("clock_synced", [])
        case .safeMode: ("safe_mode", ["crashes in window"])
        case .cameraLost: ("camera_lost", ["errno"])
        case .cameraBack: ("camera_back", ["ms away", "attempts"])
        case .cameraStalled: ("camera_stalled", ["ms"])
        case .framesLost: ("frames_lost", ["count", "driver seq"])
        case .formatChanged: ("format_changed", [])
        case .wrongCamera: ("wrong_camera", [])
        case .incompleteFrame: ("incomplete_frame", ["lines_valid", "lines"])
        case .encoderLost: ("encoder_lost", [])
        case .exposureBad: ("exposure_bad", [])
        case .diskLow: ("disk_low", ["MiB"])
        case .diskFull: ("disk_full", [])
        case .diskOK: ("disk_ok", [])
        case .consumerOverrun: ("consumer_overrun", ["records"])
        case .logRecreated: ("log_recreated", [])
        case .fsyncSlow: ("fsync_slow", ["p99 ms"])
        case .imagesDropped: ("images_dropped", ["count"])
        case .overloadBegin: ("overload_begin", ["queue"])
        case .overloadEnd: ("overload_end", ["refused", "ms"])
        case .scoreDrift: ("score_drift", ["p x 10^6", "n"])
        case .clusterNew: ("cluster_new", ["cluster"])
        case .defectRun: ("defect_run", ["strips"])
        case .recipeChanged: ("recipe_changed", [])
        case .modelActivated: ("model_activated", [])
        case .modelRolledBack: ("model_rolled_back", ["cause"])
        case .thresholdChanged: ("threshold_changed", ["old x 10^4", "new x 10^4"])
        case .teachCommitted: ("teach_committed", ["parts"])
        case .shadowReport: ("shadow_report", ["disagree", "n"])
        case .calibrationWeak: ("calibration_weak", ["ppm asked", "good parts missing"])
        case .clientLost: ("client_lost", [])
        case .handshakeTimeout: ("handshake_timeout", [])
        case .clientReplaced: ("client_replaced", [])
        case .roleDenied: ("role_denied", ["uid"])
        case .rolesDisabled: ("roles_disabled", [])
        }
    }
}

extension Reason {
    /// The name of the protocol's table (LWP/1, 5.5).
    public var name: StaticString {
        switch self {
        case .none: "none"
        case .noImage: "no_image"
        case .deadline: "deadline"
        case .queueFull: "queue_full"
        case .incomplete: "incomplete"
        case .cameraLost: "camera_lost"
        case .frameLost: "frame_lost"
        case .badBuffer: "bad_buffer"
        case .modelNotReady: "model_not_ready"
        case .stopped: "stopped"
        case .uncleanStop: "unclean_stop"
        case .imageQuality: "image_quality"
        case .notAligned: "not_aligned"
        case .encoderLost: "encoder_lost"
        case .internal: "internal"
        case .inBand: "in_band"
        case .debounce: "debounce"
        case .modelsDisagree: "models_disagree"
        case .uncalibrated: "uncalibrated"
        case .driftHold: "drift_hold"
        case .anomaly: "anomaly"
        case .knownCluster: "known_cluster"
        case .newCluster: "new_cluster"
        }
    }
}

extension RecordFlags {
    /// The meaning of each bit that the protocol uses, bit 0 first (LWP/1, 5.6).
    public static let meanings: [StaticString] = [
        "partial", "simulated source", "historical", "deadline missed", "clock not synchronised",
        "not yet durable", "threshold not calibrated", "station degraded", "more than one box", "debounced",
        "duplicate image hash",
    ]
}

extension Verdict {
    public var name: StaticString {
        switch self {
        case .ok: "OK"
        case .ng: "NG"
        case .unsure: "UNSURE"
        case .invalid: "INVALID"
        }
    }
}
