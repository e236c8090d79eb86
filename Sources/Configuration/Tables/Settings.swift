/// Everything that an operator can set: the settings file with defaults, as OPERATIONS section 1 lists it.
package struct Settings: SettingTable {
    package var station = StationSettings()
    package var clock = ClockSettings()
    package var camera: [CameraSettings] = []
    package var inspect: [InspectionSettings] = []
    package var recipe: [RecipeSettings] = []
    package var infer = InferenceSettings()
    package var model = ModelSettings()
    package var drift = DriftSettings()
    package var store = StoreSettings()
    package var images = ImageSettings()
    package var plc = PLCSettings()
    package var admin = AdminSettings()
    package var access = AccessSettings()
    package var metrics = MetricsSettings()
    package var log = LogSettings()

    package init() {}

    package static let settings: [Setting<Settings>] = [
        .table("station", \.station),
        .table("clock", \.clock),
        .tables("camera", \.camera, 1...32),
        .tables("inspect", \.inspect, 0...512),
        .tables("recipe", \.recipe, 0...65_535),
        .table("infer", \.infer),
        .table("model", \.model),
        .table("drift", \.drift),
        .table("store", \.store),
        .table("images", \.images),
        .table("plc", \.plc),
        .table("admin", \.admin),
        .table("access", \.access),
        .table("metrics", \.metrics),
        .table("log", \.log),
    ]

    /// The description of the whole file, made once.
    package static let file = description

    /// Defaults whose folders are those of `folders`.
    package static func standard(in folders: ServiceFolders) -> Settings {
        var settings = Settings()
        settings.model.path = ["\(folders.state)/models", "/usr/share/linewatch/models"]
        settings.store.dir = folders.state
        settings.plc.socket = "\(folders.runtime)/plc.sock"
        settings.admin.socket = "\(folders.runtime)/admin.sock"
        settings.metrics.textfile = "\(folders.runtime)/metrics.prom"
        return settings
    }
}

/// The two folders that the defaults refer to.
package struct ServiceFolders: Hashable, Sendable {
    /// Sockets, metrics, the marker of the synchronised clock.
    package var runtime = "/run/linewatch"
    /// The event log, taught models, thresholds.
    package var state = "/var/lib/linewatch"

    package init() {}
}
