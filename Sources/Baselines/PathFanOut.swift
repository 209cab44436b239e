import Events

/// Joins many files of one directory into the directory, for each program and access apart.
enum PathFanOut {
    private struct Group: Hashable {
        var executable: String
        var access: Access
    }

    static func entries(_ opens: [OpenBehaviour]) -> [OpenEntry] {
        var groups: [Group: Directory] = [:]
        var entries: [OpenEntry] = []
        for open in opens {
            guard open.path.utf8.first == Glob.slash, open.path.utf8.count > 1 else {
                entries.append(OpenEntry(executable: open.executable, path: open.path, access: open.access))
                continue
            }
            let segments = open.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(
                String.init)
            groups[Group(executable: open.executable, access: open.access), default: Directory()].insert(segments[...])
        }
        for (group, root) in groups {
            var root = root
            root.collapse([])
            root.forEachPath { path, breadth in
                entries.append(
                    OpenEntry(
                        executable: group.executable, path: path, access: group.access, breadth: Breadth(breadth)))
            }
        }
        return entries
    }

    /// Whether many names in the directory may never become any name.
    static func isGuarded(_ directory: [String]) -> Bool {
        // Never the first segment.
        guard !directory.isEmpty else { return true }
        let path = "/" + directory.joined(separator: "/")
        if guarded.contains(path) { return true }
        return isSecret(directory) || isProgram(directory)
    }

    /// Directories of keys, tokens and passwords.
    static func isSecret(_ directory: [String]) -> Bool {
        let path = "/" + directory.joined(separator: "/") + "/"
        if secretTrees.contains(where: { path.hasPrefix($0) }) { return true }
        return directory.contains { secretNames.contains($0) }
    }

    /// Directories of programs and libraries, and those below.
    static func isProgram(_ directory: [String]) -> Bool {
        let path = "/" + directory.joined(separator: "/") + "/"
        return programTrees.contains { path.hasPrefix($0) }
    }

    /// Places in which all sorts of things lie side by side.
    private static let guarded: Set<String> = [
        "/etc", "/usr", "/usr/local", "/usr/share", "/home", "/root", "/var", "/var/lib", "/opt", "/srv", "/dev",
        "/proc", "/sys", "/run", "/mnt", "/media",
        "/boot", "/proc/*", "/proc/self", "/var/run",
    ]
    private static let secretTrees = [
        "/etc/ssh/", "/etc/ssl/private/", "/etc/pki/tls/private/", "/etc/kubernetes/", "/var/lib/kubelet/",
        "/run/secrets/",
        "/var/run/secrets/", "/etc/sudoers.d/", "/etc/pam.d/", "/etc/security/", "/etc/letsencrypt/", "/etc/openvpn/",
        "/etc/wireguard/", "/var/lib/docker/", "/var/lib/containerd/",
    ]
    private static let secretNames: Set<String> = [
        ".ssh", ".aws", ".kube", ".gnupg", ".docker", ".azure", ".config", "gcloud", "secrets", "serviceaccount",
        "private", ".password-store",
    ]
    private static let programTrees = [
        "/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/", "/lib/", "/lib32/",
        "/lib64/",
        "/usr/lib/", "/usr/lib32/", "/usr/lib64/", "/usr/libexec/", "/usr/local/lib/", "/opt/bin/",
    ]

    private struct Directory {
        var children: [String: Directory] = [:]
        var isPath = false
        /// Paths that were seen for which this one stands; 0: itself.
        var breadth = 0

        init(isPath: Bool = false, breadth: Int = 0) {
            self.isPath = isPath
            self.breadth = breadth
        }

        mutating func insert(_ segments: ArraySlice<String>) {
            guard let first = segments.first else {
                isPath = true
                return
            }
            children[first, default: Directory()].insert(segments.dropFirst())
        }

        mutating func merge(_ other: Directory) {
            if isPath, other.isPath { breadth = ownCount + other.ownCount } else { breadth += other.breadth }
            isPath = isPath || other.isPath
            for (name, child) in other.children { children[name, default: Directory()].merge(child) }
        }

        private var ownCount: Int { isPath ? max(breadth, 1) : 0 }
        /// Paths that were seen here and below.
        private var count: Int { ownCount + children.values.reduce(0) { $0 + $1.count } }

        /// It stands for so many paths more.
        private mutating func absorb(_ paths: Int) {
            breadth += paths
            isPath = true
        }

        /// What is below stands for what was seen in one directory of many.
        private mutating func widen() {
            if isPath { breadth = max(breadth, 1) }
            for name in children.keys { children[name]!.widen() }
        }

        var depth: Int { children.isEmpty ? 0 : 1 + children.values.map(\.depth).max()! }
        var isDeep: Bool { children["**"] != nil }

        mutating func collapse(_ place: [String]) {
            for name in children.keys { children[name]!.collapse(place + [name]) }
            if PathFanOut.isGuarded(place) {
                if PathFanOut.isProgram(place) { collapseLibraries() }
                return
            }
            let files = children.filter { $0.value.isPath && $0.key != "**" }
            if files.count > Generaliser.fanOut {
                let count = files.values.reduce(0) { $0 + $1.ownCount }
                for name in files.keys {
                    children[name]!.isPath = false
                    children[name]!.breadth = 0
                    if children[name]!.children.isEmpty { children[name] = nil }
                }
                children["*", default: Directory()].absorb(count)
            }
            let directories = children.filter { name, child in
                name != "**" && !child.children.isEmpty && !PathFanOut.isSecret(place + [name])
            }
            if directories.count > Generaliser.fanOut {
                var merged = Directory()
                for (name, child) in directories {
                    merged.merge(child)
                    children[name] = child.isPath ? Directory(isPath: true, breadth: child.breadth) : nil
                }
                merged.isPath = false
                merged.breadth = 0
                merged.widen()
                merged.collapse(place + ["*"])
                if merged.depth > 2 || merged.isDeep {
                    // What holds secrets stays as it was seen.
                    let deep = children.filter { !PathFanOut.isSecret(place + [$0.key]) }
                    for name in deep.keys { children[name] = nil }
                    children["**"] = Directory(
                        isPath: true, breadth: deep.values.reduce(merged.count) { $0 + $1.count })
                } else {
                    children["*", default: Directory()].merge(merged)
                }
            }
        }

        /// Libraries in their directories are as many as the program links; only those, not programs, become any.
        private mutating func collapseLibraries() {
            let libraries = children.filter {
                $0.value.isPath && $0.value.children.isEmpty && ($0.key.hasSuffix(".so") || $0.key.contains(".so."))
            }
            // A program links dozens as a matter of course; hundreds are plugins.
            guard libraries.count > 8 * Generaliser.fanOut else { return }
            for name in libraries.keys { children[name] = nil }
            children["*.so*", default: Directory()].absorb(libraries.count)
        }

        func forEachPath(_ prefix: String = "", _ body: (_ path: String, _ breadth: Int) -> Void) {
            for (name, child) in children {
                let path = prefix + "/" + name
                if child.isPath { body(path, child.breadth) }
                child.forEachPath(path, body)
            }
        }
    }
}
