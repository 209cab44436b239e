import Events
import Foundation

/// What the runtimes have written down about all containers of the node.
///
/// podman, docker and containerd all end in crun or runc: the state of these two names every container with its bundle,
/// and the bundle leads to the engine.
struct RuntimeState {
    var context: RuntimeContext

    init(roots: RuntimeRoots, environment: Set<String> = [], warn: @escaping (String) -> Void) {
        context = RuntimeContext(files: StateFiles(warn: warn), roots: roots, environment: environment)
    }

    func claims() -> [Claim] {
        var claims: [Claim] = []
        for root in context.roots.crun.sorted() { claims += Crun.claims(root: root, context) }
        for user in Files.directories(in: "/run/user").compactMap({ UInt32($0) }) {
            claims += self.claims(of: user, below: "/run/user/\(user)")
        }
        for root in context.roots.runc.sorted() { claims += Runc.claims(root: root, context) }
        for parent in context.roots.runcParents.sorted() {
            for namespace in Files.directories(in: parent) {
                claims += Runc.claims(root: "\(parent)/\(namespace)", context)
            }
        }
        return claims
    }

    /// Of one user's containers so many, and so many bytes anew, are read at a time: whoever fills the own directory
    /// must not hold up the rings.
    static let mostOfUser = 1024
    static let bytesOfUser = 4 << 20

    func claims(of user: UInt32, below directory: String) -> [Claim] {
        context.files.reading(atMost: Self.bytesOfUser, of: directory) {
            let claims =
                Crun.claims(root: directory + "/crun", most: Self.mostOfUser, context)
                + Runc.claims(root: directory + "/runc", most: Self.mostOfUser, context)
            return claims.map { claim in
                var claim = claim
                claim.user = user
                return claim
            }
        }
    }

    /// Learns custom places from the programs that run now and that may be believed: true where there were new ones.
    mutating func learnRoots(from believed: (UInt32) -> Bool) -> Bool {
        let before = context.roots
        for name in Files.names(in: "/proc") {
            guard let pid = UInt32(name), let executable = Files.link("/proc/\(pid)/exe"),
                RuntimeCall.tool(executable: executable) != nil || RuntimeCall.isNameless(executable),
                believed(pid)
            else { continue }
            let words = ProcessWords(
                executable: executable.hasPrefix("/memfd:") ? String(executable.dropFirst()) : executable,
                arguments: ProcessSnapshot.words(pid))
            var status = stat()
            guard stat("/proc/\(pid)", &status) == 0, status.st_uid == 0 else { continue }
            context.roots.learn(words)
            context.roots.learnSockets(words)
        }
        return context.roots != before
    }

    /// The directory of the hierarchy that a container's processes share, and that nothing else lives in.
    ///
    /// The runtime may have written the path as seen from a cgroup namespace, so only its end must agree; that the
    /// container's first process is there is what proves it.
    static func cgroup(of claim: Claim, in tree: CgroupTree) -> String? {
        guard let pid = claim.pid, let real = tree.hierarchy.cgroup(ofProcess: pid) else { return nil }
        if let start = claim.startTicks, let stat = ProcessSnapshot.Stat(pid: pid), stat.ticks != start { return nil }
        guard let claimed = claim.cgroupPath, claimed != "/" else {
            return real == "/" ? nil : container(claim.facts.id, above: real)
        }
        var path = real[...]
        while path.count > 1 {
            if path.hasSuffix(claimed) { return container(claim.facts.id, above: String(path)) }
            path = path[..<path.lastIndex(of: "/")!]
        }
        return nil
    }

    /// crun puts a container into `container` below the scope that systemd made for it: the scope is the container's.
    static func container(_ id: String, above path: String) -> String {
        let parts = path.split(separator: "/")
        guard parts.count > 1, parts.last == "container", parts[parts.count - 2].hasSuffix(".scope") else {
            return path
        }
        return "/" + parts.dropLast().joined(separator: "/")
    }
}
