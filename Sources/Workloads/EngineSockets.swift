import Events
import Foundation

extension EngineSocket {
    /// Where engines listen when nobody says otherwise.
    static var usual: Set<EngineSocket> {
        var sockets: Set<EngineSocket> = [
            EngineSocket(.docker, "/run/docker.sock"), EngineSocket(.podman, "/run/podman/podman.sock"),
            EngineSocket(.cri, "/run/containerd/containerd.sock"), EngineSocket(.cri, "/run/crio/crio.sock"),
        ]
        if let path = ProcessInfo.processInfo.environment["DOCKER_HOST"].flatMap(path(url:)) {
            sockets.insert(EngineSocket(.docker, path))
        }
        return sockets
    }

    /// Of `unix:///run/docker.sock`; nil for what is no Unix socket with a path.
    static func path(url: String) -> String? {
        guard url.hasPrefix("unix://") else { return nil }
        let path = String(url.dropFirst(7))
        return path.hasPrefix("/") && path.utf8.count < 108 ? path : nil
    }
}

extension RuntimeRoots {
    /// Learns from how an engine was called where it answers. Only for processes of root outside of containers.
    mutating func learnSockets(_ words: ProcessWords) {
        guard sockets.count < Self.capacity, let name = words.executable.split(separator: "/").last else { return }
        switch name {
        case "dockerd":
            for path in Self.sockets(in: words) { sockets.insert(EngineSocket(.docker, path)) }
        case "podman":
            guard words.arguments.contains("service") else { return }
            for path in Self.sockets(in: words) { sockets.insert(EngineSocket(.podman, path)) }
        case "containerd":
            let file = Self.value(["config", "c"], words) ?? "/etc/containerd/config.toml"
            let path =
                Self.value(["address", "a"], words) ?? Self.toml("address", Files.text(file) ?? "", table: "grpc")
            if let path, path.hasPrefix("/") { sockets.insert(EngineSocket(.cri, path)) }
        case "crio":
            if let path = Self.value(["listen"], words), path.hasPrefix("/") {
                sockets.insert(EngineSocket(.cri, path))
            }
        default: break
        }
    }

    /// Every address among the words: `-H unix:///path`, `--host=unix:///path`, or by itself.
    private static func sockets(in words: ProcessWords) -> [String] {
        words.arguments.compactMap { word in
            word.range(of: "unix://").flatMap { EngineSocket.path(url: String(word[$0.lowerBound...])) }
        }
    }
}
