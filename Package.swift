// swift-tools-version: 6.2
import PackageDescription

// The rooms of the house, lowest row first. A target imports only targets of lower rows;
// Tests/ArchitectureTests holds this file against that rule.

let swift: [SwiftSetting] = [
    .strictMemorySafety(),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "linewatch",
    products: [
        .executable(name: "linewatch", targets: ["linewatch"]),
        .executable(name: "linewatchd", targets: ["linewatchd"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/LebJe/TOMLKit", exact: "0.6.0"),
    ],
    targets: [
        // Row 0: C
        .target(
            name: "CKernels",
            cSettings: [.define("_GNU_SOURCE", .when(platforms: [.linux]))]
        ),
        .target(name: "CLinux"),
        .target(name: "CAllocationCounter"),
        .systemLibrary(
            name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(
            name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(
            name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .target(
            name: "CVideo4Linux",
            cSettings: [.define("_GNU_SOURCE", .when(platforms: [.linux]))],
            linkerSettings: [.linkedLibrary("v4l2")]
        ),

        // Row 1
        .target(name: "Platform", dependencies: ["CLinux"], swiftSettings: swift),
        .target(name: "Imaging", dependencies: ["CTurboJPEG", "CPNG"], swiftSettings: swift),
        .target(name: "Events", swiftSettings: swift),

        // Row 2
        .target(name: "Tensors", dependencies: ["Platform"], swiftSettings: swift),
        .target(
            name: "EventStorage",
            dependencies: ["Events", "Platform", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: swift),
        .target(
            name: "Sockets",
            dependencies: [
                "Events", "Platform", "CLinux",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: swift),
        .target(
            name: "Systemd",
            dependencies: ["CSystemd", .product(name: "Logging", package: "swift-log")],
            swiftSettings: swift),
        .target(name: "SimulatedLine", dependencies: ["Imaging", "Platform"], swiftSettings: swift),
        .target(name: "Configuration", dependencies: ["Imaging"], swiftSettings: swift),
        .target(name: "Evaluation", dependencies: ["Imaging", "Platform"], swiftSettings: swift),

        // Row 3
        .target(
            name: "Kernels", dependencies: ["CKernels", "Platform", "Tensors", "Imaging"],
            swiftSettings: swift),
        .target(
            name: "ModelPackages",
            dependencies: ["Tensors", "Platform", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: swift
        ),

        .target(
            name: "Capture",
            dependencies: ["CVideo4Linux", "CLinux", "SimulatedLine", "Imaging", "Platform"],
            swiftSettings: swift),

        // Row 4
        .target(
            name: "Inference", dependencies: ["CKernels", "CLinux", "Kernels", "Tensors", "Platform"],
            swiftSettings: swift),

        // Row 5
        .target(
            name: "AnomalyModels",
            dependencies: ["Inference", "Kernels", "ModelPackages", "Imaging", "Tensors", "Platform"],
            swiftSettings: swift
        ),

        // Row 6
        .target(
            name: "Training",
            dependencies: [
                "CKernels", "COpenBLAS", "AnomalyModels", "Evaluation", "Inference", "Kernels",
                "ModelPackages",
                "SimulatedLine", "Tensors", "Imaging", "Platform",
            ],
            swiftSettings: swift),
        .target(
            name: "Inspection",
            dependencies: [
                "AnomalyModels", "Inference", "Kernels", "ModelPackages", "Tensors", "Events", "Imaging",
                "Platform",
            ],
            swiftSettings: swift),

        // Row 7
        .target(
            name: "Daemon",
            dependencies: [
                "Inspection", "AnomalyModels", "Inference", "Kernels", "ModelPackages", "Capture",
                "SimulatedLine", "Configuration", "EventStorage", "Sockets", "Systemd", "Events", "Imaging",
                "Platform", .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: swift),

        // Row 8
        .executableTarget(
            name: "linewatch",
            dependencies: [
                "AnomalyModels", "Capture", "Configuration", "Evaluation", "EventStorage", "Events",
                "Inference", "Inspection",
                "Kernels", "Sockets",
                "ModelPackages", "SimulatedLine", "Tensors", "Training", "Imaging", "Platform",
                "CAllocationCounter",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            swiftSettings: swift
        ),

        .executableTarget(
            name: "linewatchd",
            dependencies: [
                "Daemon", "Configuration", "Systemd", "Platform",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swift),

        .executableTarget(
            name: "scripted-station",
            dependencies: [
                "Daemon", "EventStorage", "Events", "Sockets", "Platform",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/ScriptedStation", swiftSettings: swift),
        .testTarget(
            name: "StationTests", dependencies: ["linewatch", "scripted-station", "Events", "Sockets"],
            exclude: ["Clients"], swiftSettings: swift),
        .testTarget(
            name: "ServiceTests",
            dependencies: [
                "linewatch", "linewatchd", "Capture", "Events", "Imaging", "Kernels", "Sockets",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["Faults"], swiftSettings: swift),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Daemon", "Inspection", "AnomalyModels", "Inference", "Kernels", "ModelPackages", "Capture",
                "SimulatedLine", "Configuration",
                "EventStorage", "Events", "Imaging", "Sockets", "Systemd", "Platform", "CAllocationCounter",
            ],
            swiftSettings: swift),
        .testTarget(name: "ArchitectureTests", swiftSettings: swift),
        .testTarget(name: "PackagingTests", swiftSettings: swift),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "linewatch", "Imaging", "Inspection", "Platform",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swift),
        .testTarget(
            name: "PlatformTests", dependencies: ["Platform", "CAllocationCounter"], swiftSettings: swift),
        .testTarget(
            name: "SystemdTests",
            dependencies: ["Systemd", .product(name: "Logging", package: "swift-log")],
            swiftSettings: swift),
        .testTarget(
            name: "InspectionTests",
            dependencies: [
                "Inspection", "AnomalyModels", "Kernels", "ModelPackages", "Inference", "Events", "Imaging",
                "Platform", "CAllocationCounter",
            ],
            swiftSettings: swift),
        .testTarget(name: "EventsTests", dependencies: ["Events"], swiftSettings: swift),
        .target(
            name: "CPowerCut", path: "Tests/CPowerCut",
            cSettings: [.define("_GNU_SOURCE", .when(platforms: [.linux]))],
            linkerSettings: [.linkedLibrary("sqlite3")]),
        .executableTarget(
            name: "event-log-writer", dependencies: ["EventStorage", "Events"], path: "Tests/EventLogWriter",
            swiftSettings: swift),
        .testTarget(
            name: "EventStorageTests",
            dependencies: [
                "EventStorage", "Events", "Platform", "CPowerCut", "event-log-writer",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: swift),
        .testTarget(
            name: "SocketsTests", dependencies: ["Sockets", "Events", "Platform"], exclude: ["Corpus"],
            swiftSettings: swift),
        .testTarget(
            name: "ConfigurationTests",
            dependencies: [
                "Configuration", "Imaging", "Platform", .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            resources: [.copy("Golden")], swiftSettings: swift),
        .testTarget(
            name: "CaptureTests",
            dependencies: [
                "Capture", "CVideo4Linux", "SimulatedLine", "Imaging", "Platform", "CAllocationCounter",
            ],
            swiftSettings: swift),
        .testTarget(
            name: "TensorsTests", dependencies: ["Tensors", "Platform"], resources: [.copy("Golden")],
            swiftSettings: swift),
        .testTarget(
            name: "ImagingTests", dependencies: ["Imaging"], resources: [.copy("Golden")],
            swiftSettings: swift),
        .testTarget(
            name: "SimulatedLineTests", dependencies: ["SimulatedLine", "Imaging", "CAllocationCounter"],
            swiftSettings: swift),
        .testTarget(
            name: "EvaluationTests", dependencies: ["Evaluation", "Imaging", "Platform"],
            resources: [.copy("Golden")],
            swiftSettings: swift),
        .target(
            name: "TrainingFixtures", dependencies: ["Training", "Platform"], path: "Tests/TrainingFixtures",
            swiftSettings: swift),
        .executableTarget(
            name: "scripted-training", dependencies: ["Training", "TrainingFixtures"],
            path: "Tests/ScriptedTraining", swiftSettings: swift),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "Training", "TrainingFixtures", "scripted-training", "AnomalyModels", "Evaluation",
                "Inference", "Kernels", "ModelPackages",
                "SimulatedLine", "Tensors", "Imaging", "Platform",
            ],
            resources: [.copy("Golden")], swiftSettings: swift),
        .testTarget(
            name: "KernelsTests", dependencies: ["Kernels", "CKernels", "Tensors", "Imaging", "Platform"],
            exclude: ["Arm"], resources: [.copy("Golden")], swiftSettings: swift),
        .testTarget(
            name: "ModelPackagesTests", dependencies: ["ModelPackages", "Tensors", "Platform"],
            swiftSettings: swift),
        .testTarget(
            name: "InferenceTests",
            dependencies: ["Inference", "Kernels", "Tensors", "Platform", "CAllocationCounter"],
            resources: [.copy("Golden")], swiftSettings: swift),
        .testTarget(
            name: "AnomalyModelsTests",
            dependencies: [
                "AnomalyModels", "Evaluation", "Inference", "Kernels", "Tensors", "ModelPackages", "Imaging",
                "Platform", "CAllocationCounter",
            ],
            resources: [.copy("Golden")], swiftSettings: swift),
    ],
    cLanguageStandard: .c17
)
