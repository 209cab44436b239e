// swift-tools-version: 6.2
import PackageDescription

// `make fuzz` builds with a fuzzer's main what the replay of the corpora builds with tests.
let fuzzed: [Target.Dependency] = ["Events", "Workloads", "Baselines", "Drift", "Sinks"]
let fuzz: Target =
    Context.environment["DRIFTWATCH_FUZZ"] == nil
    ? .testTarget(name: "FuzzTests", dependencies: fuzzed, exclude: ["Corpus", "Fuzz.swift"])
    : .executableTarget(
        name: "Fuzz", dependencies: fuzzed, path: "Tests/FuzzTests", exclude: ["Corpus", "ReplayTests.swift"])

let package = Package(
    name: "driftwatch",
    products: [.executable(name: "driftwatch", targets: ["driftwatch"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // The identities that workloads carry as certificates.
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // What the runtimes say over their sockets: HTTP of podman and docker, gRPC of containerd.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        // The kernel half, and the only door to libbpf.
        .systemLibrary(
            name: "CLibbpf", pkgConfig: "libbpf", providers: [.apt(["libbpf-dev", "libelf-dev", "zlib1g-dev"])]),
        .systemLibrary(name: "CEvents", path: "bpf"),
        // Calls of the kernel that Swift cannot make.
        .systemLibrary(name: "CLinux"),
        .plugin(name: "CompileProbe", capability: .buildTool()),

        // kernel -> bytes -> values -> identity -> normal -> verdict -> line
        .target(name: "Probes", dependencies: ["CLibbpf"], plugins: ["CompileProbe"]),
        .target(name: "Events", dependencies: ["CEvents"]),
        .target(
            name: "Workloads",
            dependencies: [
                "Events",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(
            name: "Engines",
            dependencies: [
                "Workloads",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
                .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["Protocol"]),
        .target(
            name: "Baselines",
            dependencies: [
                "Events",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Yams", package: "Yams"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(
            name: "Drift",
            dependencies: ["Events", "Workloads", "Baselines", .product(name: "Crypto", package: "swift-crypto")]),
        .target(
            name: "Evidence",
            dependencies: [
                "CLinux", "Events", "Workloads", "Baselines", "Drift",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "X509", package: "swift-certificates"),
            ]),
        .target(
            name: "Sinks",
            dependencies: [
                "Events", "Workloads", "Baselines", "Drift", "Evidence", "Responses",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        // What is done about an alert, by policy.
        .target(
            name: "Responses",
            dependencies: [
                "CLinux", "Events", "Workloads", "Baselines", "Drift",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        // What the evidence says of a time, for people.
        .target(name: "Reports", dependencies: ["Events", "Workloads", "Baselines", "Drift", "Evidence", "Sinks"]),
        .executableTarget(
            name: "driftwatch",
            dependencies: [
                "CLinux", "Probes", "Events", "Workloads", "Engines", "Baselines", "Drift", "Evidence", "Sinks",
                "Responses", "Reports",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]),

        .testTarget(name: "EventsTests", dependencies: ["Events", "CEvents"]),
        // Programs that tests start and talk with.
        .target(name: "Companions", path: "Tests/Companions"),
        .testTarget(
            name: "WorkloadsTests",
            dependencies: ["Companions", "Workloads", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(
            name: "EnginesTests",
            dependencies: [
                "Companions", "Engines", "Workloads",
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
                .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
            ]),
        .testTarget(
            name: "BaselinesTests", dependencies: ["Baselines", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(name: "DriftTests", dependencies: ["Drift"]),
        .testTarget(
            name: "EvidenceTests",
            dependencies: [
                "Evidence", .product(name: "X509", package: "swift-certificates"),
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .testTarget(name: "SinksTests", dependencies: ["Sinks"]),
        .testTarget(name: "ResponsesTests", dependencies: ["Companions", "Responses"]),
        .testTarget(name: "ReportsTests", dependencies: ["Companions", "Reports"]),
        // Against the real kernel.
        .testTarget(name: "ProbesTests", dependencies: ["Probes"]),
        // The command itself, against the real kernel and real containers.
        .testTarget(
            name: "NodeTests",
            dependencies: ["Probes", "Events", "Baselines", .product(name: "Crypto", package: "swift-crypto")]),
        fuzz,
    ]
)
